package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

const plannedHunt = `
name: planned
schedule: { cron: %q, timezone: %s, jitter: 0s }
source: { connection: main, search: search index=windows }
window: { lag: 90s, max: %s, first: 2h }
deliver: { records: all }
`

func planned(t *testing.T, cron, zone, longest string) *hunt.Hunt {
	t.Helper()
	return parseHunt(t, fmt.Sprintf(plannedHunt, cron, zone, longest))
}

// planOne plans the hunt and reports whether a run was queued.
func planOne(l *fakeLedger, h *hunt.Hunt, now time.Time) (bool, error) {
	n, err := Plan(context.Background(), l, []*hunt.Hunt{h}, now)
	return n == 1, err
}

// drain plans and ends runs until nothing is due at now.
func drain(t *testing.T, l *fakeLedger, h *hunt.Hunt, now time.Time) {
	t.Helper()
	for {
		queued, err := planOne(l, h, now)
		if err != nil {
			t.Fatal(err)
		}
		if !queued {
			return
		}
		l.end(true)
	}
}

// tiles reports where windows leave a gap or overlap, or are longer than they
// may be.
func tiles(t *testing.T, runs []Run, longest time.Duration) {
	t.Helper()
	for i, r := range runs {
		if r.Window.Empty() || r.Window.Span() > longest {
			t.Errorf("window %s spans %s", r.Window, r.Window.Span())
		}
		if i > 0 && r.Window.From != runs[i-1].Window.To {
			t.Errorf("window %s follows %s", r.Window, runs[i-1].Window)
		}
	}
}

// A night in which clocks are set, and the slots of a cron line around it. The
// ledger's tests read the same table.
type night struct {
	Name, Cron, Zone string
	From, To         time.Time
	Slots            []string // in UTC
}

func nights(t *testing.T) (all []night) {
	t.Helper()
	text, err := os.ReadFile("testdata/clocks.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	return all
}

// TestWindowsTileWhenClocksAreSet plans second by slot over the nights in which
// clocks are set, for times that do not exist and for times that exist twice.
func TestWindowsTileWhenClocksAreSet(t *testing.T) {
	for _, tt := range nights(t) {
		t.Run(tt.Name, func(t *testing.T) {
			h, l := planned(t, tt.Cron, tt.Zone, "3h"), newFakeLedger()
			var slots []string
			for now, end := tt.From, tt.To; now.Before(end); now = now.Add(15 * time.Minute) {
				drain(t, l, h, now)
				if s := l.lane.Slot.UTC().Format("2006-01-02 15:04"); len(slots) == 0 || slots[len(slots)-1] != s {
					slots = append(slots, s)
				}
			}
			if diff := cmp.Diff(tt.Slots, slots); diff != "" {
				t.Errorf("slots (-want +got):\n%s", diff)
			}
			tiles(t, l.ended, 3*time.Hour)
			if want := l.lane.Slot.Unix() - 90; l.lane.Watermark != want {
				t.Errorf("covered until %d, want the last slot less the lag: %d", l.lane.Watermark, want)
			}
			first := instant(t, strings.Replace(tt.Slots[0], " ", "T", 1)+":00Z").Add(-2*time.Hour - 90*time.Second).Unix()
			if l.ended[0].Window.From != first {
				t.Errorf("the first window begins at %d, want window.first before the first slot: %d", l.ended[0].Window.From, first)
			}
		})
	}
}

func TestMinutesTileWhenClocksAreSet(t *testing.T) {
	for zone, nights := range map[string][]string{
		"America/New_York":    {"2026-03-08", "2026-11-01"},
		"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
		"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
		"America/Havana":      {"2026-03-08", "2026-11-01"},
	} {
		for _, night := range nights {
			h, l := planned(t, "*/10 * * * *", zone, "1h"), newFakeLedger()
			start := instant(t, night+"T00:00:00Z").Add(-24 * time.Hour)
			for now := start; now.Before(start.Add(72 * time.Hour)); now = now.Add(10 * time.Minute) {
				drain(t, l, h, now)
			}
			tiles(t, l.ended, time.Hour)
			if want := 2 + 72*6 - 1; len(l.ended) != want { // two pieces of the first two hours, then one each ten minutes
				t.Errorf("%s, %s: %d windows in three days, want %d", zone, night, len(l.ended), want)
			}
		}
	}
}

func TestFirstSlotIsTheNewestPast(t *testing.T) {
	h, l := planned(t, "0 * * * *", "UTC", "1h"), newFakeLedger()
	now := instant(t, "2026-05-05T10:30:00Z")
	if queued, err := planOne(l, h, now); err != nil || !queued {
		t.Fatalf("a new hunt was not due at once: %v, %v", queued, err)
	}
	end := instant(t, "2026-05-05T10:00:00Z").Unix() - 90
	want := pipeline.Window{From: end - 7200, To: end - 3600}
	if l.run.Window != want {
		t.Errorf("first window %s, want %s", l.run.Window, want)
	}
	if queued, err := planOne(l, h, now); err != nil || queued {
		t.Errorf("a second run was queued beside the open one: %v, %v", queued, err)
	}
}

func TestSlotsThatWentByAreOnePass(t *testing.T) {
	h, l := planned(t, "*/5 * * * *", "UTC", "1h"), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now)
	before := len(l.ended)
	drain(t, l, h, now.Add(150*time.Minute))
	if got := len(l.ended) - before; got != 3 { // 1 h, 1 h, 30 min: not one for each of the 30 slots
		t.Errorf("after 2½ hours of silence %d windows were examined, want 3", got)
	}
	tiles(t, l.ended, time.Hour)
}

// TestFailureForGood: what failed is not tried again within its slot, and the
// next slot begins at the same second.
func TestFailureForGood(t *testing.T) {
	h, l := planned(t, "0 * * * *", "UTC", "1h"), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now)
	mark := l.lane.Watermark
	for slot := range 3 {
		now = now.Add(time.Hour)
		queued, err := planOne(l, h, now)
		if err != nil || !queued {
			t.Fatalf("slot %d: the failure before blocks it: %v, %v", slot, queued, err)
		}
		if l.run.Window.From != mark || !l.run.Slot.Equal(now) {
			t.Errorf("slot %d: window %s of slot %s, want it to begin at %d", slot, l.run.Window, l.run.Slot, mark)
		}
		l.end(false)
		for range 3 {
			if queued, err := planOne(l, h, now.Add(time.Minute)); err != nil || queued {
				t.Errorf("slot %d: a run that failed for good is tried again within its slot: %v, %v", slot, queued, err)
			}
		}
	}
	drain(t, l, h, now.Add(time.Hour))
	tiles(t, l.ended, time.Hour)
	if want := now.Add(time.Hour).Unix() - 90; l.lane.Watermark != want {
		t.Errorf("covered until %d after the failures, want %d", l.lane.Watermark, want)
	}
}

func TestClockSetBack(t *testing.T) {
	h, l := planned(t, "*/10 * * * *", "UTC", "1h"), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	drain(t, l, h, now)
	// Ten days ahead by mistake; one piece of them is examined before somebody notices.
	if queued, err := planOne(l, h, now.Add(240*time.Hour)); err != nil || !queued {
		t.Fatal(queued, err)
	}
	l.end(true)
	if _, err := planOne(l, h, now.Add(5*time.Minute)); err == nil || !strings.Contains(err.Error(), "set back") {
		t.Errorf("the hunt is covered beyond the clock, and Plan says: %v", err)
	}
	// Once the clock has caught up, no window reaches beyond it, though the
	// ledger knows a slot that is days away.
	for at := now.Add(time.Hour); at.Before(now.Add(5 * time.Hour)); at = at.Add(10 * time.Minute) {
		drain(t, l, h, at)
		if l.lane.Watermark > at.Unix() {
			t.Fatalf("at %s the hunt is covered until %d, which is %d s ahead", at, l.lane.Watermark, l.lane.Watermark-at.Unix())
		}
	}
	tiles(t, l.ended, time.Hour)
}

func TestCovered(t *testing.T) {
	h, l := planned(t, "*/10 * * * *", "UTC", "1h"), newFakeLedger()
	now := instant(t, "2026-05-05T10:00:00Z")
	covered := func() bool {
		t.Helper()
		ok, err := Covered(context.Background(), l, h, now)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if covered() {
		t.Error("a hunt that the ledger does not know is covered")
	}
	if _, err := planOne(l, h, now); err != nil {
		t.Fatal(err)
	}
	if covered() {
		t.Error("a hunt with an open run is covered")
	}
	l.end(true)
	drain(t, l, h, now)
	if !covered() {
		t.Error("a hunt without anything due is not covered")
	}
	if now = now.Add(10 * time.Minute); covered() {
		t.Error("the next slot has come and the hunt is covered")
	}
}

func TestManualWindow(t *testing.T) {
	h := planned(t, "0 * * * *", "UTC", "1h")
	now := instant(t, "2026-05-05T10:30:00.7Z")
	want := pipeline.Window{From: now.Unix() - 90 - 7200, To: now.Unix() - 90}
	if got := h.ManualWindow(now); got != want {
		t.Errorf("window %s, want %s", got, want)
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
