package state

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

const (
	// slotPause is how long a run waits, at most, to ask again for a search slot
	// of its Splunk.
	slotPause = 2 * time.Second
	// pausedPause is how long a run waits, at most, to ask again whether its hunt
	// and its connection are paused.
	pausedPause = 6 * time.Second
	// ledgerPause is how long a ticket rests when the ledger did not answer.
	ledgerPause = 5 * time.Second
	// soon is a pause that River takes for one.
	soon = 10 * time.Millisecond
)

// Work says how runs are to be done.
type Work struct {
	// AtOnce is how many runs of a connection this process does at a time, and
	// Workers how many of all.
	AtOnce  map[string]int
	Workers int
	// Slots is how many runs of a connection all processes do at a time; there
	// is no bound for one that is not in it.
	Slots func(connection string) int
	// Admit says how long a run is to wait before it is asked for again; zero
	// lets it begin.
	Admit func(ctx context.Context, hunt, lane string) time.Duration
	// Do examines a run that was claimed and notes in the ledger how it ended.
	Do  func(ctx context.Context, r jobs.Run)
	Log *zap.Logger
}

// A crew works on runs that the queue hands out.
type crew struct {
	Work
	ledger *Ledger
	desks  chan struct{} // one for each worker
}

// Start hands out runs that are due until stop is called, which waits for those
// that are under way.
func (l *Ledger) Start(ctx context.Context, w Work) (stop func(context.Context) error, err error) {
	return l.queue.work(ctx, &crew{Work: w, ledger: l, desks: make(chan struct{}, w.Workers)})
}

// Serve makes the crew at work take runs of further connections.
func (l *Ledger) Serve(atOnce map[string]int) error { return l.queue.lines(atOnce) }

// A heldTicket is what a worker works by.
type heldTicket struct {
	id int64
	// committed: its run was examined, and the ticket ended with it.
	committed atomic.Bool
}

type heldTicketKey struct{}

func holdTicket(ctx context.Context, id int64) context.Context {
	return context.WithValue(ctx, heldTicketKey{}, &heldTicket{id: id})
}

// heldBy is the ticket that a context's worker holds, nil if it holds none.
func heldBy(ctx context.Context) *heldTicket {
	held, _ := ctx.Value(heldTicketKey{}).(*heldTicket)
	return held
}

// attend does the run of a ticket, unless it is not its turn. It returns when
// the ticket is to be handed out again, zero for never; an error ends the
// ticket too, and is shown beside it.
func (c *crew) attend(ctx context.Context, t ticket, id int64) (again time.Duration, err error) {
	if !c.sitDown(ctx) {
		return soon, nil // before anybody takes the ticket for lost
	}
	defer func() { <-c.desks }()
	if wait := c.Admit(ctx, t.Hunt, t.Lane); wait > 0 {
		return wait, nil
	}
	run, err := c.ledger.claim(ctx, t.Run, id, c.Slots, c.ledger.lease, time.Now())
	switch {
	case errors.Is(err, errNoSlot):
		return jitter(slotPause), nil
	case errors.Is(err, errPaused):
		return jitter(pausedPause), nil
	case errors.Is(err, jobs.ErrSuperseded):
		return 0, nil
	case err != nil:
		if ctx.Err() == nil {
			c.Log.Error("a run could not be claimed", zap.String("run", t.Run), zap.Error(err))
		}
		return ledgerPause, nil
	}
	c.Do(ctx, run)
	if held := heldBy(ctx); held != nil && held.committed.Load() {
		return 0, nil
	}
	return c.afterwards(ctx, run, id)
}

// sitDown waits for a desk, for half a lease at most.
func (c *crew) sitDown(ctx context.Context) bool {
	t := time.NewTimer(c.ledger.lease / 2)
	defer t.Stop()
	select {
	case c.desks <- struct{}{}:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

// afterwards looks at what has become of a run.
func (c *crew) afterwards(ctx context.Context, r jobs.Run, id int64) (again time.Duration, err error) {
	after, err := c.ledger.outcome(context.WithoutCancel(ctx), r.ID)
	switch {
	case err != nil:
		// Its lease runs out, or its ticket is found missing.
		return ledgerPause, nil
	case after.ticket != id:
		return 0, nil // it has another ticket by now
	case after.state == jobs.Retry:
		return max(time.Until(after.retryAt), soon), nil
	case after.state == jobs.Queued:
		return soon, nil
	case after.state == jobs.Running:
		return c.ledger.lease, nil // its end could not be written down
	case after.state == jobs.Failed:
		return 0, fmt.Errorf("run %s: %s", r.ID, after.reason)
	}
	return 0, nil
}
