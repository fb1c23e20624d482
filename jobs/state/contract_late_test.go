package state

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// settle commits the next live window, to be looked at for late events.
func (w *world) settle(sent ...jobs.Sent) jobs.Run {
	w.t.Helper()
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Searched: w.now, Sent: sent}, w.now))
	w.mark = r.Window.To
	return r
}

// unsettled is the window that is next to be looked at, if it ended by then.
func (w *world) unsettled(by int64) (pipeline.Window, bool) {
	w.t.Helper()
	due, err := w.Unsettled(w.ctx, map[string]int64{w.hunt: by, "other": by}, w.now)
	w.must(err)
	got, ok := due[w.hunt]
	if len(due) > 1 {
		w.t.Errorf("windows of other hunts: %v", due)
	}
	return got, ok
}

func (w *world) lateRun(win pipeline.Window) jobs.Run {
	r := w.run(0)
	r.Lane, r.Window, r.Slot = jobs.Late, win, time.Unix(win.To, 0)
	return r
}

func (w *world) count(table string) (n int) {
	w.t.Helper()
	w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(w.ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE hunt_id=?", table), w.hunt).Scan(&n)
	}))
	return n
}

// testLate: a window is looked at once, and what it has come to is known until
// then, whatever dies meanwhile.
func testLate(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	sent := make([]jobs.Sent, 1201) // more than one statement takes
	want := map[string]string{}
	for i := range sent {
		sent[i] = jobs.Sent{ID: fmt.Sprint("id-", i), Digest: fmt.Sprint(i)}
		want[sent[i].ID] = sent[i].Digest
	}
	first := w.settle(sent...)
	searched := w.now
	w.now = w.now.Add(time.Minute)
	second := w.settle()
	if _, ok := w.unsettled(first.Window.To - 1); ok {
		t.Error("a window that has not settled is to be looked at")
	}
	if got, ok := w.unsettled(second.Window.To); !ok || got != first.Window {
		t.Errorf("the next is %s, want the oldest, %s", got, first.Window)
	}

	r := w.lateRun(first.Window)
	w.must(w.PlanLate(w.ctx, []jobs.Run{r, w.lateRun(first.Window), w.lateRun(second.Window)}, w.now)) // one is open at a time
	if _, ok := w.unsettled(second.Window.To); ok {
		t.Error("a window is next though another is being looked at")
	}
	r = w.claim(r)
	known, err := w.Settling(w.ctx, r)
	w.must(err)
	if diff := cmp.Diff(jobs.Settling{Searched: searched.UTC(), Sent: want}, known); diff != "" {
		t.Errorf("what is known of the window (-want +got):\n%s", diff)
	}
	w.now = w.now.Add(2 * jobs.Lease) // its worker dies, and the look is repeated
	heir := w.claim(r)
	if again, err := w.Settling(w.ctx, heir); err != nil || !cmp.Equal(known, again) {
		t.Errorf("for its heir: %v", err)
	}
	w.must(w.Stage(w.ctx, heir, 0, []jobs.Body{body("changed")}, w.now))
	if err := w.Commit(w.ctx, jobs.Commit{Run: r, Late: 2}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a zombie commits: %v", err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: heir, Late: 2}, w.now))
	w.wantSendable("changed")
	w.wantState(heir, jobs.Succeeded)
	w.wantWatermark(w.mark)
	if n := w.count("finding"); n != 0 {
		t.Errorf("%d findings of a settled window are kept", n)
	}
	if _, err := w.Settling(w.ctx, heir); !errors.Is(err, pipeline.ErrPermanent) {
		t.Errorf("a settled window: %v", err)
	}
	w.must(w.PlanLate(w.ctx, []jobs.Run{w.lateRun(first.Window)}, w.now))
	if job, ok := w.offered(); ok {
		t.Errorf("a settled window is looked at again by %s", job.Run)
	}

	// Nothing came late to the second: no trace is left of the look.
	next, ok := w.unsettled(second.Window.To)
	if !ok || next != second.Window {
		t.Fatalf("the next is %s, want %s", next, second.Window)
	}
	r = w.lateRun(next)
	w.must(w.PlanLate(w.ctx, []jobs.Run{r}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: w.claim(r)}, w.now))
	if runs, err := w.Runs(w.ctx, "h", jobs.Late); err != nil || len(runs) != 1 {
		t.Errorf("%d runs on the late lane, want that of the window that grew, %v", len(runs), err)
	}
	if _, ok := w.unsettled(1 << 40); ok {
		t.Error("something is left to look at")
	}
	if n := w.count("settled"); n != 2 {
		t.Errorf("%d windows are known as settled, want 2", n)
	}
	w.later(testRetention.Runs + time.Hour)
	w.manual()
	w.wantPruned(2+2, "settled windows, and the live runs") // an event of the late run waits
}

func (w *world) later(d time.Duration) { w.now = w.now.Add(d) }

// testLateWaits: for a person where a look has failed for good, for the hunt
// where it is paused; the windows behind are looked at meanwhile.
func testLateWaits(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	first, second := w.settle(jobs.Sent{ID: "a", Digest: "b"}), w.settle()
	r := w.lateRun(first.Window)
	w.must(w.PlanLate(w.ctx, []jobs.Run{r}, w.now))
	w.must(w.Fail(w.ctx, w.claim(r), "bad token", time.Time{}, w.now))
	if got, ok := w.unsettled(1 << 40); !ok || got != second.Window {
		t.Errorf("the next is %s, want the one behind the failed, %s", got, second.Window)
	}
	views, err := w.Overview(w.ctx)
	w.must(err)
	if v := views["h"]; v.Settling != 2 || v.LateFailed != 1 || v.Grown != 0 {
		t.Errorf("%d windows settle, %d looks have failed, %d windows grew, want 2, 1 and 0", v.Settling, v.LateFailed, v.Grown)
	}
	w.must(w.Pause(w.ctx, "h", "maintenance", w.now.Add(time.Hour), w.now))
	if _, ok := w.unsettled(1 << 40); ok {
		t.Error("a window of a paused hunt is next")
	}
	w.later(testRetention.Runs)
	w.manual()
	w.wantPruned(0, "while the windows wait")
	w.must(w.Retry(w.ctx, r.ID, w.now))
	if known, err := w.Settling(w.ctx, w.claim(r)); err != nil || len(known.Sent) != 1 {
		t.Errorf("tried again by a person: %+v, %v", known, err)
	}
}

// testLateSuppressions: a late run may have read what a live one has changed
// since.
func testLateSuppressions(t *testing.T, open func() *Ledger) {
	for i, tt := range []struct {
		name             string
		live, late, want jobs.Suppression
	}{
		{"meets", jobs.Suppression{Shown: 100, Until: 200}, jobs.Suppression{Shown: 50, Until: 150}, jobs.Suppression{Shown: 50, Until: 200}},
		{"meets behind", jobs.Suppression{Shown: 100, Until: 200}, jobs.Suppression{Shown: 150, Until: 250}, jobs.Suppression{Shown: 100, Until: 250}},
		{"within", jobs.Suppression{Shown: 100, Until: 200}, jobs.Suppression{Shown: 120, Until: 130}, jobs.Suppression{Shown: 100, Until: 200}},
		{"before", jobs.Suppression{Shown: 100, Until: 200}, jobs.Suppression{Shown: 10, Until: 90}, jobs.Suppression{Shown: 100, Until: 200}},
		{"behind", jobs.Suppression{Shown: 100, Until: 200}, jobs.Suppression{Shown: 200, Until: 300}, jobs.Suppression{Shown: 200, Until: 300}},
	} {
		w := newWorld(t, open(), fmt.Sprint("h", i))
		tt.live.Key, tt.late.Key, tt.want.Key = "k", "k", "k"
		r := w.claim(w.plan(w.mark + 600))
		w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Searched: w.now, Shown: []jobs.Suppression{tt.live}}, w.now))
		late := w.lateRun(r.Window)
		w.must(w.PlanLate(w.ctx, []jobs.Run{late}, w.now))
		w.must(w.Commit(w.ctx, jobs.Commit{Run: w.claim(late), Late: 1, Shown: []jobs.Suppression{tt.late}}, w.now))
		shown, err := reported(w.Ledger, w.hunt, jobs.Live, 0)
		w.must(err)
		if diff := cmp.Diff(map[string]jobs.Suppression{"k": tt.want}, shown); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		w.must(w.Close())
	}
}
