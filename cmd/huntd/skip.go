package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
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
		until, err := pipeline.ParseInstant(*to)
		if err != nil {
			return usagef("--to: %v", err)
		}
		if until > time.Now().Unix() {
			return usagef("--to lies in the future: there is nothing to give up on yet")
		}
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			h, err := findHunt(setup, args[0])
			if err != nil {
				return err
			}
			w, err := l.Skip(ctx, h.Name, until, *reason, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s has a gap now, %s, and goes on behind it\n", h.Name, w)
			return planNow(ctx, setup, l, h)
		})
	}
	return cmd
}
