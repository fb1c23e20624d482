package outbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

const (
	// batch is how many bodies are read from the queue at a time.
	batch = 8
	// lastWord is how long the sink may take to answer after the worker was
	// told to stop.
	lastWord = 30 * time.Second
	// releaseTimeout is how long the queue may take after that to note that bodies
	// are not sent by this worker.
	releaseTimeout = 2 * time.Second
)

// A Worker empties the queue of one destination.
type Worker struct {
	Dest  string
	Queue Queue
	Sink  pipeline.Sink
	// Format is that of the sink's bodies.
	Format pipeline.Format
	Log    *zap.Logger
	// Wake tells that there may be something to send.
	Wake <-chan struct{}
	// Hold is how long bodies are kept that were taken out: others may take them
	// after twice that. It is also how often the queue is looked at without being
	// woken, for a timer does not notice that the host slept or that its clock was
	// set. A minute if it is zero.
	Hold time.Duration
	// Observer, if it is not nil, follows the bodies.
	Observer Observer

	fails   int                         // tries in a row that did not come through
	trouble int                         // calls of the queue in a row that failed
	owed    func(context.Context) error // an answer that is not written down yet
}

// Run carries bodies until ctx ends. A body that is under way then gets half a
// minute to be finished, for a sink's answer should not be lost.
func (w *Worker) Run(ctx context.Context) {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		t := time.NewTimer(lastWord)
		defer t.Stop()
		select {
		case <-t.C:
			stop()
		case <-sending.Done():
		}
	})()
	for ctx.Err() == nil {
		pause, err := w.round(ctx, sending)
		switch {
		case err == nil:
			w.trouble = 0
		case ctx.Err() == nil:
			pause = grow(w.trouble)
			w.trouble++
			log := w.Log.Error
			if errors.Is(err, ErrUnreachable) {
				log = w.Log.Debug // the daemon logs an outage once, for all that wait for it
			}
			log("outbox access failed", zap.String("connection", w.Dest), zap.Duration("again_in", pause), zap.Error(err))
		}
		w.rest(ctx, pause)
	}
	releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := w.Queue.Release(releasing, w.Dest); err != nil {
		w.Log.Warn("outbox release failed", zap.String("connection", w.Dest), zap.Duration("taken_over_within", w.hold()), zap.Error(err))
	}
}

// round sends what is due and returns how long to rest.
func (w *Worker) round(ctx, sending context.Context) (time.Duration, error) {
	if err := w.settle(sending); err != nil {
		return 0, err
	}
	taken := time.Now()
	items, err := w.Queue.Due(ctx, w.Dest, taken, batch)
	if err != nil {
		return 0, err
	}
	if w.Observer != nil && len(items) > 0 {
		w.Observer.Taken(items)
	}
	for _, it := range items {
		if ctx.Err() != nil || time.Since(taken) > w.hold() {
			return 0, nil
		}
		pause := w.send(sending, it)
		if err := w.settle(sending); err != nil || pause > 0 {
			return pause, err
		}
	}
	if len(items) > 0 {
		return 0, nil
	}
	at, ok, err := w.Queue.NextSend(ctx, w.Dest)
	if err != nil || !ok {
		return w.hold(), err
	}
	return min(max(time.Until(at), time.Millisecond), w.hold()), nil
}

func (w *Worker) hold() time.Duration { return cmp.Or(w.Hold, time.Minute) }

// settle writes down what the sink answered last.
func (w *Worker) settle(ctx context.Context) error {
	if w.owed == nil {
		return nil
	}
	err := w.owed(ctx)
	if err == nil {
		w.owed = nil
	}
	return err
}

func (w *Worker) rest(ctx context.Context, pause time.Duration) {
	if pause == 0 {
		return
	}
	wake := w.Wake
	if w.fails > 0 || w.trouble > 0 {
		wake = nil // new bodies make neither the sink nor the queue any better
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}
