package state

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
)

func TestSQLite(t *testing.T) {
	contract(t, func(t *testing.T) (open func() *Ledger) {
		path := filepath.Join(t.TempDir(), "huntd.db")
		return func() *Ledger { return openFile(t, path) }
	})
}

// contract is what every kind of state must keep. make returns a function that
// opens the same state, empty at first, each time.
func contract(t *testing.T, make func(t *testing.T) func() *Ledger) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, open func() *Ledger)
	}{
		{"plan", testPlan},
		{"claim", testClaim},
		{"commit", testCommit},
		{"fence", testFence},
		{"lapsed lease", testLapsedLease},
		{"watermark", testWatermark},
		{"failures", testFailures},
		{"resume", testResume},
		{"manual lane", testManual},
		{"recover", testRecover},
		{"outbox", testOutbox},
		{"split", testSplit},
		{"clock set back", testClockSetBack},
		{"suppressions", testSuppressions},
		{"planners at once", testPlannersAtOnce},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, make(t)) })
	}
}

func testPlan(t *testing.T, open func() *Ledger) {
	l := open()
	if s, err := l.Lane(context.Background(), "h", jobs.Live); err != nil || s != (jobs.LaneState{}) {
		t.Errorf("a hunt that is not known: %+v, %v", s, err)
	}
	w := newWorld(t, l, "h")
	w.must(l.Begin(w.ctx, "h", w.slot.Add(time.Hour), 99, w.now)) // known already: nothing changes
	want := jobs.LaneState{Known: true, Slot: w.slot, Watermark: w.mark}
	lane := func() jobs.LaneState {
		s, err := l.Lane(w.ctx, "h", jobs.Live)
		w.must(err)
		return s
	}
	if diff := cmp.Diff(want, lane()); diff != "" {
		t.Errorf("lane (-want +got):\n%s", diff)
	}
	late := w.run(w.mark + 600)
	late.Window.From++
	if w.planned(late) {
		t.Error("a window that does not begin at the watermark was queued")
	}
	r := w.plan(w.mark + 600)
	if !lane().Open {
		t.Error("the lane has no open run")
	}
	w.slot = w.slot.Add(time.Hour)
	if w.planned(w.run(w.mark + 900)) {
		t.Error("a second run of the lane was queued")
	}
	if got := lane().Slot; !got.Equal(w.slot) {
		t.Errorf("the slot is %s, want the newest that was planned, %s", got, w.slot)
	}
	w.must(l.Advance(w.ctx, "h", w.slot.Add(-time.Hour), w.now))
	w.must(l.Advance(w.ctx, "h", w.slot.Add(time.Hour), w.now))
	if got := lane().Slot; !got.Equal(w.slot.Add(time.Hour)) {
		t.Errorf("the slot is %s after it was advanced", got)
	}
	w.commit(w.claim(r))
	if w.planned(r) {
		t.Error("a run that has succeeded was queued again")
	}
	if n, err := l.OpenRuns(w.ctx); n != 0 || err != nil {
		t.Errorf("%d open runs, %v", n, err)
	}
}

func testClaim(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	if r, ok := w.next(); ok {
		t.Errorf("claimed %s of nothing", r.ID)
	}
	r := w.plan(w.mark + 600)
	if _, ok, err := w.Claim(w.ctx, []string{"x", "y"}, "me", w.now.Add(jobs.Lease), w.now); ok || err != nil {
		t.Errorf("claimed a run of a hunt that is not in the list: %v, %v", ok, err)
	}
	if _, ok, err := w.Claim(w.ctx, nil, "me", w.now.Add(jobs.Lease), w.now); ok || err != nil {
		t.Errorf("claimed a run of no hunt: %v, %v", ok, err)
	}
	got := w.claim(r)
	r.State, r.Fence, r.Attempts, r.Notes = jobs.Running, 2, 1, map[string]int{}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("claimed run (-want +got):\n%s", diff)
	}
	if again, ok := w.next(); ok {
		t.Errorf("%s was claimed twice", again.ID)
	}
	// The oldest comes first, and manual runs before all.
	var want []string
	for _, hunt := range []string{"b", "a"} {
		w.now = w.now.Add(time.Second)
		want = append(want, newWorld(t, w.Ledger, hunt).at(w.now).plan(w.mark+600).ID)
	}
	w.now = w.now.Add(time.Second)
	manual := w.run(w.mark + 5)
	manual.Lane = jobs.Manual
	w.must(w.Insert(w.ctx, manual, w.now))
	want = slices.Insert(want, 0, manual.ID)
	var order []string
	for range want {
		r, ok, err := w.Claim(w.ctx, []string{"a", "b", "h"}, "me", w.now.Add(jobs.Lease), w.now)
		w.must(err)
		if ok {
			order = append(order, r.ID)
		}
	}
	if !slices.Equal(order, want) {
		t.Errorf("claimed in the order %q, want %q", order, want)
	}
}

func (w *world) at(now time.Time) *world {
	w.now = now
	return w
}

func testCommit(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.SetSID(w.ctx, r, "sid"))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a"), body("b")}, w.now))
	w.must(w.Stage(w.ctx, r, 2, []jobs.Body{body("c")}, w.now))
	w.wantSendable()
	w.wantWatermark(w.mark)
	if n, err := w.Pending(w.ctx, ""); n != 0 || err != nil {
		t.Errorf("%d events wait to be sent before the commit, %v", n, err)
	}
	res := jobs.Result{RecordsIn: 9, RecordsOut: 4, Findings: 3, Suppressed: 1, Notes: map[string]int{"limit.dropped": 5}}
	r.SpecHash = "newer"
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Result: res}, w.now))
	w.wantSendable("a", "b", "c")
	w.wantWatermark(r.Window.To)
	got := w.wantState(r, jobs.Succeeded)
	want := r
	want.State, want.Result, want.SID = jobs.Succeeded, res, ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	if err := w.Commit(w.ctx, jobs.Commit{Run: r, Result: res}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("second commit: %v", err)
	}
	if n, err := w.Pending(w.ctx, r.ID); n != 3 || err != nil {
		t.Errorf("%d events of the run wait to be sent, want 3, %v", n, err)
	}
	runs, err := w.Runs(w.ctx, "h", jobs.Live)
	w.must(err)
	if diff := cmp.Diff([]jobs.Run{want}, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func testPlannersAtOnce(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	const planners = 8
	type answer struct {
		planned, claimed bool
		err              error
	}
	answers := make(chan answer)
	for range planners {
		go func() {
			var a answer
			a.planned, a.err = w.Plan(w.ctx, w.run(w.mark+600), w.now)
			if a.err == nil {
				_, a.claimed, a.err = w.Claim(w.ctx, []string{"h"}, "me", w.now.Add(jobs.Lease), w.now)
			}
			answers <- a
		}()
	}
	planned, claimed := 0, 0
	for range planners {
		a := <-answers
		w.must(a.err)
		if a.planned {
			planned++
		}
		if a.claimed {
			claimed++
		}
	}
	if planned != 1 || claimed != 1 {
		t.Errorf("%d planners queued a run and %d workers claimed it, want 1 each", planned, claimed)
	}
}
