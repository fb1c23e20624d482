package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
)

const (
	// followLook is how often a command looks at what a daemon does for it, and
	// aliveLook how often whether there is one.
	followLook = 200 * time.Millisecond
	aliveLook  = 5 * time.Second
)

// errNobody says that no daemon is there to do what is ordered.
var errNobody = errors.New("no daemon is at work with this state")

// follow looks at what a daemon does until look says that it is done. It ends
// with an error if no daemon is left to do it.
func follow(ctx context.Context, l *state.Ledger, look func() (done bool, err error)) error {
	t := time.NewTicker(followLook)
	defer t.Stop()
	for alive := time.Now(); ; {
		if done, err := look(); done || err != nil {
			return err
		}
		if time.Since(alive) > aliveLook {
			there, err := daemonAtWork(ctx, l)
			if err != nil {
				return err
			}
			if !there {
				return fmt.Errorf("%w any more: what was ordered waits in the ledger, and is done when one starts", errNobody)
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

// delivered says of what ended at an instant whether its events are gone, or are
// to be waited for no longer.
func delivered(pending int, ended time.Time, wait time.Duration) (done bool, err error) {
	switch {
	case pending == 0:
		return true, nil
	case time.Since(ended) > wait:
		return true, fmt.Errorf("%d %w", pending, daemon.ErrUndelivered)
	}
	return false, nil
}
