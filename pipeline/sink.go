package pipeline

import (
	"context"
	"fmt"
	"time"
)

// A Sink takes bodies of events away for good: nil means that they are safe
// over there. A body has the sink's [Format]. It is sent as it is, once: others
// repeat it. [RejectedError] and [ParkedError] say what they mean for the body;
// any other error leaves open whether it arrived, and it is to be sent again.
type Sink interface {
	Send(ctx context.Context, body []byte) error
}

// A RejectedError says that a body as it stands will never be taken.
type RejectedError struct {
	// Event is the number of the offending event in the body, from 0, or -1
	// where the receiver did not say.
	Event  int
	Status int    // the HTTP status
	Reason string // the receiver's words
}

func (e *RejectedError) Error() string {
	if e.Event < 0 {
		return fmt.Sprintf("rejected with status %d: %s", e.Status, e.Reason)
	}
	return fmt.Sprintf("event %d rejected with status %d: %s", e.Event, e.Status, e.Reason)
}

// A ParkedError says that the receiver takes nothing until a person acts, on
// the token for instance. Nothing is wrong with the body.
type ParkedError struct {
	Status int
	Reason string
	// ThisBody reports whether other bodies may be taken: those that name another
	// index, for instance.
	ThisBody bool
}

func (e *ParkedError) Error() string {
	return fmt.Sprintf("parked, nothing is taken (status %d): %s", e.Status, e.Reason)
}

// A BusyError says that the receiver wants to be left alone for a while.
type BusyError struct {
	After  time.Duration // 0 where it did not say how long
	Reason string
}

func (e *BusyError) Error() string { return "busy: " + e.Reason }
