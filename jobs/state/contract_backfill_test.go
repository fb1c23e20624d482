package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// backfillRun queues a run of a backfill up to an instant.
func (w *world) backfillRun(b jobs.Backfill, to int64) (jobs.Run, bool) {
	w.t.Helper()
	r := w.run(to)
	r.Lane, r.Window.From = jobs.BackfillLane(b.ID), b.Watermark
	ok, err := w.PlanBackfill(w.ctx, r, w.now)
	w.must(err)
	return r, ok
}

// backfillTo examines a backfill's next window.
func (w *world) backfillTo(b *jobs.Backfill, to int64) {
	w.t.Helper()
	if b.Watermark == 0 {
		b.Watermark = b.WarmFrom
	}
	r, ok := w.backfillRun(*b, to)
	if !ok {
		w.t.Fatalf("window until %d was not queued", to)
	}
	r, err := w.ClaimLane(w.ctx, b.Hunt, r.Lane, w.now)
	w.must(err)
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Result: jobs.Result{RecordsIn: 2, Findings: 1}}, w.now))
	b.Watermark = to
}

func (w *world) backfill(id string) BackfillView {
	w.t.Helper()
	views, err := w.Backfills(w.ctx, "")
	w.must(err)
	i := slices.IndexFunc(views, func(v BackfillView) bool { return v.ID == id })
	if i < 0 {
		w.t.Fatalf("no backfill %s", id)
	}
	return views[i]
}

// testBackfill: a lane of its own beside the live one, which can be stopped and
// goes on where it stood.
func testBackfill(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	live := w.plan(w.mark + 600)
	b := jobs.Backfill{ID: "b1", Hunt: "h", Window: pipeline.Window{From: 1000, To: 4000}, WarmFrom: 400, Watermark: 400}
	w.must(w.StartBackfill(w.ctx, b, w.now))
	if err := w.StartBackfill(w.ctx, jobs.Backfill{ID: "b2", Hunt: "h", Window: pipeline.Window{From: 3999, To: 5000}}, w.now); err == nil {
		t.Error("a second backfill over the same time was begun")
	}
	w.backfillTo(&b, 1000)
	r, _ := w.backfillRun(b, 2000)
	if _, ok := w.backfillRun(b, 1500); ok {
		t.Error("a second run of the lane was queued")
	}
	m, err := w.Memory(w.ctx, r)
	if err != nil || m.ReportFrom != 1000 {
		t.Errorf("reports from %d on, %v", m.ReportFrom, err)
	}
	w.must(w.PauseBackfill(w.ctx, "b1", "busy day", w.now))
	if active, err := w.ActiveBackfills(w.ctx, w.now); len(active) != 0 || err != nil {
		t.Errorf("active while paused: %+v, %v", active, err)
	}
	if _, err := w.ClaimLane(w.ctx, "h", r.Lane, w.now); !errors.Is(err, ErrNothing) {
		t.Errorf("claim while paused: %v", err)
	}
	w.wantNothing("pause of what is paused", w.PauseBackfill(w.ctx, "b1", "x", w.now))
	w.must(w.ResumeBackfill(w.ctx, "b1", w.now))
	r, err = w.ClaimLane(w.ctx, "h", r.Lane, w.now)
	w.must(err)
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a"), body("b")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Result: jobs.Result{RecordsIn: 3, Findings: 2}}, w.now))
	b.Watermark = 2000
	w.must(w.Pause(w.ctx, "h", "hunt paused", time.Time{}, w.now)) // holds its backfills too
	if active, err := w.ActiveBackfills(w.ctx, w.now); len(active) != 0 || err != nil {
		t.Errorf("active while the hunt is paused: %+v, %v", active, err)
	}
	w.must(w.Unpause(w.ctx, "h", w.now))
	w.backfillTo(&b, 4000)
	w.must(w.EndBackfill(w.ctx, "b1", w.now))
	v := w.backfill("b1")
	if v.State != jobs.BackfillDone || v.Runs != 3 || v.Result.Findings != 4 || v.Result.RecordsIn != 7 || v.Pending != 2 || v.Ended.IsZero() || v.Open {
		t.Errorf("in the end %+v", v)
	}
	if one, err := w.BackfillView(w.ctx, "b1"); err != nil || !cmp.Equal(one, v) {
		t.Errorf("viewed by itself %+v, %v", one, err)
	}
	_, err = w.BackfillView(w.ctx, "b2")
	w.wantNothing("a view of what is not there", err)
	w.wantNothing("cancel of what is done", w.CancelBackfill(w.ctx, "b1", "x", w.now))
	w.commit(w.claim(live)) // the live lane was not touched
}

// testBackfillFails: a window that fails for good makes the backfill wait for a
// person, who lets it go on or ends it.
func testBackfillFails(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	b := jobs.Backfill{ID: "b1", Hunt: "h", Window: pipeline.Window{From: 1000, To: 4000}, WarmFrom: 1000, Watermark: 1000}
	w.must(w.StartBackfill(w.ctx, b, w.now))
	fail := func() {
		t.Helper()
		r, err := w.ClaimLane(w.ctx, "h", jobs.BackfillLane("b1"), w.now)
		w.must(err)
		w.must(w.Fail(w.ctx, r, "no such index", time.Time{}, w.now))
		if _, ok := w.backfillRun(b, 2000); ok {
			t.Error("a window that has failed for good was queued again")
		}
	}
	w.backfillRun(b, 2000)
	fail()
	if v := w.backfill("b1"); v.State != jobs.BackfillFailed || v.Reason != "no such index" || v.Error != "no such index" {
		t.Errorf("failed: %+v", v)
	}
	w.must(w.ResumeBackfill(w.ctx, "b1", w.now))
	fail()
	runs, err := w.Runs(w.ctx, "h", jobs.BackfillLane("b1"))
	w.must(err)
	w.must(w.Retry(w.ctx, runs[0].ID, w.now))
	if v := w.backfill("b1"); v.State != jobs.BackfillActive || !v.Open {
		t.Errorf("after a retry of its run: %+v", v)
	}
	r, err := w.ClaimLane(w.ctx, "h", jobs.BackfillLane("b1"), w.now)
	w.must(err)
	w.must(w.CancelBackfill(w.ctx, "b1", "not needed", w.now))
	if err := w.Commit(w.ctx, jobs.Commit{Run: r}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a cancelled backfill's run commits: %v", err)
	}
	if v := w.backfill("b1"); v.State != jobs.BackfillCancelled || v.Reason != "not needed" || v.Watermark != 1000 {
		t.Errorf("cancelled: %+v", v)
	}
}

// testBackfillRetry: a run of a backfill that a person has stopped is not revived
// by itself, nor does its next try begin.
func testBackfillRetry(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	b := jobs.Backfill{ID: "b1", Hunt: "h", Window: pipeline.Window{From: 1000, To: 4000}, WarmFrom: 1000, Watermark: 1000}
	w.must(w.StartBackfill(w.ctx, b, w.now))
	r, _ := w.backfillRun(b, 2000)
	claim := func() (jobs.Run, error) { return w.ClaimLane(w.ctx, "h", r.Lane, w.now) }
	claimed, err := claim()
	w.must(err)
	w.must(w.PauseBackfill(w.ctx, "b1", "busy day", w.now)) // the window that is under way ends
	w.must(w.Fail(w.ctx, claimed, "busy", w.now, w.now))
	if _, err := claim(); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("the next try of a paused backfill's window: %v, want %v", err, jobs.ErrSuperseded)
	}
	w.must(w.Cancel(w.ctx, r.ID, "by hand", w.now))
	err = w.Retry(w.ctx, r.ID, w.now)
	w.wantNothing("retry while the backfill is paused", err)
	if err != nil && !strings.Contains(err.Error(), "huntd resume backfill:b1") {
		t.Errorf("retry while the backfill is paused: %v", err)
	}
	w.wantState(r, jobs.Cancelled)
	w.must(w.ResumeBackfill(w.ctx, "b1", w.now))
	w.wantState(r, jobs.Queued)
	w.must(w.CancelBackfill(w.ctx, "b1", "not needed", w.now))
	w.wantNothing("retry behind the end of the backfill", w.Retry(w.ctx, r.ID, w.now))
	w.wantState(r, jobs.Cancelled)
	w.wantNothing("retry of what is not there", w.Retry(w.ctx, "no-such-run", w.now))
	if _, ok := w.backfillRun(b, 2000); ok {
		t.Error("a window of a cancelled backfill was queued")
	}
}

// testBackfillsAtOnce: of two backfills over the same time that begin at the same
// moment, one does.
func testBackfillsAtOnce(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	for round := range 20 {
		at := int64(round) * 10_000
		begun := make(chan error)
		for i := range int64(2) {
			go func() {
				span := pipeline.Window{From: at + i, To: at + 1000 + i}
				begun <- w.StartBackfill(w.ctx, jobs.Backfill{ID: fmt.Sprint("b", at+i), Hunt: "h", Window: span, WarmFrom: span.From}, w.now)
			}()
		}
		if one, other := <-begun, <-begun; (one == nil) == (other == nil) {
			t.Fatalf("round %d: %v and %v, want one of them to begin", round, one, other)
		}
	}
}

// testBackfillOrders: whatever is ordered of a backfill at the same time, it comes
// out as if one had come after the other.
func testBackfillOrders(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	const rounds, people, orders, end = 8, 4, 12, 1000
	for round := range rounds {
		b := jobs.Backfill{ID: fmt.Sprint("b", round), Hunt: "h", Window: pipeline.Window{From: 1, To: end}, WarmFrom: 1}
		w.must(w.StartBackfill(w.ctx, b, w.now))
		var wg sync.WaitGroup
		errs := make([]error, people)
		for i := range people {
			dice := rand.New(rand.NewPCG(uint64(round), uint64(i)))
			wg.Go(func() {
				for range orders {
					if err := w.orderAny(b, dice); err != nil && !errors.Is(err, ErrNothing) && !errors.Is(err, jobs.ErrSuperseded) {
						errs[i] = errors.Join(errs[i], err)
					}
				}
			})
		}
		wg.Wait()
		w.must(errors.Join(errs...))
		w.wantWhole(b)
		if err := w.CancelBackfill(w.ctx, b.ID, "the round is over", w.now); !errors.Is(err, ErrNothing) {
			w.must(err)
		}
		w.wantWhole(b)
	}
}

// orderAny gives a backfill one order or another, or does some of its work.
func (w *world) orderAny(b jobs.Backfill, dice *rand.Rand) error {
	lane := jobs.BackfillLane(b.ID)
	switch dice.IntN(8) {
	case 0:
		return w.PauseBackfill(w.ctx, b.ID, "paused", w.now)
	case 1:
		return w.ResumeBackfill(w.ctx, b.ID, w.now)
	case 2:
		if dice.IntN(4) > 0 {
			return nil
		}
		return w.CancelBackfill(w.ctx, b.ID, "cancelled", w.now)
	case 3:
		runs, err := w.Runs(w.ctx, b.Hunt, lane)
		if err != nil || len(runs) == 0 {
			return err
		}
		return w.Retry(w.ctx, runs[len(runs)-1].ID, w.now)
	case 4:
		now, err := w.Backfill(w.ctx, b.ID)
		if err != nil || now.Watermark < b.Window.To {
			return err
		}
		return w.EndBackfill(w.ctx, b.ID, w.now)
	case 5, 6:
		now, err := w.Backfill(w.ctx, b.ID)
		if err != nil || now.Watermark >= b.Window.To {
			return err
		}
		r := w.run(min(now.Watermark+100, b.Window.To))
		r.Lane, r.Window.From = lane, now.Watermark
		_, err = w.PlanBackfill(w.ctx, r, w.now)
		return err
	}
	r, err := w.ClaimLane(w.ctx, b.Hunt, lane, w.now)
	switch {
	case err != nil:
		return err
	case dice.IntN(3) > 0:
		return w.Commit(w.ctx, jobs.Commit{Run: r}, w.now)
	case dice.IntN(2) > 0:
		return w.Fail(w.ctx, r, "failed", time.Time{}, w.now)
	}
	return w.Fail(w.ctx, r, "again", w.now, w.now)
}

// wantWhole wants the windows of a backfill to tile its time up to the watermark,
// and nothing to be queued of one that is not active.
func (w *world) wantWhole(b jobs.Backfill) {
	w.t.Helper()
	now, err := w.Backfill(w.ctx, b.ID)
	w.must(err)
	runs, err := w.Runs(w.ctx, b.Hunt, jobs.BackfillLane(b.ID))
	w.must(err)
	at, open := b.WarmFrom, 0
	for _, r := range runs {
		switch r.State {
		case jobs.Succeeded:
			if r.Window.From != at {
				w.t.Errorf("%s was examined behind %d", r.Window, at)
			}
			at = r.Window.To
		case jobs.Queued, jobs.Running, jobs.Retry:
			open++
			if now.State == jobs.BackfillPaused && r.State == jobs.Queued || now.State == jobs.BackfillCancelled || now.State == jobs.BackfillDone {
				w.t.Errorf("a run is %s of a backfill that is %s", r.State, now.State)
			}
		}
	}
	if at != now.Watermark || open > 1 {
		w.t.Errorf("examined up to %d, the watermark stands at %d, %d runs are open", at, now.Watermark, open)
	}
}

// testQueue: runs are handed out by priority, tried again when their time has
// come, cancelled while they run, and held back with their connection.
func testQueue(t *testing.T, open func() *Ledger) {
	l := open()
	w := newWorld(t, l, "live")
	w.now = time.Now()
	other := &world{Ledger: l, t: t, ctx: w.ctx, hunt: "other", now: w.now, slot: w.slot, mark: w.mark}
	other.begin()
	queue := func(each *world, lane jobs.Lane, to int64) jobs.Run {
		t.Helper()
		r := each.run(to)
		r.Lane, r.Connection = lane, "main"
		if lane == jobs.Manual {
			w.must(l.Submit(w.ctx, r, w.now))
			return r
		}
		if lane != jobs.Live {
			ok, err := l.PlanBackfill(w.ctx, r, w.now)
			if w.must(err); !ok {
				t.Fatal("not queued")
			}
			return r
		}
		if !each.planned(r) {
			t.Fatal("not queued")
		}
		return r
	}
	b := jobs.Backfill{ID: "b1", Hunt: "live", Window: pipeline.Window{From: w.mark, To: w.mark + 100}, WarmFrom: w.mark}
	w.must(l.StartBackfill(w.ctx, b, w.now))
	back := queue(w, jobs.BackfillLane("b1"), w.mark+100)
	manual := queue(w, jobs.Manual, w.mark+60)
	live := queue(w, jobs.Live, w.mark+600)
	retried := queue(other, jobs.Live, w.mark+600)

	var mu sync.Mutex
	var order []string
	ended := make(chan string, 20)
	stop, err := l.Start(w.ctx, Work{
		Workers: 1, Log: zap.NewNop(), Stopping: func() bool { return false }, Has: func(string) bool { return true },
		Do: func(ctx context.Context, r jobs.Run) {
			mu.Lock()
			order = append(order, r.ID)
			mu.Unlock()
			if r.ID == retried.ID && r.Attempts == 1 {
				w.must(l.Fail(ctx, r, "busy", time.Now().Add(50*time.Millisecond), time.Now()))
				time.AfterFunc(60*time.Millisecond, func() { // as the daemon's timer does
					_, err := l.Offer(w.ctx, time.Now())
					w.must(err)
				})
			} else {
				w.must(l.Commit(ctx, jobs.Commit{Run: r}, time.Now()))
			}
			ended <- r.ID
		},
	})
	w.must(err)
	wait := func(n int) {
		t.Helper()
		for range n {
			select {
			case <-ended:
			case <-time.After(30 * time.Second):
				t.Fatalf("only %q were handed out within 30 s", order)
			}
		}
	}
	wait(5)
	mu.Lock()
	at := func(r jobs.Run) int { return slices.Index(order, r.ID) }
	if at(live) > at(manual) || at(manual) > at(back) || at(retried) > at(manual) {
		t.Errorf("handed out in the order %q, want live %s and %s before manual %s before backfill %s", order, live.ID, retried.ID, manual.ID, back.ID)
	}
	if n := len(order); n != 5 || slices.Index(order[at(retried)+1:], retried.ID) < 0 {
		t.Errorf("handed out %q, want %s twice", order, retried.ID)
	}
	mu.Unlock()
	for _, r := range []jobs.Run{live, manual, back, retried} {
		w.wantState(r, jobs.Succeeded)
	}
	w.must(l.PauseConnection(w.ctx, "main", "maintenance", time.Time{}, w.now))
	w.mark += 600
	held := queue(w, jobs.Manual, w.mark+60)
	select {
	case id := <-ended:
		t.Errorf("%s was handed out while its connection is paused", id)
	case <-time.After(1500 * time.Millisecond): // longer than a lost notification
	}
	w.must(l.ResumeConnection(w.ctx, "main", time.Now()))
	w.wantNothing("resume of a connection that is not paused", l.ResumeConnection(w.ctx, "main", time.Now()))
	wait(1)
	w.wantState(held, jobs.Succeeded)
	w.must(stop(w.ctx))
}
