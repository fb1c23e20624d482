package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// Lease is how long a run belongs to its worker after a heartbeat; a third of it
// passes between two.
const Lease = time.Minute

// ErrShutdown is the cause with which a runner's context is cancelled when the
// daemon ends: the run is given back, not failed.
var ErrShutdown = errors.New("shutting down")

// A Runner examines windows.
type Runner struct {
	Ledger RunLedger
	// Source opens the search of a hunt; job is told the id of each search
	// job that works for it.
	Source func(h *hunt.Hunt, dict *pipeline.Dict, job func(sid string)) (pipeline.Source, error)
	// Count asks how many events of a window were indexed at or after an instant,
	// in epoch seconds. It is needed for the late lane alone.
	Count func(ctx context.Context, h *hunt.Hunt, w pipeline.Window, indexedFrom int64, job func(sid string)) (int, error)
	// Cancel, if set, ends a search job that the run's last owner left behind.
	Cancel func(ctx context.Context, h *hunt.Hunt, sid string) error
	// Ended, if set, returns a [FutureError] if the window of a run that was searched
	// at an instant had not ended by then, by Splunk's clock.
	Ended func(h *hunt.Hunt, run Run, searched time.Time) error
	Lease time.Duration // in place of [Lease], if it is not zero
	// Observer follows the attempts; nil is [NopObserver].
	Observer Observer
	Log      *zap.Logger
}

func (r *Runner) observer() Observer {
	if r.Observer == nil {
		return NopObserver{}
	}
	return r.Observer
}

// Do examines the window of a run that was claimed, and commits it. The error
// it returns is the one that the ledger has noted on the run.
func (r *Runner) Do(ctx context.Context, h *hunt.Hunt, run Run) (Result, error) {
	started := time.Now()
	log := r.Log.With(zap.String("hunt", run.Hunt), zap.String("run", run.ID), zap.String("lane", string(run.Lane)))
	run.SpecHash = h.SpecHash // the file may have been changed since the run was planned
	work, stop := context.WithCancelCause(ctx)
	beats := make(chan struct{})
	go func(run Run) { // a copy: the window may be made shorter
		defer close(beats)
		r.heartbeat(work, run, stop)
	}(run)
	r.cancelOrphan(work, h, run, log)
	commit, err := r.examineEnded(work, h, &run, log)
	stop(nil)
	<-beats
	if cause := context.Cause(work); err != nil && errors.Is(cause, ErrSuperseded) {
		err = cause
	}
	if err == nil {
		r.observer().Searched(run, commit.Result, time.Since(started))
		err = r.commit(ctx, commit)
	}
	if err != nil {
		if err = r.failed(ctx, h, run, err, errors.Is(context.Cause(work), ErrShutdown), log); err == nil {
			r.observer().Committed(commit, 0) // only the answer was lost
		}
	}
	switch {
	case err != nil:
	case run.Lane.Kind().LooksBack && commit.Late == 0:
		log.Debug("window has no late events", zap.Stringer("window", run.Window))
	default:
		log.Info("run succeeded", zap.Stringer("window", run.Window), zap.Int("events", commit.Result.RecordsIn),
			zap.Int("records_out", commit.Result.RecordsOut), zap.Int("findings", commit.Result.Findings),
			zap.Int("suppressed", commit.Result.Suppressed), zap.Float64("seconds", time.Since(started).Seconds()),
			zap.Any("notes", commit.Result.Notes))
	}
	return commit.Result, err
}

// commit writes what was examined even if the daemon is being stopped.
func (r *Runner) commit(ctx context.Context, c Commit) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease())
	defer cancel()
	began := time.Now()
	err := r.Ledger.Commit(ctx, c, began)
	if err == nil {
		r.observer().Committed(c, time.Since(began))
	}
	return err
}

func (r *Runner) lease() time.Duration { return cmp.Or(r.Lease, Lease) }

func (r *Runner) heartbeat(ctx context.Context, run Run, stop context.CancelCauseFunc) {
	beat := time.NewTicker(r.lease() / 3)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			err := r.Ledger.Heartbeat(ctx, run, r.lease(), now)
			if errors.Is(err, ErrSuperseded) {
				stop(ErrSuperseded)
				return
			}
			if err != nil && ctx.Err() == nil && !errors.Is(err, ErrLedgerUnreachable) { // the daemon logs an outage once
				r.Log.Warn("lease renewal failed", zap.String("run", run.ID), zap.Error(err))
			}
		}
	}
}

// cancelOrphan frees Splunk of the search of an owner that died. If it cannot
// be done, Splunk ends the search by itself a little later.
func (r *Runner) cancelOrphan(ctx context.Context, h *hunt.Hunt, run Run, log *zap.Logger) {
	if run.SID == "" || r.Cancel == nil {
		return
	}
	if err := r.Cancel(ctx, h, run.SID); err != nil {
		log.Info("abandoned search job cancellation failed", zap.String("sid", run.SID), zap.Error(err))
	}
}

// examineSafely makes an error of a panic: a record that a stage cannot bear
// must not take the other hunts down with it.
func (r *Runner) examineSafely(ctx context.Context, h *hunt.Hunt, run Run, log *zap.Logger) (commit Commit, err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("pipeline panicked", zap.Any("panic", p), zap.Stack("stack"))
			err = pipeline.Permanent(fmt.Errorf("panic in the pipeline, which is a defect of huntd's: %v", p))
		}
	}()
	return r.examine(ctx, h, run, log)
}
