package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

const (
	// firstRetry is the pause before the second attempt; it doubles up to lastRetry.
	firstRetry = 5 * time.Second
	lastRetry  = 15 * time.Minute
	// noteRetry is the pause before the ledger is called again that gave no answer.
	noteRetry = time.Second
)

// failed writes into the ledger why an attempt ended and what follows. It returns
// nil if the ledger has the run's commit after all: only the answer was lost.
func (r *Runner) failed(ctx context.Context, h *hunt.Hunt, run Run, err error, shutdown bool, log *zap.Logger) error {
	if errors.Is(err, ErrSuperseded) {
		return r.superseded(run, err, log)
	}
	var write func(context.Context) error
	var report func()
	switch {
	case shutdown:
		write = func(ctx context.Context) error { return r.Ledger.GiveBack(ctx, run, time.Now()) }
		report = func() { log.Info("run given back", zap.Stringer("window", run.Window)) }
	case errors.Is(err, pipeline.ErrPermanent), errors.Is(err, ErrWatermark), run.Lane.Kind().ByHand:
		write = func(ctx context.Context) error {
			return r.Ledger.Fail(ctx, run, err.Error(), time.Time{}, time.Now())
		}
		report = func() {
			r.observer().Failed(run, err)
			log.Error("run failed", zap.Stringer("window", run.Window), zap.Error(err), zap.String("hint", "mend what the error names, then: huntd retry "+run.ID))
		}
	default:
		r.shorten(ctx, h, run, err, log)
		pause := retryPause(run.Attempts, err)
		write = func(ctx context.Context) error {
			now := time.Now()
			return r.Ledger.Fail(ctx, run, retryReason(run, err), now.Add(pause), now)
		}
		report = func() {
			r.observer().Retried(run, pause, err)
			log.Warn("run attempt failed", zap.Stringer("window", run.Window), zap.Int("attempt", run.Attempts), zap.Time("failing_since", run.Started),
				zap.Duration("again_in", pause), zap.Error(err))
		}
	}
	state, note := r.write(ctx, run, write)
	switch {
	case state == Succeeded:
		return nil
	case errors.Is(note, ErrSuperseded): // also where the attempt failed for another reason
		return r.superseded(run, note, log)
	case note != nil:
		err = errors.Join(err, note)
		if errors.Is(note, ErrLedgerUnreachable) {
			return err // the daemon logs an outage once
		}
		log.Error("run failure not noted", zap.Error(err), zap.String("hint", "the run is queued again when its lease has ended"))
		return err
	}
	report()
	return err
}

func (r *Runner) superseded(run Run, err error, log *zap.Logger) error {
	r.observer().LeaseLost(run)
	log.Warn("run superseded", zap.String("hint", "it was cancelled or taken over: nothing of this attempt counts"))
	return err
}

// write has the ledger note how a run's attempt ended. It repeats that until the
// ledger has it, a lease has passed or ctx has ended. A call that failed may have
// been carried out, and so may the run's commit before it: the run's state tells,
// and is returned.
func (r *Runner) write(ctx context.Context, run Run, do func(context.Context) error) (state RunState, err error) {
	ending := ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease())
	defer cancel()
	bounded := func(call func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, r.lease()/3)
		defer cancel()
		return call(ctx)
	}
	for {
		if err = bounded(do); err == nil {
			return "", nil
		}
		asked := bounded(func(ctx context.Context) (err error) {
			state, err = r.Ledger.StateOf(ctx, run)
			return err
		})
		switch {
		case errors.Is(asked, ErrSuperseded):
			return "", asked
		case asked == nil && state != Running:
			return state, nil
		}
		t := time.NewTimer(noteRetry)
		select {
		case <-t.C:
			continue
		case <-ending:
		case <-ctx.Done():
		}
		t.Stop()
		return "", err
	}
}

// retryReason is the error of a run that is tried again, as lists show it.
func retryReason(run Run, err error) string {
	if run.Attempts < 2 || run.Started.IsZero() {
		return err.Error()
	}
	word := "failing"
	if errors.Is(err, pipeline.ErrUnreachable) {
		word = "unreachable"
	}
	return fmt.Sprintf("%s since %s, %d attempts: %v", word, run.Started.UTC().Format(time.RFC3339), run.Attempts, err)
}

// retryPause doubles from attempt to attempt up to a bound; up to a quarter is
// taken off at random, so that hunts that failed together do not return
// together. A server that asks for a longer pause gets it, up to the same bound,
// and so does a window that has not ended.
func retryPause(attempts int, err error) time.Duration {
	if errors.Is(err, ErrLedgerUnreachable) {
		attempts = 1 // attempts of an outage say nothing about the search
	}
	p := min(firstRetry<<min(max(attempts-1, 0), 16), lastRetry)
	p -= rand.N(p / 4)
	var busy *pipeline.BusyError
	var future *FutureError
	switch {
	case errors.As(err, &busy):
		p = max(p, min(busy.After, lastRetry))
	case errors.As(err, &future):
		p = max(p, min(future.After, lastRetry))
	}
	return p
}
