package state

import (
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

// testReassign: a run that waits searches the connection that its hunt names now,
// and keeps its time; one that is being examined is left alone.
func testReassign(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	reassign := func(to string, want int) {
		t.Helper()
		n, err := w.Reassign(w.ctx, map[string]string{"h": to, "other": "x"}, w.now)
		if w.must(err); n != want {
			t.Errorf("to %s: %d runs were changed, want %d", to, n, want)
		}
	}
	planned := w.plan(w.mark + 600)
	stale, _ := w.offered()
	reassign(planned.Connection, 0)
	reassign("second", 1)
	reassign("second", 0)
	if _, err := w.Ledger.claim(w.ctx, stale, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim by the offer of before: %v", err)
	}
	r := w.claim(planned)
	if r.Connection != "second" {
		t.Errorf("the run searches %q", r.Connection)
	}
	reassign("third", 0)
	w.must(w.Fail(w.ctx, r, "busy", w.now.Add(time.Hour), w.now))
	reassign("third", 1)
	w.wantState(r, jobs.Retry)
	views, err := w.Overview(w.ctx)
	if w.must(err); !views["h"].RetryAt.Equal(w.now.Add(time.Hour)) {
		t.Errorf("tried again at %s", views["h"].RetryAt)
	}
	w.now = w.now.Add(time.Hour)
	w.commit(w.claim(planned))
}
