package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
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
		w, err := control.ParseManualWindow(h, f.from, f.to, now)
		if err != nil {
			return err
		}
		run, err := control.RunNow(ctx, l, h, w, now)
		if err != nil {
			return err
		}
		if !f.noWait {
			run, err = control.FollowRun(ctx, l, run.ID, f.wait)
		}
		return c.report(views.ReportQueued(run, err, now), err, f)
	})
}
