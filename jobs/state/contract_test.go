package state

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
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
		{"plan many", testPlanMany},
		{"skip", testSkip},
		{"claim", testClaim},
		{"max searches", testMaxSearches},
		{"priorities", testPriorities},
		{"next due", testNextDue},
		{"refused claims", testRefusedClaims},
		{"lost jobs", testLostJobs},
		{"prune queue", testPruneQueue},
		{"reassign", testReassign},
		{"pause", testPause},
		{"pause of a connection", testPauseConnection},
		{"claim of a lane waits for its connection", testClaimLaneWaits},
		{"bodies of a commit", testCommitBodies},
		{"cancel and retry", testCancelAndRetry},
		{"skip and waive", testSkipAndWaive},
		{"backfill", testBackfill},
		{"backfill that fails", testBackfillFails},
		{"backfill retry", testBackfillRetry},
		{"backfills at once", testBackfillsAtOnce},
		{"backfill orders", testBackfillOrders},
		{"coverage", testCoverage},
		{"daemons", testDaemons},
		{"clock offset", testClockOffset},
		{"queue", testQueue},
		{"overview reads no history", testOverviewReadsNoHistory},
		{"memory", testMemory},
		{"shrink", testShrink},
		{"timeouts", testTimeouts},
		{"outbox bytes", testOutboxBytes},
		{"prune", testPrune},
		{"prune ended lanes", testPruneEnded},
		{"prune dead letters", testPruneDeadLetters},
		{"commit", testCommit},
		{"fence", testFence},
		{"lapsed lease", testLapsedLease},
		{"watermark", testWatermark},
		{"failures", testFailures},
		{"lost answers", testLostAnswers},
		{"state of a run", testStateOf},
		{"resume", testResume},
		{"resume waiting", testResumeWaiting},
		{"resume many", testResumeMany},
		{"manual lane", testManual},
		{"recover", testRecover},
		{"outbox", testOutbox},
		{"outbox of several", testOutboxOfSeveral},
		{"split", testSplit},
		{"clock set back", testClockSetBack},
		{"suppressions", testSuppressions},
		{"odd keys", testOddKeys},
		{"lanes", testLanes},
		{"unknown lane", testUnknownLane},
		{"late", testLate},
		{"late waits", testLateWaits},
		{"late suppressions", testLateSuppressions},
		{"planners at once", testPlannersAtOnce},
		{"clocks are set", testClocksAreSet},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // each has a state of its own
			tt.test(t, make(t))
		})
	}
}

func testPlan(t *testing.T, open func() *Ledger) {
	l := open()
	if s, err := l.Lanes(context.Background(), []string{"h"}, t0); err != nil || len(s) != 0 {
		t.Errorf("a hunt that is not known: %+v, %v", s, err)
	}
	w := newWorld(t, l, "h")
	other := *w // known already: nothing changes
	other.slot, other.mark = w.slot.Add(-time.Hour), 99
	other.begin()
	want := jobs.LaneState{Known: true, Slot: w.slot, Watermark: w.mark, ReportFrom: w.mark}
	if diff := cmp.Diff(want, w.lane()); diff != "" {
		t.Errorf("lane (-want +got):\n%s", diff)
	}
	late := w.run(w.mark + 600)
	late.Window.From++
	if w.planned(late) {
		t.Error("a window that does not begin at the watermark was queued")
	}
	r := w.plan(w.mark + 600)
	if !w.lane().Open {
		t.Error("the lane has no open run")
	}
	w.slot = w.slot.Add(time.Hour)
	if w.planned(w.run(w.mark + 900)) {
		t.Error("a second run of the lane was queued")
	}
	if got := w.lane().Slot; !got.Equal(w.slot) {
		t.Errorf("the slot is %s, want the newest that was planned, %s", got, w.slot)
	}
	w.advance(w.slot.Add(-time.Hour))
	w.advance(w.slot.Add(time.Hour))
	if got := w.lane().Slot; !got.Equal(w.slot.Add(time.Hour)) {
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

// testPlanMany: hunts are planned in one go, and what stands in the way of one
// does not stop the others.
func testPlanMany(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	busy := newWorld(t, w.Ledger, "busy")
	busy.plan(busy.mark + 60)
	fresh := &world{t: t, ctx: w.ctx, Ledger: w.Ledger, hunt: "fresh", now: w.now, slot: w.slot, mark: w.mark}
	r, blocked, first := w.run(w.mark+600), busy.run(busy.mark+600), fresh.run(fresh.mark+600)
	queued, err := w.Plan(w.ctx, []jobs.Intent{
		{Hunt: "busy", Slot: w.slot, Run: &blocked},
		{Hunt: "h", Slot: w.slot, Run: &r},
		{Hunt: "fresh", Slot: w.slot, Begin: &jobs.Beginning{Watermark: fresh.mark, ReportFrom: fresh.mark}, Run: &first},
	}, w.now)
	if err != nil || queued != 2 {
		t.Errorf("%d runs were queued, want 2, %v", queued, err)
	}
	w.claim(r)
	fresh.claim(first)
}

// testSkip: time that is given up on is a gap, and the watermark moves over it.
func testSkip(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	skip := pipeline.Window{From: w.mark, To: w.mark + 600}
	r := w.run(w.mark + 900)
	r.Window.From = skip.To
	in := jobs.Intent{Hunt: "h", Slot: w.slot, Skip: skip, SkipReason: "missed", Run: &r}
	for i, want := range []int{1, 0} { // the second finds it done
		if queued, err := w.Plan(w.ctx, []jobs.Intent{in}, w.now); err != nil || queued != want {
			t.Errorf("pass %d: queued %d, want %d, %v", i, queued, want, err)
		}
	}
	w.commit(w.claim(r))
	w.wantWatermark(r.Window.To)
	gaps, err := w.Gaps(w.ctx, "h")
	w.must(err)
	if len(gaps) != 1 || gaps[0].Window != skip || gaps[0].Reason != "missed" || !gaps[0].At.Equal(w.now) {
		t.Errorf("gaps %+v", gaps)
	}
}

func testClaim(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	if r, ok := w.next(); ok {
		t.Errorf("claimed %s of nothing", r.ID)
	}
	r := w.plan(w.mark + 600)
	job, _ := w.offered()
	wrong := job
	wrong.Fence++
	if _, err := w.Ledger.claim(w.ctx, wrong, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim with another fence: %v", err)
	}
	got := w.claim(r)
	r.State, r.Fence, r.Attempts, r.Started, r.Notes = jobs.Running, 2, 1, w.now, map[string]int{}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("claimed run (-want +got):\n%s", diff)
	}
	if _, err := w.Ledger.claim(w.ctx, job, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claimed twice: %v", err)
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
			r := w.run(w.mark + 600)
			var n int
			n, a.err = w.Plan(w.ctx, []jobs.Intent{{Hunt: "h", Slot: w.slot, Run: &r}}, w.now)
			if a.planned = n == 1; a.err == nil {
				job, ok := w.offered()
				if ok {
					_, a.err = w.Ledger.claim(w.ctx, job, Work{}, w.now)
				}
				if a.claimed = ok && a.err == nil; errors.Is(a.err, jobs.ErrSuperseded) {
					a.err = nil
				}
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
