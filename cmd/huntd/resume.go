package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) resumeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume TARGET",
		Short: "Resume what was paused, or a backfill that has failed",
		Long: `Resume ` + targetForms + `. It goes on where its
watermark stands, so that the time of the pause is examined too.`,
		Args: oneArg(targetForms),
	}
	config := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			t, err := parseTarget(setup, args[0])
			if err != nil {
				return err
			}
			switch {
			case t.backfill != "":
				err = l.ResumeBackfill(ctx, t.backfill, time.Now())
			case t.connection != "":
				err = l.ResumeConnection(ctx, t.connection, time.Now())
			default:
				err = l.Unpause(ctx, t.hunt, time.Now())
			}
			if err != nil {
				return err
			}
			var hunts []*jobs.Hunt
			for _, h := range setup.Hunts {
				if t.connection == "" && (t.hunt == "" || h.Name == t.hunt) {
					hunts = append(hunts, h)
				}
			}
			if err := planNow(ctx, setup, l, hunts...); err != nil { // a daemon need not wait for its next look
				return err
			}
			fmt.Fprintf(c.out, "%s goes on\n", args[0])
			return nil
		})
	}
	return cmd
}
