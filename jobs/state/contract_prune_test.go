package state

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

var testRetention = Retention{Runs: 90 * 24 * time.Hour, DeadLetters: 365 * 24 * time.Hour}

// testPrune: runs go when they are old enough, but those that something still
// needs; what a hunt has covered and what it withholds stay as they are.
func testPrune(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	for i := range 6 {
		r := w.claim(w.plan(w.mark + 60))
		shown := []jobs.Suppression{{Key: "k", Shown: r.Window.From, Until: 1 << 40}}
		if i == 1 { // its event is never confirmed
			w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("unconfirmed")}, w.now))
		}
		w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Shown: shown}, w.now))
		w.mark = r.Window.To
	}
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) error { // the third is yet to be looked at for late events
		_, err := tx.exec(w.ctx, `INSERT INTO settled(hunt_id, win_from, win_to, counted, at) VALUES('h',?,?,-1,?)`,
			w.mark-4*60, w.mark-3*60, w.now.UnixMilli())
		return err
	}))
	skipped, err := w.Skip(w.ctx, "h", w.mark+60, "given up", w.now)
	w.must(err)
	w.mark = skipped.To
	failed := w.claim(w.plan(w.mark + 60)) // where the lane stands
	w.must(w.Fail(w.ctx, failed, "bad token", time.Time{}, w.now))
	for i, id := range []string{"over", "open"} {
		span := pipeline.Window{From: int64(i) * 1000, To: int64(i)*1000 + 60}
		b := jobs.Backfill{ID: id, Hunt: "h", Window: span, WarmFrom: span.From}
		w.must(w.StartBackfill(w.ctx, b, w.now))
		r := w.run(0)
		r.Lane, r.Window = jobs.BackfillLane(id), span
		if ok, err := w.PlanBackfill(w.ctx, r, w.now); !ok || err != nil {
			t.Fatal(ok, err)
		}
		claimed, err := w.ClaimLane(w.ctx, "h", r.Lane, w.now)
		w.must(err)
		w.must(w.Commit(w.ctx, jobs.Commit{Run: claimed}, w.now))
	}
	w.must(w.EndBackfill(w.ctx, "over", w.now))
	before, err := w.Coverage(w.ctx, "h")
	w.must(err)
	shown, err := reported(w.Ledger, "h", jobs.Live, 0)
	w.must(err)

	w.wantPruned(0, "today")
	w.now = w.now.Add(testRetention.Runs + time.Hour)
	newest := w.manual() // today's
	w.must(w.MarkSeen(w.ctx, []string{"h"}, w.now))
	w.wantPruned(5, "runs that ended 90 days ago")

	var left []pipeline.Window
	for _, lane := range []jobs.Lane{jobs.Live, jobs.Manual, jobs.BackfillLane("over"), jobs.BackfillLane("open")} {
		runs, err := w.Runs(w.ctx, "h", lane)
		w.must(err)
		for _, r := range runs {
			left = append(left, r.Window)
		}
	}
	m := t0.Unix() - 3600
	want := []pipeline.Window{{From: m + 60, To: m + 120}, {From: m + 120, To: m + 180}, failed.Window, newest.Window, {From: 1000, To: 1060}}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("windows of the runs that are left (-want +got):\n%s", diff)
	}
	after, err := w.Coverage(w.ctx, "h")
	w.must(err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("what is covered has changed (-before +after):\n%s", diff)
	}
	if got, err := reported(w.Ledger, "h", jobs.Live, 0); err != nil || !cmp.Equal(shown, got) {
		t.Errorf("what is withheld has changed: %v, %v", got, err)
	}
	if got := w.lane(); !got.Failed || got.Watermark != w.mark {
		t.Errorf("the lane has forgotten that its slot failed: %+v", got)
	}
	w.wantSendable("unconfirmed")
}

// testPruneEnded: what a lane remembers for its next window is kept for as long as
// there may be one, where it stands always.
func testPruneEnded(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	gone := newWorld(t, w.Ledger, "gone")
	remember := func(w *world, r jobs.Run) {
		t.Helper()
		shown := []jobs.Suppression{{Key: "a", Shown: 1, Until: 1 << 40}, {Key: "b", Shown: 1, Until: 1 << 40}, {Key: "c", Shown: 1, Until: 1 << 40}}
		w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Shown: shown, Carry: []byte("carried")}, w.now))
	}
	for _, each := range []*world{w, gone} {
		remember(each, each.claim(each.plan(each.mark+60)))
	}
	for i, id := range []string{"done", "cancelled", "paused"} {
		span := pipeline.Window{From: int64(i) * 1000, To: int64(i)*1000 + 60}
		b := jobs.Backfill{ID: id, Hunt: "h", Window: span, WarmFrom: span.From, Watermark: span.From}
		w.must(w.StartBackfill(w.ctx, b, w.now))
		r, _ := w.backfillRun(b, span.To)
		r, err := w.ClaimLane(w.ctx, "h", r.Lane, w.now)
		w.must(err)
		remember(w, r)
	}
	remembered := func() (lanes []string) {
		t.Helper()
		w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
			return tx.each(w.ctx, func(r row) error {
				var hunt, lane string
				var shown, carry int
				err := r.Scan(&hunt, &lane, &shown, &carry)
				if (shown > 0) != (carry > 0) {
					t.Errorf("hunt %s, lane %s: %d suppressions, %d bytes carried", hunt, lane, shown, carry)
				}
				if carry > 0 {
					lanes = append(lanes, hunt+" "+lane)
				}
				return err
			}, `SELECT c.hunt_id, c.lane, (SELECT count(*) FROM suppression s WHERE s.hunt_id=c.hunt_id AND s.lane=c.lane), coalesce(length(c.carry),0)
				FROM checkpoint c ORDER BY c.hunt_id, c.lane`)
		}))
		return lanes
	}
	w.wantPruned(0, "while every lane goes on")
	w.must(w.EndBackfill(w.ctx, "done", w.now))
	w.must(w.CancelBackfill(w.ctx, "cancelled", "x", w.now))
	w.must(w.PauseBackfill(w.ctx, "paused", "x", w.now))
	before, err := w.Coverage(w.ctx, "h")
	w.must(err)
	w.wantPruned(2*(3+1), "behind two backfills")
	if diff := cmp.Diff([]string{"gone live", "h backfill:paused", "h live"}, remembered()); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if after, err := w.Coverage(w.ctx, "h"); err != nil || !cmp.Equal(before, after) {
		t.Errorf("what is covered has changed: %+v, %v", after, err)
	}

	w.later(testRetention.Runs - time.Minute)
	w.must(w.MarkSeen(w.ctx, []string{"h"}, w.now))
	w.wantPruned(0, "a hunt that somebody may have yet")
	w.later(time.Hour)
	w.must(w.MarkSeen(w.ctx, []string{"h"}, w.now))
	w.wantPruned(3+1, "a hunt that nobody has any more")
	if diff := cmp.Diff([]string{"h backfill:paused", "h live"}, remembered()); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	gone.now = w.now
	gone.wantWatermark(t0.Unix() - 3600 + 60)
}

// manual does a run by hand.
func (w *world) manual() jobs.Run {
	w.t.Helper()
	r := w.run(w.mark + 1)
	r.Lane = jobs.Manual
	r, err := w.Begin(w.ctx, r, w.now)
	w.must(err)
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	return r
}

// wantPruned prunes in steps of two rows of a kind.
func (w *world) wantPruned(want int, what string) {
	w.t.Helper()
	var steps []int
	for {
		n, err := w.Prune(w.ctx, testRetention, w.now, 2)
		w.must(err)
		if n == 0 {
			break
		}
		steps = append(steps, n)
	}
	sum := 0
	for _, n := range steps {
		sum += n
	}
	if sum != want || len(steps) > 0 && slices.Max(steps) > 6*2 {
		w.t.Errorf("%s: pruned %v rows, want %d", what, steps, want)
	}
}

// testPruneDeadLetters: they have a time of their own.
func testPruneDeadLetters(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 60))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("poisoned")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	items, err := w.Due(w.ctx, "main", w.now, 1)
	w.must(err)
	w.must(w.Split(w.ctx, items[0], []outbox.Dead{{Event: []byte("x"), Status: 400, Reason: "poisoned"}}, nil, w.now))
	w.now = w.now.Add(testRetention.DeadLetters - time.Hour)
	w.manual()
	w.wantPruned(1, "the run alone")
	w.now = w.now.Add(2 * time.Hour)
	w.wantPruned(1, "the event that was put aside")
}

// TestTidy: what was freed inside the file is given back.
func TestTidy(t *testing.T) {
	l := openFile(t, filepath.Join(t.TempDir(), "huntd.db"))
	w := newWorld(t, l, "h")
	r := w.claim(w.plan(w.mark + 60))
	large := jobs.Body{Dest: "main", Data: make([]byte, 4<<20), Events: 1}
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{large}, w.now))
	w.must(w.GiveBack(w.ctx, r, w.now))
	free := func() (pages int) {
		w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error { return tx.one(w.ctx, "PRAGMA freelist_count").Scan(&pages) }))
		return pages
	}
	if free() < 1000 {
		t.Fatalf("%d pages are free, want those of 4 MiB", free())
	}
	r = w.claim(r)
	w.must(w.Tidy(w.ctx))
	if free() < 1000 {
		t.Errorf("%d pages are free: space was given back while a run was under way", free())
	}
	w.must(w.GiveBack(w.ctx, r, w.now))
	w.must(w.Tidy(w.ctx))
	if free() > 10 {
		t.Errorf("%d pages are still free", free())
	}
}
