package state

import (
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// testShrink: a window that held too much ends earlier, for whoever has the run,
// and the planner goes on from there.
func testShrink(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	begin := w.mark
	r := w.claim(w.plan(begin + 600))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("whole")}, w.now))
	for _, to := range []int64{begin, begin - 1, begin + 600, begin + 601} {
		if err := w.Shrink(w.ctx, r, to, w.now); err == nil {
			t.Errorf("%s was made to end at %d", r.Window, to)
		}
	}
	byHand := r
	byHand.Lane = jobs.Manual
	if err := w.Shrink(w.ctx, byHand, begin+300, w.now); err == nil {
		t.Error("the window of a lane that does not tile was made shorter")
	}
	w.must(w.Shrink(w.ctx, r, begin+300, w.now))
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies of the longer window are left", n)
	}

	if got := w.lane().Pace; got != 150 {
		t.Errorf("the lane's pace is %d, want 150: the commit doubles it", got)
	}

	// The worker dies; its successor finds the shorter window.
	w.now = w.now.Add(2 * jobs.Lease)
	heir := w.claim(r)
	if want := (pipeline.Window{From: begin, To: begin + 300}); heir.Window != want {
		t.Errorf("taken over with window %s, want %s", heir.Window, want)
	}
	if err := w.Shrink(w.ctx, r, begin+150, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a zombie makes the window shorter: %v", err)
	}
	w.must(w.Stage(w.ctx, heir, 0, []jobs.Body{body("half")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: heir, Pace: 300}, w.now))
	w.wantSendable("half")
	w.wantWatermark(begin + 300)
	if got := w.lane().Pace; got != 300 {
		t.Errorf("the lane's pace is %d, want 300", got)
	}

	w.mark = begin + 300
	rest := w.claim(w.plan(begin + 600)) // in the same slot
	if m, err := w.Memory(w.ctx, rest); err != nil || m.Pace != 300 {
		t.Errorf("memory %+v, %v", m, err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: rest}, w.now))
	w.wantWatermark(begin + 600)
	if got := w.lane().Pace; got != 0 {
		t.Errorf("the lane's pace is %d, want none", got)
	}
	if err := w.Shrink(w.ctx, rest, begin+400, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a window that is done was made shorter: %v", err)
	}
}

// testTimeouts: what takes too long is halved from the second attempt on, and the
// windows behind it are no longer than the one that did not.
func testTimeouts(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.now = time.Now() // the runner's clock
	r := w.plan(w.mark + 600)
	for _, span := range []int64{600, 600, 300} { // that the attempt examines
		r = w.claim(r)
		if got := r.Window.To - r.Window.From; got != span {
			t.Errorf("attempt %d examines %d seconds, want %d", r.Attempts, got, span)
		}
		if err := w.examine(w.ctx, w.Ledger, r, pipeline.ErrTimeout); !errors.Is(err, pipeline.ErrTimeout) {
			t.Error(err)
		}
		w.wantState(r, jobs.Retry)
		w.now = time.Now().Add(time.Minute)
	}
	r = w.claim(r)
	w.must(w.examine(w.ctx, w.Ledger, r, nil))
	w.wantWatermark(w.mark + 150)
	if got := w.lane().Pace; got != 150 {
		t.Errorf("the lane's pace is %d, want 150", got)
	}
}

func testOutboxBytes(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	want := func(bytes int64, when string) {
		t.Helper()
		if n, err := w.OutboxBytes(w.ctx); n != bytes || err != nil {
			t.Errorf("%s: %d bytes, %v, want %d", when, n, err, bytes)
		}
	}
	want(0, "empty")
	r := w.claim(w.plan(w.mark + 60))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("123"), body("4567")}, w.now))
	want(7, "staged")
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	items, err := w.Due(w.ctx, "main", w.now, 1)
	w.must(err)
	w.must(w.Done(w.ctx, items[0]))
	want(4, "one is confirmed")
}
