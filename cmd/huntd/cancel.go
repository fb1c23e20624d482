package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) cancelCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cancel RUN --reason WHY",
		Short: "Cancel a run or a backfill",
		Long: `Cancel a run that is queued, running or waiting to be tried again, by its id (see
huntd runs), or a backfill, as backfill:ID. A search that is under way is ended.

The watermark stays: the hunt's next slot begins at the same second. To give up
on a window for good, use huntd skip. What a backfill has covered stays covered.`,
		Args: oneArg("the id of a run, or backfill:ID"),
	}
	config, reason := configFlag(cmd), because(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return atLedger(cmd, *config, func(ctx context.Context, _ *daemon.Setup, l *state.Ledger) error {
			err := control.CancelTarget(ctx, l, args[0], *reason)
			if err == nil {
				fmt.Fprintf(c.out, "%s is cancelled\n", args[0])
			}
			return err
		})
	}
	return cmd
}
