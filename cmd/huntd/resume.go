package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) resumeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume TARGET",
		Short: "Resume what was paused, or a backfill that has failed",
		Long: `Resume ` + control.TargetForms + `. It goes on where its
watermark stands, so that the time of the pause is examined too.`,
		Args: oneArg(control.TargetForms),
	}
	config := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			err := control.ResumeTarget(ctx, l, controlSetup(setup), args[0])
			if err == nil {
				fmt.Fprintf(c.out, "%s goes on\n", args[0])
			}
			return err
		})
	}
	return cmd
}
