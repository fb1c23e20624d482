package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// TestForecastIsWhatComes: what is foretold is what the planner does, window by
// window, if every run succeeds.
func TestForecastIsWhatComes(t *testing.T) {
	for _, tt := range []struct {
		name, schedule, window string
		lane                   string // how long before the begin it stands, "" for a hunt that is new
	}{
		{"new", `cron: "*/5 * * * *"`, "max: 1h", ""},
		{"new, in one piece", `cron: "@daily", timezone: Europe/Berlin`, "max: 24h", ""},
		{"up to date", `cron: "*/5 * * * *"`, "max: 1h", "6m30s"},
		{"behind", `cron: "0 * * * *"`, "max: 45m", "7h"},
		{"each", `cron: "*/10 * * * *", catch_up: each, max_catch_up: 5`, "max: 7m", "3h"},
		{"skip", `cron: "*/10 * * * *", catch_up: skip`, "max: 7m", "3h"},
		{"jitter", `cron: "*/10 * * * *", jitter: 9m`, "max: 1h", ""},
		{"slots that come twice", `cron: "*/20 1 * * *", timezone: America/New_York`, "max: 30m", "30h"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := parseHunt(t, strings.Replace(fmt.Sprintf(`
name: foretold
schedule: { jitter: 0s, %s }
source: { connection: main, search: search index=windows }
window: { lag: 90s, first: 2h, %s }
deliver: { records: all }
`, tt.schedule, tt.window), "jitter: 0s, cron", "cron", strings.Count(tt.schedule, "jitter")))
			now, l := instant(t, "2026-11-01T03:07:00Z"), newFakeLedger()
			if tt.lane != "" {
				back, err := time.ParseDuration(tt.lane)
				if err != nil {
					t.Fatal(err)
				}
				at := now.Add(-back).Truncate(time.Second)
				l.lane = LaneState{Known: true, Slot: h.Schedule.NewestSlot(at), Watermark: at.Unix() - 90, ReportFrom: 1}
			}
			due, next, err := Forecast(h, l.lane, now, 12)
			if err != nil || len(next) < 12 {
				t.Fatalf("%d fires, %v", len(next), err)
			}
			foretold := windowsOf(h, append(due, next...))
			drain(t, l, h, now)
			for _, f := range next {
				if f.Start.Before(now) || f.Start.Sub(f.Slot) != h.Jitter() && !f.Several {
					t.Errorf("slot %s starts at %s", f.Slot, f.Start)
				}
				drain(t, l, h, f.Start)
			}
			var came []string
			for _, r := range l.ended {
				came = append(came, r.Window.String())
			}
			if diff := cmp.Diff(came, foretold); diff != "" {
				t.Errorf("windows (-came +foretold):\n%s", diff)
			}
			var gaps []pipeline.Window
			for _, f := range append(due, next...) {
				if !f.Gap.Empty() {
					gaps = append(gaps, f.Gap)
				}
			}
			if diff := cmp.Diff(l.gaps, gaps); diff != "" {
				t.Errorf("gaps (-came +foretold):\n%s", diff)
			}
		})
	}
}

// windowsOf writes the windows of fires one by one.
func windowsOf(h *hunt.Hunt, fires []Fire) (all []string) {
	for _, f := range fires {
		for _, c := range f.Cuts {
			w, n := pipeline.Window{From: c.Span.From}, 0
			for ; w.From < c.Span.To; w.From = w.To {
				w.To = min(w.From+int64(h.Window.Max/time.Second), c.Span.To)
				all, n = append(all, w.String()), n+1
			}
			if n != c.Windows {
				all = append(all, fmt.Sprintf("%d windows, said to be %d", n, c.Windows))
			}
		}
	}
	return all
}

// TestForecastOfManySlots: slots without end are not foretold one by one, and a
// long way back costs nothing.
func TestForecastOfManySlots(t *testing.T) {
	h := planned(t, "* * * * *", "UTC", "1s")
	h.Spec.Schedule.CatchUp, h.Spec.Schedule.MaxCatchUp = hunt.CatchUpEach, 10000
	now := instant(t, "2026-03-01T00:00:30Z")
	lane := LaneState{Known: true, Slot: now.AddDate(0, 0, -1), Watermark: now.AddDate(0, 0, -1).Unix()}
	due, _, err := Forecast(h, lane, now, 1)
	if err != nil || len(due) != fewSlots+1 || !due[fewSlots].Several {
		t.Fatalf("%d slots, %v, want %d and one for the others", len(due), err, fewSlots)
	}
	if last := due[fewSlots].Cuts[0].Span.To; last != now.Unix()-30-90 {
		t.Errorf("foretold until %d", last)
	}
	h.Spec.Schedule.CatchUp = hunt.CatchUpCoalesce
	lane.Watermark = 0
	due, _, err = Forecast(h, lane, now, 1)
	if want := int(now.Unix() - 30 - 90); err != nil || len(due) != 1 || due[0].Cuts[0].Windows != want {
		t.Errorf("%+v, %v: want one cut of %d windows", due, err, want)
	}
}

// TestForecastWarmsUp: what only warms up is told apart.
func TestForecastWarmsUp(t *testing.T) {
	h := parseHunt(t, fmt.Sprintf(plannedHunt, "0 * * * *", "UTC", "1h")+"pipeline: [{ first_seen: { by: [host], look_back: 150m } }]\n")
	due, _, err := Forecast(h, LaneState{}, instant(t, "2026-03-01T12:10:00Z"), 0)
	if err != nil || len(due) != 1 {
		t.Fatalf("%+v, %v", due, err)
	}
	end := instant(t, "2026-03-01T12:00:00Z").Unix() - 90
	want := []Cut{
		{Span: pipeline.Window{From: end - 7200 - 9000, To: end - 7200}, Windows: 3, WarmUp: true},
		{Span: pipeline.Window{From: end - 7200, To: end}, Windows: 2},
	}
	if diff := cmp.Diff(want, due[0].Cuts); diff != "" {
		t.Errorf("cuts (-want +got):\n%s", diff)
	}
	if _, _, err := Forecast(h, LaneState{Known: true, Watermark: 1 << 40}, instant(t, "2026-03-01T12:10:00Z"), 1); err == nil {
		t.Error("a watermark that is still to come was no error")
	}
	due, next, err := Forecast(h, LaneState{Known: true, Paused: true}, instant(t, "2026-03-01T12:10:00Z"), 2)
	if err != nil || len(due) != 0 || len(next) != 2 || next[0].Cuts != nil {
		t.Errorf("of a paused hunt: %+v, %+v, %v", due, next, err)
	}
}
