package state

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/dispatch"
	"github.com/huntd/huntd/jobs/state/statetest"
	"github.com/huntd/huntd/pipeline"
)

// testClaimLaneWaits: a process that works on a backfill by itself keeps to the
// pauses and limits of the connection.
func testClaimLaneWaits(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	live, lane := w.plan(w.mark+600), jobs.BackfillLane("b1")
	begin := w.mark - 7200
	b := jobs.Backfill{ID: "b1", Hunt: "h", Window: pipeline.Window{From: begin, To: begin + 3600}, WarmFrom: begin, Watermark: begin}
	w.must(w.StartBackfill(w.ctx, b, w.now))
	if _, ok := w.backfillRun(b, b.Window.To); !ok {
		t.Fatal("the window was not queued")
	}
	held := func(why string) {
		t.Helper()
		if r, err := w.ClaimLane(w.ctx, "h", lane, w.now); !errors.Is(err, jobs.ErrSuperseded) {
			t.Errorf("%s: run %s begins, %v", why, r.ID, err)
		}
	}
	w.must(w.PauseConnection(w.ctx, live.Connection, "upgrade", time.Time{}, w.now))
	held("the connection is paused")
	w.must(w.ResumeConnection(w.ctx, live.Connection, w.now))

	w.must(w.SetMaxSearches(w.ctx, map[string]int{live.Connection: 1}, w.now))
	w.must(w.Report(w.ctx, Daemon{Version: "test"}, w.now))
	held("a daemon is about to begin another run")
	running := w.claim(live)
	held("another run searches")
	w.must(w.Depart(w.ctx))
	held("another run searches, and its daemon has left")
	w.must(w.GiveBack(w.ctx, running, w.now)) // it is offered again, but nobody is there to begin it
	if _, err := w.ClaimLane(w.ctx, "h", lane, w.now); err != nil {
		t.Errorf("no daemon is there and nothing searches: %v", err)
	}
}

// testCommitBodies: the bodies that come with a commit may be sent, behind those that
// were staged before, and those of other attempts may not.
func testCommitBodies(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("staged")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Staged: 1, Bodies: []jobs.Body{body("last")}}, w.now))
	w.wantSendable("staged", "last")

	w.mark += 600
	late := w.claim(w.plan(w.mark + 600))
	other := late
	other.Fence--
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.all(ctx, inserting(other, 0, []jobs.Body{body("other")}, 0, w.now))
		return err
	}))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: late, Bodies: []jobs.Body{body("mine")}}, w.now))
	w.wantSendable("staged", "last", "mine")
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies of another attempt are kept", n)
	}
}

// TestSkipBesidePlanner: a run that is planned while its window is given up is
// cancelled, too.
func TestSkipBesidePlanner(t *testing.T) {
	name := statetest.NewDatabase(t)
	l, err := Open(t.Context(), name, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t, l, "h")
	planner, err := pgx.Connect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer planner.Close(t.Context())
	tx, err := planner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT 1 FROM checkpoint WHERE hunt_id='h' FOR NO KEY UPDATE`); err != nil {
		t.Fatal(err)
	}
	skipped := make(chan error, 1)
	go func() {
		_, err := l.Skip(w.ctx, "h", w.mark+600, "too old", w.now)
		skipped <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(10 * time.Millisecond) {
		if err := planner.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND wait_event_type='Lock'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	r := w.run(w.mark + 600)
	if _, err := tx.Exec(t.Context(), `INSERT INTO run(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, created_at)
		VALUES($1,'h','live','main',1,0,$2,$3,'x','queued',0)`, r.ID, r.Window.From, r.Window.To); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-skipped; err != nil {
		t.Fatal(err)
	}
	w.wantState(r, jobs.Cancelled)
}

// TestManyOffers: of more jobs than are listed, none counts as lost.
func TestManyOffers(t *testing.T) {
	l, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/huntd.db", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t, l, "h")
	jobs := make([]dispatch.Job, 10_000)
	for i := range jobs {
		jobs[i] = dispatch.Job{Run: fmt.Sprint(i), Priority: 1}
	}
	w.must(l.write(w.ctx, func(_ context.Context, tx *tx) error { return l.queue.Offer(w.ctx, tx.raw, jobs) }))
	r := w.plan(w.mark + 600)
	w.now = w.now.Add(l.lease + time.Second)
	if rescued, err := l.Rescue(w.ctx, w.now); err != nil || len(rescued) != 0 {
		t.Errorf("runs %v are taken back, %v; that of %s waits behind the others", rescued, err, r.ID)
	}
}
