package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// A queue dispatches runs. What it says is never the proof of anything: the run
// row is, and names the one ticket by which it may be claimed.
type queue interface {
	// enqueue hands out a ticket for each run, in order, and returns their
	// numbers.
	enqueue(ctx context.Context, t *tx, orders []order) ([]int64, error)
	// complete ends the ticket that the worker of ctx holds, if it is that one.
	complete(ctx context.Context, t *tx, ticket int64) error
	// cancel ends a ticket; if a worker holds it, its context ends.
	cancel(ctx context.Context, t *tx, ticket int64) error
	// waits reports whether a ticket will be handed to a worker by itself.
	waits(ctx context.Context, t *tx, ticket int64) (bool, error)
	// work hands tickets to w until stop is called, which waits for those that
	// are being worked on.
	work(ctx context.Context, w *crew) (stop func(context.Context) error, err error)
	// lines makes the running crew serve these lines too, so many runs of each
	// at a time.
	lines(atOnce map[string]int) error
}

// An order asks for a ticket.
type order struct {
	run, hunt, lane string
	line            string // the queue, one for each connection
	at              time.Time
}

// priority of a lane: 1 goes first.
func (o order) priority() int {
	switch {
	case o.lane == jobs.Live:
		return 1
	case o.lane == jobs.Manual:
		return 2
	case o.lane == jobs.Late:
		return 3
	}
	return 4
}
