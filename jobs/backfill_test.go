package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// TestBackfillCutsAsTheLiveLaneDid: over time that the live lane has examined
// slot by slot, a backfill has the same windows, and so the same ids.
func TestBackfillCutsAsTheLiveLaneDid(t *testing.T) {
	for _, tt := range []struct{ cron, zone, longest string }{
		{"*/10 * * * *", "UTC", "1h"},
		{"*/10 * * * *", "UTC", "4m"},
		{"0 */5 * * *", "Asia/Tokyo", "2h"},
		{"30 1,2 * * *", "America/New_York", "12h"}, // over both nights in which clocks are set, see below
	} {
		for _, night := range []string{"2026-03-08", "2026-11-01"} {
			t.Run(fmt.Sprint(tt.cron, " in pieces of ", tt.longest, ", ", night), func(t *testing.T) {
				h, l := planned(t, tt.cron, tt.zone, tt.longest), newFakeLedger()
				start := instant(t, night+"T00:00:00Z").Add(-24 * time.Hour)
				var slots []Run
				for now := start; now.Before(start.Add(72 * time.Hour)); now = now.Add(time.Minute) {
					drain(t, l, h, now)
				}
				for _, r := range l.ended { // the first run covers window.first in one piece
					if r.Slot.After(l.ended[0].Slot) {
						slots = append(slots, r)
					}
				}
				w := pipeline.Window{From: slots[0].Window.From, To: slots[len(slots)-1].Window.To}
				b := NewBackfill(h, "b", w, true)
				var want, got []pipeline.Window
				for _, r := range slots {
					want = append(want, r.Window)
				}
				for {
					next, slot := b.Next(h)
					if next.Empty() {
						break
					}
					if slot.Unix()-90 < next.To {
						t.Fatalf("window %s of slot %s", next, slot)
					}
					got, b.Watermark = append(got, next), next.To
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("windows (-live +backfill):\n%s", diff)
				}
			})
		}
	}
}

func TestBackfillWarmsUp(t *testing.T) {
	h := parseHunt(t, rememberingHunt)
	w := pipeline.Window{From: 1_000_000, To: 1_007_200}
	b := NewBackfill(h, "b", w, true)
	if want := w.From - 24*3600; b.WarmFrom != want || b.Watermark != want {
		t.Errorf("it begins at %d, want a day before: %d", b.WarmFrom, want)
	}
	if b := NewBackfill(h, "b", w, false); b.WarmFrom != w.From {
		t.Errorf("without warm-up it begins at %d", b.WarmFrom)
	}
}
