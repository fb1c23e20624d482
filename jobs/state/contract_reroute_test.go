package state

import (
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

// testReroute: a run that waits goes to the line that its hunt names now, and
// keeps its time; one that is being examined is left alone.
func testReroute(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	reroute := func(to string, want int) {
		t.Helper()
		n, err := w.Reroute(w.ctx, map[string]string{"h": to, "other": "x"}, w.now)
		if w.must(err); n != want {
			t.Errorf("to %s: %d runs went, want %d", to, n, want)
		}
	}
	planned := w.plan(w.mark + 600)
	_, stale, _ := w.due()
	reroute(planned.Connection, 0)
	reroute("second", 1)
	reroute("second", 0)
	if _, err := w.Ledger.claim(w.ctx, planned.ID, stale, nil, jobs.Lease, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim with the ticket of the old line: %v", err)
	}
	r := w.claim(planned)
	if r.Connection != "second" {
		t.Errorf("the run searches %q", r.Connection)
	}
	reroute("third", 0)
	w.must(w.Fail(w.ctx, r, "busy", w.now.Add(time.Hour), w.now))
	reroute("third", 1)
	w.wantState(r, jobs.Retry)
	views, err := w.Overview(w.ctx)
	if w.must(err); !views["h"].RetryAt.Equal(w.now.Add(time.Hour)) {
		t.Errorf("tried again at %s", views["h"].RetryAt)
	}
	w.now = w.now.Add(time.Hour)
	w.commit(w.claim(planned))
}
