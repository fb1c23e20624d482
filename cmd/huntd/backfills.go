package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) backfillsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backfills [HUNT]",
		Short: "List backfills and how far they are",
		Args:  oneArgAtMost("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows := []views.Backfill{}
		err := c.viewOf(cmd, *config, *output, args, func(ctx context.Context, l *state.Ledger, hunt string) error {
			all, err := l.Backfills(ctx, hunt)
			for _, v := range all {
				rows = append(rows, views.NewBackfill(v))
			}
			return err
		})
		if err != nil {
			return err
		}
		return c.show(*output, rows, func() error { return c.backfillTable(rows) })
	}
	return cmd
}

func (c *cli) backfillTable(rows []views.Backfill) error {
	w := c.columns()
	fmt.Fprintln(w, "BACKFILL\tHUNT\tFROM\tTO\tSTATUS\tCOVERED UNTIL\tWINDOWS\tFINDINGS\tREASON")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", r.Backfill, r.Hunt, views.FormatEpoch(r.Window.From), views.FormatEpoch(r.Window.To), r.Status,
			r.CoveredUntil, r.Windows, r.Findings, orDash(views.JoinLines(r.Reason+r.Error)))
	}
	return w.Flush()
}
