package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// testFence: whoever lost a run can change nothing, before and after the new
// owner's commit.
func testFence(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	old := w.claim(w.plan(w.mark + 600))
	w.must(w.Stage(w.ctx, old, 0, []jobs.Body{body("old")}, w.now))
	w.must(w.GiveBack(w.ctx, old, w.now))
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies are left of a run that was given back", n)
	}
	owner := w.claim(old)
	if owner.Fence <= old.Fence || owner.Attempts != old.Attempts {
		t.Errorf("fence %d after %d, attempt %d after %d", owner.Fence, old.Fence, owner.Attempts, old.Attempts)
	}
	zombie := func(when string) {
		for name, err := range map[string]error{
			"Heartbeat": w.Heartbeat(w.ctx, old, jobs.Lease, w.now),
			"SetSID":    w.SetSID(w.ctx, old, "zombie"),
			"Stage":     w.Stage(w.ctx, old, 7, []jobs.Body{body("zombie")}, w.now),
			"Commit":    w.Commit(w.ctx, jobs.Commit{Run: old, Shown: []jobs.Suppression{{Key: "zombie", Until: 1 << 40}}}, w.now),
			"Fail":      w.Fail(w.ctx, old, "zombie", time.Time{}, w.now),
			"GiveBack":  w.GiveBack(w.ctx, old, w.now),
		} {
			if !errors.Is(err, jobs.ErrSuperseded) {
				t.Errorf("%s the owner's commit, %s: %v, want %v", when, name, err, jobs.ErrSuperseded)
			}
		}
		if shown, err := reported(w.Ledger, "h", jobs.Live, 0); len(shown) != 0 || err != nil {
			t.Errorf("%s the owner's commit the zombie is remembered: %v, %v", when, shown, err)
		}
	}
	w.must(w.Stage(w.ctx, owner, 0, []jobs.Body{body("new")}, w.now))
	zombie("before")
	w.wantSendable()
	w.wantWatermark(w.mark)
	w.must(w.Commit(w.ctx, jobs.Commit{Run: owner}, w.now))
	zombie("after")
	w.wantSendable("new")
	w.wantWatermark(owner.Window.To)
}

func testLapsedLease(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	old := w.claim(w.plan(w.mark + 600))
	w.must(w.SetSID(w.ctx, old, "sid"))
	w.must(w.Stage(w.ctx, old, 0, []jobs.Body{body("old")}, w.now))
	w.now = w.now.Add(jobs.Lease / 2)
	w.must(w.Heartbeat(w.ctx, old, jobs.Lease, w.now))
	w.now = w.now.Add(jobs.Lease)
	if r, ok := w.next(); ok {
		t.Errorf("%s was claimed though its lease has not run out", r.ID)
	}
	w.now = w.now.Add(time.Millisecond)
	owner := w.claim(old)
	if owner.Fence <= old.Fence || owner.SID != "sid" {
		t.Errorf("taken over with fence %d after %d, and job %q", owner.Fence, old.Fence, owner.SID)
	}
	w.must(w.Stage(w.ctx, owner, 0, []jobs.Body{body("new")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: owner}, w.now))
	w.wantSendable("new")
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies of the old owner are left", n)
	}
}

func testWatermark(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a")}, w.now))
	wrong := r
	wrong.Window.From++
	if err := w.Commit(w.ctx, jobs.Commit{Run: wrong, Shown: []jobs.Suppression{{Key: "k", Until: 1 << 40}}}, w.now); !errors.Is(err, jobs.ErrWatermark) {
		t.Errorf("commit of a window that begins elsewhere: %v, want %v", err, jobs.ErrWatermark)
	}
	// All or nothing.
	w.wantSendable()
	w.wantWatermark(w.mark)
	w.wantState(r, jobs.Running)
	if shown, err := reported(w.Ledger, "h", jobs.Live, 0); len(shown) != 0 || err != nil {
		t.Errorf("suppressions of a commit that was refused: %v, %v", shown, err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	w.wantSendable("a")
}

func testFailures(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	given := w.claim(w.plan(w.mark + 600))
	w.must(w.GiveBack(w.ctx, given, w.now)) // that attempt does not count
	w.now = w.now.Add(time.Minute)
	r, began := w.claim(given), w.now
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a")}, w.now))
	again := w.now.Add(time.Minute)
	w.must(w.Fail(w.ctx, r, "peer is down", again, w.now))
	if got := w.wantState(r, jobs.Retry); got.Error != "peer is down" {
		t.Errorf("reason %q", got.Error)
	}
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies are left of an attempt that failed", n)
	}
	w.now = again.Add(-time.Millisecond)
	if _, ok := w.next(); ok {
		t.Error("tried again too early")
	}
	w.now = again
	r = w.claim(r)
	if r.Attempts != 2 || r.Error != "" || !r.Started.Equal(began) {
		t.Errorf("attempt %d since %s, error %q; the first began at %s", r.Attempts, r.Started, r.Error, began)
	}
	w.must(w.Fail(w.ctx, r, "no such index", time.Time{}, w.now))
	w.wantState(r, jobs.Failed)
	w.wantWatermark(w.mark)
	if w.planned(w.run(w.mark + 900)) {
		t.Error("the slot in which a run failed for good has another from the same second")
	}
	w.slot = w.slot.Add(time.Hour)
	r = w.plan(w.mark + 900) // the next slot begins at the same second
	w.commit(w.claim(r))
	w.wantWatermark(r.Window.To)
}

// testResume: a start lets what failed in the newest slot begin again.
func testResume(t *testing.T, open func() *Ledger) {
	l := open()
	w := newWorld(t, l, "h")
	old := w.claim(w.plan(w.mark + 600))
	w.must(w.Fail(w.ctx, old, "bad token", time.Time{}, w.now))
	w.slot = w.slot.Add(time.Hour)
	r := w.claim(w.plan(w.mark + 900))
	w.must(w.Fail(w.ctx, r, "bad token", time.Time{}, w.now))

	w.must(l.Resume(w.ctx, map[string]string{"other": "spec"}, nil, w.now))
	w.wantState(r, jobs.Failed)

	all := map[string]string{"h": "spec", "unknown": "spec"}
	w.must(l.Resume(w.ctx, all, nil, w.now))
	w.wantState(old, jobs.Failed)
	if got := w.wantState(r, jobs.Queued); got.Attempts != 0 {
		t.Errorf("%d attempts are left over", got.Attempts)
	}
	w.must(l.Resume(w.ctx, all, nil, w.now)) // with a run open already
	w.now = w.now.Add(time.Minute)
	again := w.claim(r)
	if again.Fence <= r.Fence || !again.Started.Equal(w.now) {
		t.Errorf("fence %d after %d, failing since %s though resumed at %s", again.Fence, r.Fence, again.Started, w.now)
	}
	w.commit(again)
	w.must(l.Resume(w.ctx, all, nil, w.now))
	w.wantState(r, jobs.Succeeded)
	w.wantState(old, jobs.Failed)
}

// testResumeWaiting: a reload does not end a pause that a server may have asked
// for, unless what made the run fail may be mended, and then once.
func testResumeWaiting(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	again := w.now.Add(time.Hour)
	fail := func() {
		t.Helper()
		w.must(w.Fail(w.ctx, r, "busy", again, w.now))
	}
	resume := func(what, spec string, mended map[string]bool, hurried bool) {
		t.Helper()
		w.must(w.Resume(w.ctx, map[string]string{"h": spec}, mended, w.now))
		views, err := w.Overview(w.ctx, "h")
		w.must(err)
		if v := views["h"]; v.Open.State != jobs.Retry || v.RetryAt.IsZero() != hurried {
			t.Errorf("%s: %s, tried again at %s", what, v.Open.State, v.RetryAt)
		}
		if hurried {
			r = w.claim(r)
		}
	}
	fail()
	resume("nothing has changed", "spec", nil, false)
	resume("another connection has changed", "spec", map[string]bool{"other": true}, false)
	resume("the hunt's file has changed", "newer", nil, true)
	fail()
	resume("the file has changed before", "newer", nil, false)
	resume("the connection has changed", "newer", map[string]bool{"h": true}, true)
}

// testResumeMany: a reload takes a few statements, however many hunts there are.
func testResumeMany(t *testing.T, open func() *Ledger) {
	const hunts = 2100
	w := newWorld(t, open(), "h")
	specs := map[string]string{}
	for i := range hunts {
		specs[fmt.Sprint("hunt-", i)] = "newer"
	}
	count := strings.NewReplacer("$each", fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<%d)`, hunts-1))
	w.must(w.write(w.ctx, func(ctx context.Context, tx *tx) error {
		for _, stmt := range []string{
			`$each INSERT INTO hunt(hunt_id, last_slot, seen_at) SELECT 'hunt-'||i, 5, 5 FROM n`,
			`$each INSERT INTO checkpoint(hunt_id, lane, watermark) SELECT 'hunt-'||i, 'live', 10 FROM n`,
			`$each INSERT INTO run(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, due_at, created_at)
				SELECT 'run-'||i, 'hunt-'||i, 'live', 'main', 1, 5, 10, 20, 'spec', CASE i%2 WHEN 0 THEN 'failed' ELSE 'retry' END, 1, 1 FROM n`,
		} {
			if _, err := tx.exec(w.ctx, count.Replace(stmt)); err != nil {
				return err
			}
		}
		asked := &askedConn{conn: tx.conn}
		tx.conn = asked
		waiting, err := hurryWaiting(w.ctx, tx, specs, nil)
		if err != nil {
			return err
		}
		failed, err := reviveFailed(w.ctx, tx, specs)
		if n := len(asked.queries); len(waiting) != hunts/2 || len(failed) != hunts/2 || n > 10 {
			t.Errorf("%d runs need not wait, %d that had failed are queued, by %d statements", len(waiting), len(failed), n)
		}
		return err
	}))
}

func testManual(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	live := w.plan(w.mark + 600)
	window := pipeline.Window{From: 5, To: 1 << 33}
	var runs []jobs.Run
	for range 2 { // of the same window, beside an open live one
		r := w.run(0)
		r.Lane, r.Window = jobs.Manual, window
		begun, err := w.Begin(w.ctx, r, w.now)
		if err != nil || begun.ID != r.ID || begun.State != jobs.Running || begun.Attempts != 1 {
			t.Fatalf("begun %+v, %v", begun, err)
		}
		runs = append(runs, begun)
	}
	r := runs[1]
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("manual")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	w.wantSendable("manual")
	w.wantWatermark(w.mark)
	w.must(w.Fail(w.ctx, runs[0], "gone", time.Time{}, w.now))
	w.wantState(runs[0], jobs.Failed)
	w.claim(live)
	// The process dies: a daemon examines its window.
	left, err := w.Begin(w.ctx, w.manualRun(), w.now)
	w.must(err)
	w.now = w.now.Add(jobs.Lease + time.Second)
	if heir := w.claim(left); heir.Fence <= left.Fence {
		t.Errorf("taken over with fence %d after %d", heir.Fence, left.Fence)
	}
}

func (w *world) manualRun() jobs.Run {
	r := w.run(w.mark + 600)
	r.Lane = jobs.Manual
	return r
}

// testRecover: whatever a process leaves behind when it dies.
func testRecover(t *testing.T, open func() *Ledger) {
	l := open()
	w := newWorld(t, l, "h")
	r := w.claim(w.plan(w.mark + 600))
	w.commit(r)
	zombie := w.claim(w.plan(w.mark + 600))
	w.must(w.SetSID(w.ctx, zombie, "left-behind"))
	w.must(w.Stage(w.ctx, zombie, 0, []jobs.Body{body("staged")}, w.now))
	w.must(l.Close())

	w.Ledger = open()
	if _, shared := w.db.(*postgresDB); shared { // others may be alive: only the lease tells
		w.now = w.now.Add(jobs.Lease + time.Millisecond)
		_, err := w.Rescue(w.ctx, w.now)
		w.must(err)
	}
	if n := w.staged(); n != 0 {
		t.Errorf("%d staged bodies outlived the process", n)
	}
	w.wantSendable(r.ID)
	w.wantWatermark(w.mark)
	again := w.claim(zombie)
	if again.Fence <= zombie.Fence+1 || again.SID != "left-behind" {
		t.Errorf("fence %d after %d, job %q", again.Fence, zombie.Fence, again.SID)
	}
	w.must(w.Stage(w.ctx, again, 0, []jobs.Body{body("again")}, w.now))
	if err := w.Commit(w.ctx, jobs.Commit{Run: zombie}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("commit by the dead: %v", err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: again}, w.now))
	w.wantSendable(r.ID, "again")
}

// testMemory: what the stages saved is there for the next window if, and only
// if, the window before counts.
func testMemory(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	carried := func(r jobs.Run) string {
		t.Helper()
		m, err := w.Memory(w.ctx, r)
		w.must(err)
		return string(m.Carry)
	}
	r := w.claim(w.plan(w.mark + 600))
	if got := carried(r); got != "" {
		t.Errorf("the first window begins with %q", got)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Carry: []byte("one\x00")}, w.now))
	r = w.claim(w.planNext())
	wrong := r
	wrong.Window.From++
	if err := w.Commit(w.ctx, jobs.Commit{Run: wrong, Carry: []byte("wrong")}, w.now); !errors.Is(err, jobs.ErrWatermark) {
		t.Error(err)
	}
	if got := carried(r); got != "one\x00" {
		t.Errorf("the second window begins with %q", got)
	}
	manual := r
	manual.Lane = jobs.Manual
	if got := carried(manual); got != "" {
		t.Errorf("a run by hand begins with %q", got)
	}
}
