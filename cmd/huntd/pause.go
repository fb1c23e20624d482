package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) pauseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pause TARGET --reason WHY",
		Short: "Pause a hunt, a backfill, or all searches of a connection",
		Long: `Pause ` + targetForms + `.

A window that is under way ends; none begins after it. Time goes on, and is
examined when the target is resumed, as the hunt's catch_up says. Hunts and
connections can be paused for a time (--for); then they resume by themselves. Runs
by hand are not held back; but a paused connection holds back those that were left
to the daemon, by huntd run-now.`,
		Args: oneArg(targetForms),
	}
	config, reason := configFlag(cmd), because(cmd)
	span := spanFlag(cmd, "for", "how long, such as 4h or 2d; without it, until it is resumed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		long, err := span()
		if err != nil {
			return err
		}
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			t, err := parseTarget(setup, args[0])
			if err != nil {
				return err
			}
			if t.backfill != "" && long > 0 {
				return usagef("--for is for hunts and connections: %s is paused until it is resumed", args[0])
			}
			now := time.Now()
			switch {
			case t.backfill != "":
				err = l.PauseBackfill(ctx, t.backfill, *reason, now)
			case t.connection != "":
				err = l.PauseConnection(ctx, t.connection, *reason, until(now, long), now)
			default:
				err = l.Pause(ctx, t.hunt, *reason, until(now, long), now)
			}
			if err == nil {
				fmt.Fprintf(c.out, "%s is paused%s\n", args[0], orUntil(until(now, long)))
			}
			return err
		})
	}
	return cmd
}

// until is now and a span, zero for no span.
func until(now time.Time, span time.Duration) time.Time {
	if span == 0 {
		return time.Time{}
	}
	return now.Add(span)
}

func orUntil(t time.Time) string {
	if t.IsZero() {
		return " until it is resumed"
	}
	return " until " + views.FormatInstant(t)
}
