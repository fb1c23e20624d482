package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

const catchUpHunt = `
name: planned
schedule: { cron: "*/10 * * * *", jitter: 0s, catch_up: %s, max_catch_up: 3 }
source: { connection: main, search: search index=windows }
window: { lag: 60s, max: %s, first: 10m }
deliver: { records: all }
`

// TestCatchUp: what becomes of the slots that went by while nothing planned.
func TestCatchUp(t *testing.T) {
	start := instant(t, "2026-05-05T10:00:00Z")
	at := func(minutes int) int64 { return start.Add(time.Duration(minutes)*time.Minute).Unix() - 60 }
	span := func(from, to int) pipeline.Window { return pipeline.Window{From: at(from), To: at(to)} }
	for _, tt := range []struct {
		policy, longest string
		asleep          time.Duration
		windows, gaps   []pipeline.Window
	}{
		{hunt.CatchUpCoalesce, "1h", 35 * time.Minute, []pipeline.Window{span(0, 30)}, nil},
		{hunt.CatchUpEach, "1h", 35 * time.Minute, []pipeline.Window{span(0, 10), span(10, 20), span(20, 30)}, nil},
		{hunt.CatchUpSkip, "1h", 35 * time.Minute, []pipeline.Window{span(20, 30)}, []pipeline.Window{span(0, 20)}},
		{hunt.CatchUpSkip, "1h", 15 * time.Minute, []pipeline.Window{span(0, 10)}, nil},
		// Of more than three missed slots the oldest are one pass, in pieces.
		{hunt.CatchUpEach, "15m", 65 * time.Minute, []pipeline.Window{span(0, 15), span(15, 30), span(30, 40), span(40, 50), span(50, 60)}, nil},
		{hunt.CatchUpEach, "5m", 15 * time.Minute, []pipeline.Window{span(0, 5), span(5, 10)}, nil},
	} {
		t.Run(fmt.Sprintf("%s for %s in pieces of %s", tt.policy, tt.asleep, tt.longest), func(t *testing.T) {
			h, l := parseHunt(t, fmt.Sprintf(catchUpHunt, tt.policy, tt.longest)), newFakeLedger()
			drain(t, l, h, start)
			before := len(l.ended)
			drain(t, l, h, start.Add(tt.asleep))
			var got []pipeline.Window
			for _, r := range l.ended[before:] {
				got = append(got, r.Window)
			}
			if diff := cmp.Diff(tt.windows, got); diff != "" {
				t.Errorf("windows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.gaps, l.gaps); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEachGoesOnBehindAFailure: a missed slot whose run has failed for good does
// not hold the lane for ever.
func TestEachGoesOnBehindAFailure(t *testing.T) {
	h, l := parseHunt(t, fmt.Sprintf(catchUpHunt, hunt.CatchUpEach, "1h")), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now)
	mark := l.lane.Watermark
	now = now.Add(25 * time.Minute)
	if queued, err := planOne(l, h, now); err != nil || !queued {
		t.Fatal(queued, err)
	}
	l.end(false)
	if queued, err := planOne(l, h, now); err != nil || !queued {
		t.Fatalf("nothing was queued behind the failure, %v", err)
	}
	if want := (pipeline.Window{From: mark, To: mark + 1200}); l.run.Window != want {
		t.Errorf("the slot behind the failure examines %s, want %s", l.run.Window, want)
	}
}

func TestPausedHuntsAreNotPlanned(t *testing.T) {
	h, l := parseHunt(t, fmt.Sprintf(catchUpHunt, hunt.CatchUpCoalesce, "1h")), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now)
	l.lane.Paused = true
	if queued, err := planOne(l, h, now.Add(time.Hour)); err != nil || queued {
		t.Errorf("queued %v, %v", queued, err)
	}
	l.lane.Paused = false
	drain(t, l, h, now.Add(time.Hour))
	tiles(t, l.ended, time.Hour)
	if want := now.Add(time.Hour).Unix() - 60; l.lane.Watermark != want {
		t.Errorf("covered until %d, want the pause too: %d", l.lane.Watermark, want)
	}
}

// TestJitter: the start is put off, always by the same, and the windows stay
// those of the slots.
func TestJitter(t *testing.T) {
	text := func(name, schedule string) *hunt.Hunt {
		return parseHunt(t, fmt.Sprintf(`
name: %s
schedule: { %s }
source: { connection: main, search: search index=windows }
window: { lag: 60s, first: 10m }
deliver: { records: all }
`, name, schedule))
	}
	seen := map[time.Duration]bool{}
	for i := range 40 {
		h := text(fmt.Sprint("hunt-", i), `cron: "*/10 * * * *"`)
		if j := h.Jitter(); j < 0 || j > time.Minute || j != text(h.Name, `cron: "*/10 * * * *"`).Jitter() {
			t.Errorf("%s starts %s late", h.Name, j)
		}
		seen[h.Jitter()] = true
	}
	if len(seen) < 30 {
		t.Errorf("40 hunts start at %d moments only", len(seen))
	}
	for schedule, most := range map[string]time.Duration{
		`cron: "0 3 * * *"`:                 5 * time.Minute,
		`cron: "* * * * *"`:                 6 * time.Second,
		`cron: "* * * * *", jitter: 0s`:     0,
		`cron: "* * * * *", jitter: 30s`:    30 * time.Second,
		`cron: "@every 20m"`:                2 * time.Minute,
		`cron: "0,1 3 * * *", jitter: 100s`: 100 * time.Second,
	} {
		if j := text("a", schedule).Jitter(); j > most {
			t.Errorf("%s starts %s late, want at most %s", schedule, j, most)
		}
	}

	h, l := text("late", `cron: "*/10 * * * *", jitter: 59s`), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now) // new: due at once
	next := now.Add(10 * time.Minute)
	if queued, err := planOne(l, h, next.Add(h.Jitter()-time.Millisecond)); err != nil || queued {
		t.Errorf("it started before its time: %v", err)
	}
	if queued, err := planOne(l, h, next.Add(h.Jitter())); err != nil || !queued {
		t.Fatalf("it did not start: %v", err)
	}
	if want := next.Unix() - 60; l.run.Window.To != want || !l.run.Slot.Equal(next) {
		t.Errorf("window %s of slot %s, want the slot's", l.run.Window, l.run.Slot)
	}
}
