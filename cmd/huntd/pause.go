package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) pauseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pause TARGET --reason WHY",
		Short: "Pause a hunt, a backfill, or all searches of a connection",
		Long: `Pause ` + control.TargetForms + `.

A window that is under way ends; none begins after it. Time goes on, and is
examined when the target is resumed, as the hunt's catch_up says. Hunts and
connections can be paused for a time (--for); then they resume by themselves. Runs
by hand are not held back; but a paused connection holds back those that were left
to the daemon, by huntd run-now.`,
		Args: oneArg(control.TargetForms),
	}
	config, reason := configFlag(cmd), because(cmd)
	span := spanFlag(cmd, "for", "how long, such as 4h or 2d; without it, until it is resumed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		long, err := span()
		if err != nil {
			return err
		}
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			until, err := control.PauseTarget(ctx, l, controlSetup(setup), args[0], *reason, long)
			if err != nil {
				return err
			}
			end := views.FormatInstant(until)
			if end == "" {
				end = "it is resumed"
			}
			fmt.Fprintf(c.out, "%s is paused until %s\n", args[0], end)
			return nil
		})
	}
	return cmd
}
