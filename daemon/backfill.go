package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

const (
	// retryLook is how often a run that waits for its next try, or that somebody
	// else has, is looked at.
	retryLook = time.Second
	// toldPause is how long a person is not told of a backfill again.
	toldPause = 2 * time.Second
)

// Backfill examines the windows of a backfill in this process, one after the
// other, and delivers their events as they come. It calls told now and then with
// what is done, and ends when the last is and, unless wait is zero, its events are
// confirmed, for which it waits that long. If ctx ends, the window that is under
// way is given back and the backfill stays active, for a daemon or the next try.
func (d *Daemon) Backfill(ctx context.Context, h *hunt.Hunt, id string, wait time.Duration, told func(state.BackfillView)) error {
	e := d.engine.Load()
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.worker(e, h.Deliver.Connection, e.conns.sinks[h.Deliver.Connection]).Run(sending)
	}()
	err := d.backfill(ctx, h, id, told)
	stop()
	<-done
	if err != nil || wait == 0 {
		return err
	}
	return d.deliverBackfill(ctx, h, id, time.Now().Add(wait))
}

// deliverBackfill waits until the events of a backfill are gone, or the time is
// over.
func (d *Daemon) deliverBackfill(ctx context.Context, h *hunt.Hunt, id string, until time.Time) error {
	runs, err := d.ledger.Runs(ctx, h.Name, jobs.BackfillLane(id))
	if err != nil {
		return err
	}
	for _, r := range runs {
		err := d.deliver(ctx, r.ID, h.Deliver.Connection, max(time.Until(until), time.Millisecond))
		if errors.Is(err, jobs.ErrUndelivered) {
			if view, e := d.ledger.BackfillView(context.WithoutCancel(ctx), id); e == nil {
				err = fmt.Errorf("of %d events of the backfill that are not delivered: %w", view.Pending, err)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Daemon) backfill(ctx context.Context, h *hunt.Hunt, id string, told func(state.BackfillView)) error {
	hunts := map[string]*hunt.Hunt{h.Name: h}
	lane := jobs.BackfillLane(id)
	last := time.Now()
	for ctx.Err() == nil {
		if err := jobs.PlanBackfills(ctx, d.ledger, hunts, time.Now()); err != nil {
			return err
		}
		if time.Since(last) > toldPause {
			view, err := d.ledger.BackfillView(ctx, id)
			if err != nil {
				return err
			}
			told(view)
			last = time.Now()
		}
		b, err := d.ledger.Backfill(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case b.State == jobs.BackfillDone:
			return nil
		case b.State != jobs.BackfillActive:
			return b.StopError()
		case !b.Open: // the hunt is paused, or somebody else has just ended a window
			if err := d.heldBack(ctx, h); err != nil {
				return err
			}
			if err := pause(ctx, retryLook); err != nil {
				return err
			}
			continue
		}
		if err := d.backfillRun(ctx, h, lane); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// heldBack returns an error if a backfill waits for a person: its hunt is paused, or
// the connection that is searched.
func (d *Daemon) heldBack(ctx context.Context, h *hunt.Hunt) error {
	views, err := d.ledger.Overview(ctx, h.Name)
	if err != nil {
		return err
	}
	if v := views[h.Name]; v.Paused(time.Now()) {
		return fmt.Errorf("the backfill waits: hunt %s is paused (%s): resume it first", h.Name, v.PauseReason)
	}
	paused, err := d.ledger.PausedConnections(ctx, time.Now())
	if p, ok := paused[h.Source.Connection]; err == nil && ok {
		err = fmt.Errorf("the backfill waits: connection %s is paused (%s): resume it first", h.Source.Connection, p.Reason)
	}
	return err
}

// backfillRun does the open run of a lane, again and again until it has ended.
func (d *Daemon) backfillRun(ctx context.Context, h *hunt.Hunt, lane jobs.Lane) error {
	for {
		for !d.hasRoom(ctx) {
			if err := pause(ctx, retryLook); err != nil {
				return err
			}
		}
		run, err := d.ledger.ClaimLane(ctx, h.Name, lane, time.Now())
		switch {
		case errors.Is(err, state.ErrNothing):
			return nil // it has ended
		case errors.Is(err, jobs.ErrSuperseded): // it waits for its next try, or somebody else has it
			if err := d.heldBack(ctx, h); err != nil {
				return err
			}
			if err := pause(ctx, retryLook); err != nil {
				return err
			}
			if _, err := d.ledger.Rescue(ctx, time.Now()); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		work, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
		stop := context.AfterFunc(ctx, func() { giveUp(jobs.ErrShutdown) })
		_, err = d.runner(d.engine.Load()).Do(work, h, run)
		stop()
		giveUp(nil)
		d.engine.Load().wakeOutbox(h.Deliver.Connection)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.log.Warn("backfill window failed", zap.String("hunt", run.Hunt), zap.String("run", run.ID), zap.Stringer("window", run.Window), zap.Error(err))
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
