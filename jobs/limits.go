package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// noteHalved counts, on a run, how often its window was halved.
const noteHalved = "window.halved"

// examineWhole examines the run's window or, where that holds more than a run
// may take, as much of its beginning as it may: the window is halved until it
// fits, down to a second. What is cut off is the next window's.
func (r *Runner) examineWhole(ctx context.Context, h *hunt.Hunt, run *Run, log *zap.Logger) (Commit, error) {
	for halved := 0; ; halved++ {
		commit, err := r.examineInTime(ctx, h, *run, log)
		if err == nil && halved > 0 {
			commit.Result.Notes[noteHalved] = halved
			commit.Pace = run.Window.To - run.Window.From
		}
		if !errors.Is(err, pipeline.ErrTooMuch) {
			return commit, err
		}
		if err := halvable(*run, err); err != nil {
			return commit, err
		}
		to := run.Window.From + (run.Window.To-run.Window.From)/2
		if serr := r.Ledger.Shrink(ctx, *run, to, time.Now()); serr != nil {
			return commit, fmt.Errorf("halve the window: %w", serr)
		}
		log.Info("window halved", zap.Stringer("window", run.Window), zap.Error(err))
		run.Window.To = to
	}
}

// halvable says why a window that held too much cannot be halved, nil if it can.
func halvable(run Run, err error) error {
	switch {
	case run.Lane.Kind().LooksBack:
		return pipeline.Permanent(fmt.Errorf("the window %s has grown to be too much for one run: raise limits of the hunt, then huntd retry: %w", run.Window, err))
	case !run.Lane.Kind().Tiles:
		return pipeline.Permanent(fmt.Errorf("the window %s is too much for one run: ask for a shorter one, or raise limits of the hunt: %w", run.Window, err))
	case run.Window.To-run.Window.From < 2:
		return pipeline.Permanent(fmt.Errorf("the window %s was halved down to a second and is still too much for one run: "+
			"make the search narrower, or raise limits of the hunt: %w", run.Window, err))
	}
	return nil
}

// timeoutParts bounds how short a window becomes by timeouts: a sixteenth of
// window.max. If that takes too long as well, its length is not the reason.
const timeoutParts = 16

// shorten halves the window of a run that took too long, unless it was the first
// attempt: Splunk may have been slow. The next attempt examines the first half.
func (r *Runner) shorten(ctx context.Context, h *hunt.Hunt, run Run, err error, log *zap.Logger) {
	span, longest := run.Window.To-run.Window.From, int64(h.Window.Max/time.Second)
	if !errors.Is(err, pipeline.ErrTimeout) || run.Attempts < 2 || !run.Lane.Kind().Tiles || span < 2 || span*timeoutParts <= longest {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease()/3)
	defer cancel()
	if serr := r.Ledger.Shrink(ctx, run, run.Window.From+span/2, time.Now()); serr != nil {
		log.Warn("window not halved; the next attempt examines all of it", zap.Stringer("window", run.Window), zap.Error(serr))
		return
	}
	log.Info("window halved: it took too long", zap.Stringer("window", run.Window), zap.Error(err))
}

// examineInTime bounds the time that examining a window takes.
func (r *Runner) examineInTime(ctx context.Context, h *hunt.Hunt, run Run, log *zap.Logger) (Commit, error) {
	ctx, stop := context.WithTimeoutCause(ctx, h.Limits.Timeout, pipeline.ErrTimeout)
	defer stop()
	commit, err := r.examineSafely(ctx, h, run, log)
	if err != nil && errors.Is(context.Cause(ctx), pipeline.ErrTimeout) && !errors.Is(err, pipeline.ErrTooMuch) {
		err = fmt.Errorf("%w: more than %s (limits.timeout): make window.max smaller or the search narrower, or raise the limit: %w",
			pipeline.ErrTimeout, configs.FormatDuration(h.Limits.Timeout), err)
	}
	return commit, err
}

// nextPace is the bound of the next window's length: after one that was halved,
// windows grow again, twofold each time.
func nextPace(h *hunt.Hunt, pace int64) int64 {
	if pace *= 2; pace >= int64(h.Window.Max/time.Second) {
		return 0
	}
	return pace
}
