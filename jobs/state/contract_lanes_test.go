package state

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

// testLanes: the ledger treats the runs of each kind of lane as its row says.
func testLanes(t *testing.T, open func() *Ledger) {
	l := open()
	for _, k := range jobs.LaneKinds() {
		w := newWorld(t, l, "hunt-"+k.Name)
		lane := jobs.Lane(k.Name)
		if k.IDs {
			lane += ":id"
		}
		exec := func(stmt string, args ...any) {
			w.must(l.write(w.ctx, func(ctx context.Context, tx *tx) error { _, err := tx.exec(ctx, stmt, args...); return err }))
		}
		if id, ok := jobs.BackfillOf(lane); ok {
			w.must(l.StartBackfill(w.ctx, jobs.Backfill{ID: id, Hunt: w.hunt, Window: w.run(w.mark + 600).Window, WarmFrom: w.mark}, w.now))
		} else if k.Tiles && lane != jobs.Live {
			exec(`INSERT INTO checkpoint(hunt_id, lane, watermark) VALUES(?,?,?)`, w.hunt, lane, w.mark)
		}
		run := func() jobs.Run {
			r := w.run(w.mark + 600)
			r.Lane = lane
			w.slot = w.slot.Add(time.Second)
			return r
		}
		first, second := run(), run()
		w.must(l.Pause(w.ctx, w.hunt, "why", time.Time{}, w.now))
		if k.Tiles {
			if early := run(); !w.planned(first) || w.planned(early) {
				t.Fatalf("%s: not one run was planned at the watermark", lane)
			}
		} else {
			w.must(l.Submit(w.ctx, first, w.now))
			w.must(l.Submit(w.ctx, second, w.now))
		}
		if _, err := l.Run(w.ctx, second.ID); (err == nil) != k.ByHand {
			t.Errorf("%s: a second run beside an open one: %v", lane, err)
		}
		if j, ok := w.offered(); ok != k.ByHand || ok && j.Priority != k.Priority {
			t.Errorf("%s: offered while the hunt is paused: %v, with priority %d", lane, ok, j.Priority)
		}
		w.must(l.Unpause(w.ctx, w.hunt, w.now))
		j, ok := w.offered()
		if !ok || j.Priority != k.Priority {
			t.Errorf("%s: offered %v, with priority %d", lane, ok, j.Priority)
		}
		r, ok := w.next()
		if !ok || r.ID != first.ID {
			t.Fatalf("%s: claimed %v %s, want %s", lane, ok, r.ID, first.ID)
		}
		w.must(l.Fail(w.ctx, r, "no such index", time.Time{}, w.now))
		w.must(l.Retry(w.ctx, r.ID, w.now))
		exec(`UPDATE run SET offered_at=NULL, state='cancelled' WHERE run_id=?`, second.ID)
		if r, ok = w.next(); !ok || r.ID != first.ID {
			t.Fatalf("%s: claimed %v %s after the retry, want %s", lane, ok, r.ID, first.ID)
		}
		if err := l.Shrink(w.ctx, r, r.Window.To-1, w.now); (err == nil) != k.Tiles {
			t.Errorf("%s: shrunk: %v", lane, err)
		} else if err == nil {
			r.Window.To--
		}
		stands, at := jobs.Live, r.Window.From
		if k.Tiles {
			stands, at = lane, r.Window.To
		}
		w.commit(r)
		if state, err := l.StateOf(w.ctx, r); state != jobs.Succeeded || err != nil {
			t.Errorf("%s: committed, and then %s, %v", lane, state, err)
		}
		if _, err := l.Run(w.ctx, r.ID); (err != nil) != k.LooksBack {
			t.Errorf("%s: the run that found nothing late: %v", lane, err)
		}
		var mark int64
		w.must(l.read(w.ctx, func(ctx context.Context, tx *tx) error {
			return tx.one(ctx, `SELECT watermark FROM checkpoint WHERE hunt_id=? AND lane=?`, w.hunt, stands).Scan(&mark)
		}))
		if mark != at {
			t.Errorf("%s: the watermark of %s stands at %d, want %d", lane, stands, mark, at)
		}
	}
}

// testUnknownLane: a lane of no kind gets no run; one that another huntd knows is
// left to it.
func testUnknownLane(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.run(w.mark + 600)
	r.Lane = "no:kind"
	_, err := w.Plan(w.ctx, []jobs.Intent{{Hunt: r.Hunt, Slot: r.Slot, Run: &r}}, w.now)
	for _, err := range []error{err, w.Submit(w.ctx, r, w.now)} {
		if err == nil || !strings.Contains(err.Error(), `there is no lane "no:kind"`) {
			t.Errorf("queued: %v", err)
		}
	}
	r = w.plan(w.mark + 600)
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE run SET lane='no:kind' WHERE run_id=?`, r.ID)
		return err
	}))
	j, ok := w.offered()
	if _, err := w.Ledger.claim(w.ctx, j, Work{}, w.now); !ok || !errors.Is(err, errForeign) {
		t.Errorf("claimed: %v, want %v", err, errForeign)
	}
	w.wantState(r, jobs.Queued)
}

// TestConditionsAreIndexed: the schema's indexes are of the conditions of statements,
// which could not use them otherwise, and its states are those that there are.
func TestConditionsAreIndexed(t *testing.T) {
	l := openFile(t, filepath.Join(t.TempDir(), "huntd.db"))
	for name, want := range map[string]string{
		"run":             "CHECK(state" + stateIn(func(jobs.StateKind) bool { return true }) + ")",
		"run_slot":        "WHERE lane" + isIndexed,
		"run_one_open":    "WHERE lane" + isIndexed + " AND state" + isOpen,
		"run_open":        "WHERE state" + isOpen,
		"run_ended":       "WHERE state" + isTelling,
		"run_waiting":     "WHERE " + isUnoffered,
		"run_late_failed": "WHERE lane=" + lateLane,
	} {
		var text string
		if err := l.read(t.Context(), func(ctx context.Context, tx *tx) error {
			return tx.one(ctx, `SELECT replace(sql,' <> ','<>') FROM sqlite_schema WHERE name=?`, name).Scan(&text)
		}); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s does not say %q, %v:\n%s", name, want, err, text)
		}
	}
	for _, k := range jobs.LaneKinds() {
		if k.ByHand != (k.Name == string(jobs.Manual)) {
			t.Errorf("lane %s: another lane by hand needs other indexes, and mayGoOn to name it", k.Name)
		}
	}
}
