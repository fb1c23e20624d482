package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) skipCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "skip HUNT --to T --reason WHY",
		Short: "Give up on the time between a hunt's watermark and T",
		Long: `Give up on the time between a hunt's watermark and T, RFC 3339 or epoch seconds,
when a window cannot be examined. It becomes a gap, which huntd list tells of until
it is waived or a backfill has closed it; the hunt goes on at T. A run that is open there is
cancelled.`,
		Args: oneArg("the name of a hunt"),
	}
	config, reason := configFlag(cmd), because(cmd)
	to := cmd.Flags().String("to", "", "where the hunt is to go on")
	require(cmd, "to")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		until, err := control.ParseInstant("--to", *to)
		if err != nil {
			return err
		}
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			h, err := findHunt(setup, args[0])
			if err != nil {
				return err
			}
			gap, err := control.SkipTime(ctx, l, controlSetup(setup), h, until, *reason)
			if !gap.Empty() {
				fmt.Fprintf(c.out, "%s has a gap now, %s, and goes on behind it\n", h.Name, gap)
			}
			return err
		})
	}
	return cmd
}
