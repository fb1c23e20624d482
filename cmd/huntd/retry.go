package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) retryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retry RUN",
		Short: "Try a run again that failed, was cancelled, or waits for its next try",
		Long: `Try a run again at once, by its id (see huntd runs): one that waits for its next
try, or one that failed for good or was cancelled while its lane still stands
where it began.`,
		Args: oneArg("the id of a run"),
	}
	config := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return atLedger(cmd, *config, func(ctx context.Context, _ *daemon.Setup, l *state.Ledger) error {
			if err := l.Retry(ctx, args[0], time.Now()); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "run %s is queued again\n", args[0])
			return nil
		})
	}
	return cmd
}
