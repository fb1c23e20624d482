package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

const (
	// followLook is how often what a daemon does is looked at, and aliveLook how often
	// whether there is one.
	followLook = 200 * time.Millisecond
	aliveLook  = 5 * time.Second
)

// ErrNobody says that no daemon is there to do what is ordered.
var ErrNobody = errors.New("no daemon is at work with this state")

// followDaemon looks at what a daemon does until look says that it is done. It ends
// with an error if no daemon is left to do it.
func followDaemon(ctx context.Context, l DaemonLedger, look func() (done bool, err error)) error {
	t := time.NewTicker(followLook)
	defer t.Stop()
	for alive := time.Now(); ; {
		if done, err := look(); done || err != nil {
			return err
		}
		if time.Since(alive) > aliveLook {
			there, err := IsDaemonAtWork(ctx, l)
			if err != nil {
				return err
			}
			if !there {
				return fmt.Errorf("%w any more: what was ordered waits in the ledger, and is done when one starts", ErrNobody)
			}
			alive = time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// isDelivered says of what ended at an instant whether its events are gone. It
// returns an error if they are to be waited for no longer.
func isDelivered(pending int, ended time.Time, wait time.Duration) (bool, error) {
	if pending > 0 && time.Since(ended) > wait {
		return false, fmt.Errorf("%d %w", pending, jobs.ErrUndelivered)
	}
	return pending == 0, nil
}

// A RunLedger queues runs by hand, and tells what becomes of them.
type RunLedger interface {
	DaemonLedger
	Submit(ctx context.Context, r jobs.Run, now time.Time) error
	Run(ctx context.Context, id string) (jobs.Run, error)
	Pending(ctx context.Context, run string) (events int, err error)
}

// RunNow queues a run by hand over a window of a hunt. It returns [ErrNobody] if no
// daemon is at work.
func RunNow(ctx context.Context, l RunLedger, h *hunt.Hunt, w pipeline.Window, now time.Time) (run jobs.Run, err error) {
	there, err := IsDaemonAtWork(ctx, l)
	if err == nil && !there {
		err = fmt.Errorf("%w: nothing was ordered; use huntd run-once", ErrNobody)
	}
	if err != nil {
		return run, err
	}
	run = jobs.NewRun(h, jobs.Manual, now, w)
	return run, l.Submit(ctx, run, now)
}

// FollowRun waits until a run has ended and, for as long as wait says, until its
// events are confirmed or put aside. It returns the run as it was seen last, also
// beside an error.
func FollowRun(ctx context.Context, l RunLedger, id string, wait time.Duration) (run jobs.Run, err error) {
	var ended time.Time
	err = followDaemon(ctx, l, func() (bool, error) {
		if run, err = l.Run(ctx, id); err != nil {
			return true, err
		}
		switch run.State {
		case jobs.Failed, jobs.Cancelled:
			return true, errors.New(run.Error)
		case jobs.Succeeded:
			if ended.IsZero() {
				ended = time.Now()
			}
			pending, err := l.Pending(ctx, id)
			if err != nil {
				return true, err
			}
			return isDelivered(pending, ended, wait)
		}
		return false, nil
	})
	return run, err
}
