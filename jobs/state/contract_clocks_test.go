package state

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
)

// testClocksAreSet plans and commits over the nights in which clocks are set, of
// the table that the planner is tested with.
func testClocksAreSet(t *testing.T, open func() *Ledger) {
	text, err := os.ReadFile("../testdata/clocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var nights []struct {
		Name, Cron, Zone string
		From, To         time.Time
		Slots            []string // in UTC
	}
	if err := json.Unmarshal(text, &nights); err != nil || len(nights) == 0 {
		t.Fatal(err)
	}
	l := open()
	for i, n := range nights {
		h, err := hunt.Parse("night.yaml", fmt.Appendf(nil, `
name: night-%d
schedule: { cron: %q, timezone: %s, jitter: 0s }
source: { connection: main, search: search index=windows }
window: { lag: 90s, max: 3h, first: 2h }
deliver: { records: all }
`, i, n.Cron, n.Zone), asSplunk)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{Ledger: l, t: t, ctx: t.Context(), hunt: h.Name}
		var slots []string
		for w.now = n.From; w.now.Before(n.To); w.now = w.now.Add(30 * time.Minute) {
			if !w.drain(h) {
				continue
			}
			if s := w.lane().Slot.Format("2006-01-02 15:04"); len(slots) == 0 || slots[len(slots)-1] != s {
				slots = append(slots, s)
			}
		}
		if diff := cmp.Diff(n.Slots, slots); diff != "" {
			t.Errorf("%s: slots (-want +got):\n%s", n.Name, diff)
		}
		runs, err := l.Runs(w.ctx, h.Name, jobs.Live)
		w.must(err)
		for i, r := range runs {
			if r.State != jobs.Succeeded || r.Window.Empty() || r.Window.Span() > 3*time.Hour || i > 0 && r.Window.From != runs[i-1].Window.To {
				t.Errorf("%s: window %d, %s, is %s", n.Name, i, r.Window, r.State)
			}
		}
		w.wantWatermark(w.lane().Slot.Unix() - 90)
	}
}

// drain plans and commits until nothing is due, and reports whether anything was.
func (w *world) drain(h *hunt.Hunt) (any bool) {
	w.t.Helper()
	for ; ; any = true {
		queued, err := jobs.Plan(w.ctx, w.Ledger, []*hunt.Hunt{h}, w.now)
		w.must(err)
		if queued == 0 {
			return any
		}
		r, ok := w.next()
		if !ok {
			w.t.Fatal("a run was queued that nobody can claim")
		}
		w.commit(r)
	}
}
