package state

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/dispatch"
)

// offers are the runs that are offered now.
func (w *world) offers() (ids []string) {
	w.t.Helper()
	_, err := w.Offer(w.ctx, w.now)
	w.must(err)
	w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		ids, err = stringsOf(w.ctx, tx, `SELECT run_id FROM run WHERE offered_at IS NOT NULL`)
		return err
	}))
	return ids
}

func (w *world) wantOffers(when string, want ...jobs.Run) {
	w.t.Helper()
	var ids []string
	for _, r := range want {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	if got := slices.Sorted(slices.Values(w.offers())); !slices.Equal(got, ids) {
		w.t.Errorf("%s: offered %q, want %q", when, got, ids)
	}
}

// planOn queues a run that searches a connection.
func (w *world) planOn(connection string, to int64) jobs.Run {
	w.t.Helper()
	r := w.run(to)
	r.Connection = connection
	if !w.planned(r) {
		w.t.Fatalf("window %s was not queued", r.Window)
	}
	return r
}

// testMaxSearches: no more runs of a connection are offered than may search it,
// and each way in which a run ends offers the next one.
func testMaxSearches(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "a")
	b, c, d := newWorld(t, w.Ledger, "b"), newWorld(t, w.Ledger, "c"), newWorld(t, w.Ledger, "d")
	w.must(w.SetMaxSearches(w.ctx, map[string]int{"main": 2, "other": 0}, w.now))
	first, second, third := w.planOn("main", w.mark+600), b.planOn("main", w.mark+600), c.planOn("main", w.mark+600)
	elsewhere := d.planOn("other", w.mark+600)
	w.wantOffers("two may search", first, second, elsewhere)
	running := w.claim(first)
	w.wantOffers("one of two searches", second, elsewhere)
	w.must(w.Commit(w.ctx, jobs.Commit{Run: running}, w.now))
	w.wantOffers("a commit frees a search", second, third, elsewhere)

	failed := b.claim(second)
	w.must(w.Fail(w.ctx, failed, "busy", w.now.Add(time.Hour), w.now))
	w.mark += 600
	fourth := w.planOn("main", w.mark+600)
	w.wantOffers("a failure frees a search", third, fourth, elsewhere)
	w.must(w.Cancel(w.ctx, third.ID, "too heavy", w.now))
	w.now = w.now.Add(time.Hour)
	w.wantOffers("a cancelled offer frees a search", second, fourth, elsewhere)
	b.now = w.now
	back := b.claim(second)
	w.must(w.SetMaxSearches(w.ctx, map[string]int{"main": 1}, w.now))
	w.must(w.GiveBack(w.ctx, back, w.now))
	w.wantOffers("the limit is lower now, and one is offered", fourth, elsewhere)
	w.must(w.SetMaxSearches(w.ctx, map[string]int{"main": 0}, w.now))
	w.wantOffers("there is no limit any more", fourth, second, elsewhere)

	// A lease that is prolonged keeps its search.
	w.must(w.SetMaxSearches(w.ctx, map[string]int{"main": 1}, w.now))
	w.must(w.PauseConnection(w.ctx, "main", "to withdraw what is offered", time.Time{}, w.now))
	w.must(w.ResumeConnection(w.ctx, "main", w.now))
	w.wantOffers("again one at a time", fourth, elsewhere)
	held := w.claim(fourth)
	for range 3 {
		w.now = w.now.Add(jobs.Lease / 2)
		w.must(w.Heartbeat(w.ctx, held, jobs.Lease, w.now))
	}
	_, err := w.Rescue(w.ctx, w.now)
	w.must(err)
	if got := w.offers(); slices.Contains(got, second.ID) {
		t.Errorf("offered %q while %s holds the only search", got, held.ID)
	}
}

// testPriorities: what waits for a search is offered by lane, then by age.
func testPriorities(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "a")
	b := newWorld(t, w.Ledger, "b")
	w.must(w.SetMaxSearches(w.ctx, map[string]int{"main": 1}, w.now))
	back := w.run(w.mark + 60)
	back.Lane, back.Connection = "backfill:b", "main"
	w.must(w.StartBackfill(w.ctx, jobs.Backfill{ID: "b", Hunt: "a", Window: back.Window, WarmFrom: back.Window.From}, w.now))
	w.must(w.PauseConnection(w.ctx, "main", "to plan", time.Time{}, w.now))
	if ok, err := w.PlanBackfill(w.ctx, back, w.now); !ok || err != nil {
		t.Fatal(ok, err)
	}
	manual := w.manualRun()
	manual.Connection = "main"
	w.must(w.Submit(w.ctx, manual, w.now))
	b.now = w.now.Add(time.Second)
	young := b.planOn("main", b.mark+60)
	old := w.planOn("main", w.mark+600)
	w.now = w.now.Add(time.Minute)
	w.must(w.ResumeConnection(w.ctx, "main", w.now))
	for _, want := range []jobs.Run{old, young, manual, back} {
		w.wantOffers("the next", want)
		each := *w
		if each.hunt = want.Hunt; want.Hunt == "b" {
			each.mark = b.mark
		}
		each.must(w.Commit(w.ctx, jobs.Commit{Run: each.claim(want)}, w.now))
	}
}

// testNextDue: a daemon learns when to look again.
func testNextDue(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	next := func(want time.Time, when string) {
		t.Helper()
		if got, err := w.Offer(w.ctx, w.now); err != nil || !got.Equal(want) {
			t.Errorf("%s: look again at %s, %v, want %s", when, got, err, want)
		}
	}
	next(time.Time{}, "nothing waits")
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Fail(w.ctx, r, "busy", w.now.Add(time.Hour), w.now))
	next(w.now.Add(time.Hour), "a run waits for its next try")
	w.must(w.Pause(w.ctx, "h", "x", w.now.Add(time.Minute), w.now))
	next(w.now.Add(time.Minute), "a pause ends before")
	w.must(w.PauseConnection(w.ctx, "main", "x", w.now.Add(time.Second), w.now))
	next(w.now.Add(time.Second), "that of a connection too")
	w.now = w.now.Add(2 * time.Hour)
	next(time.Time{}, "all is past")
	w.wantOffers("the run is due", r)
}

// testRefusedClaims: a run that a daemon may not begin is not lost, and is
// offered again when it may.
func testRefusedClaims(t *testing.T, open func() *Ledger) {
	l := open()
	w := newWorld(t, l, "h")
	r := w.plan(w.mark + 600)
	job, _ := w.offered()
	yes, no := func() bool { return true }, func(string) bool { return false }
	if _, err := l.claim(w.ctx, job, Work{Stopping: yes}, w.now); !errors.Is(err, errStopped) {
		t.Errorf("claim while stopping: %v", err)
	}
	if again, ok := w.offered(); !ok || again != job {
		t.Errorf("after that, offered %+v, want %+v still", again, job)
	}
	if _, err := l.claim(w.ctx, job, Work{Has: no}, w.now); !errors.Is(err, errForeign) {
		t.Errorf("claim without the hunt: %v", err)
	}
	w.now = w.now.Add(foreignDelay - time.Millisecond)
	w.wantOffers("before the delay")
	w.now = w.now.Add(time.Millisecond)
	w.wantOffers("after the delay", r)

	job, _ = w.offered()
	l.gate = func(string) bool { return false }
	if _, err := l.claim(w.ctx, job, Work{}, w.now); !errors.Is(err, errHeld) {
		t.Errorf("claim of what the process holds back: %v", err)
	}
	w.wantOffers("while it is held back")
	l.gate = nil
	w.wantOffers("when it may begin", r)
	w.commit(w.claim(r))
}

// testLostJobs: a run whose job is gone from the queue is offered again, one
// whose job still waits there is left alone.
func testLostJobs(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.plan(w.mark + 600)
	job, _ := w.offered()
	rescued := func() []string {
		t.Helper()
		ids, err := w.Rescue(w.ctx, w.now)
		w.must(err)
		return ids
	}
	w.now = w.now.Add(time.Hour)
	if ids := rescued(); len(ids) != 0 {
		t.Fatalf("%q were rescued though their jobs wait", ids)
	}
	w.must(w.queue.Clear(w.ctx))
	if ids := rescued(); !slices.Equal(ids, []string{r.ID}) {
		t.Fatalf("%q were rescued, want the run whose job is lost", ids)
	}
	if _, err := w.Ledger.claim(w.ctx, job, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim by the lost job: %v", err)
	}
	var waiting map[dispatch.Job]bool
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) (err error) {
		waiting, _, err = w.queue.Waiting(w.ctx, tx.raw)
		return err
	}))
	if len(waiting) != 1 {
		t.Errorf("the queue has %v, want one job", waiting)
	}
	w.commit(w.claim(r))
}

// testPruneQueue: jobs that have ended are deleted, and so are those of workers
// that are gone; what waits or was begun lately stays.
func testPruneQueue(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.now = time.Now()
	jobsLeft := func() (n int) {
		t.Helper()
		w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
			return tx.one(ctx, `SELECT count(*) FROM river_job`).Scan(&n)
		}))
		return n
	}
	done := make(chan struct{}, 10)
	stop, err := w.Start(w.ctx, Work{Workers: 2, Log: zap.NewNop(), Do: func(ctx context.Context, r jobs.Run) {
		w.must(w.Commit(ctx, jobs.Commit{Run: r}, time.Now()))
		done <- struct{}{}
	}})
	w.must(err)
	for range 3 {
		w.must(w.Submit(w.ctx, w.manualRun(), w.now))
		<-done
	}
	w.must(stop(w.ctx)) // the jobs are noted as completed
	if n := jobsLeft(); n != 3 {
		t.Fatalf("%d jobs have ended, want 3", n)
	}
	w.must(w.Submit(w.ctx, w.manualRun(), w.now))
	w.must(w.Submit(w.ctx, w.manualRun(), w.now))
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) error { // as its worker leaves one that dies
		_, err := tx.exec(ctx, `UPDATE river_job SET state='running', attempt=1, attempted_at=created_at
			WHERE id=(SELECT max(id) FROM river_job)`)
		return err
	}))
	for _, tt := range []struct {
		now  time.Time
		want int
	}{{w.now, 2}, {w.now.Add(47 * time.Hour), 2}, {w.now.Add(49 * time.Hour), 1}} {
		w.must(w.PruneQueue(w.ctx, tt.now))
		if n := jobsLeft(); n != tt.want {
			t.Errorf("after %s: %d jobs are left, want %d", tt.now.Sub(w.now), n, tt.want)
		}
	}
}
