package outbox

import (
	"context"
	"errors"
	"time"
)

// An Item is a body that waits to be sent.
type Item struct {
	ID       int64
	Run      string
	Dest     string
	Body     []byte // in the form of its sink
	Events   int
	Attempts int // how often it was tried before
}

// A Dead is an event that the sink will never take.
type Dead struct {
	Event  []byte // as it was sent
	Status int    // the HTTP status
	Reason string
}

// A Part is what is left of a body from which dead events were taken.
type Part struct {
	Body   []byte
	Events int
}

// ErrUnreachable says that the database of the queue does not answer. The same
// call may succeed later.
var ErrUnreachable = errors.New("the state is unreachable")

// A Queue holds bodies until they are done. What it has done is durable when
// it returns. Of a body that is gone by then, Done, Defer and Split do nothing.
type Queue interface {
	// Due takes out the bodies that may be sent at now, the one that has been due
	// for longest first. Others leave them alone for two minutes.
	Due(ctx context.Context, dest string, now time.Time, limit int) ([]Item, error)
	// Release lets others have what was taken out.
	Release(ctx context.Context, dest string) error
	// NextSend returns when the next body may be sent, false if none waits.
	NextSend(ctx context.Context, dest string) (time.Time, bool, error)
	// Done removes a body that was confirmed.
	Done(ctx context.Context, it Item) error
	// Defer keeps a body back until a time.
	Defer(ctx context.Context, it Item, until time.Time, reason string) error
	// Split replaces a body by its parts and puts its dead events aside.
	Split(ctx context.Context, it Item, dead []Dead, parts []Part, now time.Time) error
}

// An Observer follows bodies, for metrics. The worker waits for its methods.
type Observer interface {
	// Taken reports that bodies, at least one, were taken out of the queue.
	Taken(items []Item)
	// Sent reports the sink's answer to a body, nil if it was confirmed.
	Sent(it Item, took time.Duration, err error)
	// Confirmed reports that a body has left the outbox, since its sink has it.
	Confirmed(it Item)
}
