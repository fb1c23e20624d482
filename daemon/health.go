package daemon

import (
	"cmp"
	"sync"
	"time"
)

// A health says since when the ledger has been unreachable.
type health struct {
	mu       sync.Mutex
	answered time.Time // last; zero before the first answer
	since    time.Time // zero while it answers
}

// observe notes the outcome of a call, an error if the ledger was unreachable.
// It returns whether that is a change, and since when the ledger is, or was,
// unreachable: an outage begins with the last answer, for a call notices it late.
func (h *health) observe(err error, now time.Time) (since time.Time, changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.answered = now
	}
	if (err != nil) == !h.since.IsZero() {
		return h.since, false
	}
	if err != nil {
		h.since = cmp.Or(h.answered, now)
		return h.since, true
	}
	since, h.since = h.since, time.Time{}
	return since, true
}

func (h *health) unreachableSince() (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, !h.since.IsZero()
}
