package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// The pauses before the next try: the first, doubled each time up to the last.
const (
	firstPause = time.Second
	lastPause  = time.Minute
	// maxBusy bounds what a sink may ask for, as firstPause does: beyond it a
	// clock over there is wrong, or a proxy speaks for it.
	maxBusy = 10 * time.Minute
)

// send tries one body and returns how long the destination is to be left
// alone. What the answer means for the queue is owed to it.
func (w *Worker) send(ctx context.Context, it Item) time.Duration {
	began := time.Now()
	err := w.Sink.Send(ctx, it.Body)
	if w.Observer != nil {
		w.Observer.Sent(it, time.Since(began), err)
	}
	var rejected *pipeline.RejectedError
	switch {
	case err == nil:
		w.owed = func(ctx context.Context) error { return w.done(ctx, it) }
	case errors.As(err, &rejected):
		w.owed = func(ctx context.Context) error { return w.split(ctx, it, rejected) }
	default:
		return w.keep(it, err)
	}
	if w.fails > 0 {
		w.fails = 0
		w.Log.Info("delivery resumed", zap.String("connection", w.Dest))
	}
	return 0
}

func (w *Worker) done(ctx context.Context, it Item) error {
	if err := w.Queue.Done(ctx, it); err != nil {
		return err
	}
	w.Log.Info("events delivered", zap.String("connection", it.Dest), zap.String("run", it.Run), zap.Int("events", it.Events))
	if w.Observer != nil {
		w.Observer.Confirmed(it)
	}
	return nil
}

// keep keeps a body for later and says for how long the destination rests.
func (w *Worker) keep(it Item, err error) time.Duration {
	log := w.Log.With(zap.String("connection", w.Dest), zap.String("run", it.Run), zap.Int("events", it.Events),
		zap.Int("attempt", it.Attempts+1))
	pause := grow(w.fails)
	w.fails++
	until := pause
	var parked *pipeline.ParkedError
	var busy *pipeline.BusyError
	switch {
	case errors.As(err, &parked):
		log.Error("delivery refused", zap.Duration("again_in", pause), zap.Error(err), zap.String("hint", "events are kept until HEC takes them: mend what the error names"))
	case errors.As(err, &busy) && busy.After > 0:
		pause = min(max(busy.After, firstPause), maxBusy)
		until = pause
		log.Warn("delivery postponed: HEC is busy", zap.Duration("again_in", pause), zap.Error(err))
	default:
		pause = jitter(pause)
		until = max(pause, jitter(grow(it.Attempts)))
		log.Warn("delivery failed", zap.Duration("again_in", until), zap.Error(err))
	}
	at := time.Now().Add(until)
	w.owed = func(ctx context.Context) error { return w.Queue.Defer(ctx, it, at, err.Error()) }
	return pause
}

// grow is the pause after the n-th failure in a row, counted from 0.
func grow(n int) time.Duration { return min(firstPause<<min(n, 16), lastPause) }

// jitter takes up to half of a pause off at random, so that many senders do
// not come back at once.
func jitter(pause time.Duration) time.Duration { return pause - rand.N(pause/2) }
