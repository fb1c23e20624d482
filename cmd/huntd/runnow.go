package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) runNowCommand() *cobra.Command {
	var f runOnceFlags
	cmd := &cobra.Command{
		Use:   "run-now HUNT",
		Short: "Have the daemon run a hunt over one window, now",
		Long: `Have a daemon that is at work run a hunt once, now, over the window [--from, --to)
as huntd run-once does: on the manual lane, which moves no watermark. It ends when
the run has, and its events are confirmed; with --no-wait it prints the run's id
and ends at once. Where no daemon is at work, use huntd run-once.`,
		Args: oneArg("the name of a hunt"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runNow(cmd, args[0], f) },
	}
	f.windowFlags(cmd)
	return cmd
}

func (c *cli) runNow(cmd *cobra.Command, name string, f runOnceFlags) error {
	if err := checkOutput(*f.output); err != nil {
		return err
	}
	return atLedger(cmd, *f.config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
		h, err := findHunt(setup, name)
		if err != nil {
			return err
		}
		now := time.Now()
		w, err := f.window(h, now)
		if err != nil {
			return err
		}
		there, err := daemonAtWork(ctx, l)
		if err == nil && !there {
			err = fmt.Errorf("%w: nothing was ordered; use huntd run-once", errNobody)
		}
		if err != nil {
			return err
		}
		run := jobs.NewRun(h, jobs.Manual, now, w)
		if err := l.Submit(ctx, run, now); err != nil {
			return err
		}
		if !f.noWait {
			run, err = followRun(ctx, l, run.ID, f.wait)
		}
		return c.report(views.ReportQueued(run, err, now), err, f)
	})
}

// followRun waits until a run has ended and, for as long as wait says, until its
// events are confirmed or put aside.
func followRun(ctx context.Context, l *state.Ledger, id string, wait time.Duration) (run jobs.Run, err error) {
	var ended time.Time
	err = follow(ctx, l, func() (bool, error) {
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
			return delivered(pending, ended, wait)
		}
		return false, nil
	})
	return run, err
}
