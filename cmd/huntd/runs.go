package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) runsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs HUNT",
		Short: "List the runs of a hunt, newest first",
		Long: `List the runs of a hunt, newest first, with their lane, their window and what they
have come to. Notes count what stages left out or cut short, how often a window that
held too much was halved (window.halved) and, on the lane late, the events that were
indexed after the window had been examined (late.events). Runs that ended longer ago
than limits.history says are forgotten.`,
		Args: oneArg("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	limit := cmd.Flags().Int("limit", 20, "how many")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *limit < 1 {
			return usagef("--limit wants 1 or more, got %d", *limit)
		}
		var runs []jobs.Run
		err := c.viewOf(cmd, *config, *output, args, func(ctx context.Context, l *state.Ledger, hunt string) (err error) {
			runs, err = l.History(ctx, hunt, *limit)
			return err
		})
		if err != nil {
			return err
		}
		rows := views.NewRuns(runs)
		return c.show(*output, rows, func() error { return c.runTable(rows) })
	}
	return cmd
}

func (c *cli) runTable(rows []views.Run) error {
	w := c.columns()
	fmt.Fprintln(w, "RUN\tLANE\tFROM\tTO\tSTATUS\tTRIES\tIN\tFINDINGS\tDELIVERED\tDEAD\tNOTES\tERROR")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", r.Run, r.Lane, views.FormatEpoch(r.Window.From), views.FormatEpoch(r.Window.To), r.Status,
			r.Attempts, r.RecordsIn, r.Findings, r.Delivered, r.Dead, orDash(r.NoteLine()), orDash(views.JoinLines(r.Error)))
	}
	return w.Flush()
}
