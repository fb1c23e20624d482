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

func (c *cli) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the hunts and what each has covered",
		Long: `List the hunts, what each has covered, and how its newest run fares: succeeded,
failed, running, queued, or retrying. Below stands a line for each hunt in trouble
that says what stopped it and when it is tried again, and a line for each thing
that keeps runs from beginning: a full outbox, clocks that differ by more than
limits.clock_skew. Daemons whose hunts differ are named too.`,
		Args: noArgs,
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkOutput(*output); err != nil {
			return err
		}
		setup, err := loadDespiteMistakes(cmd, *config)
		if err != nil {
			return err
		}
		rows, notes, err := listHunts(cmd.Context(), setup, time.Now())
		if err != nil {
			return err
		}
		return c.show(*output, rows, func() error { return c.listTable(rows, notes) })
	}
	return cmd
}

// listHunts returns a row for each hunt, and what concerns several of them.
func listHunts(ctx context.Context, setup *daemon.Setup, now time.Time) (rows []views.Hunt, notes []string, err error) {
	var snapshot views.Snapshot
	_, err = readState(setup, func(l *state.Ledger) (err error) {
		snapshot, err = views.ReadSnapshot(ctx, l, setup.Hunts, now)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	rows, notes = snapshot.List(setup.Hunts, setup.Limits.Spool, now)
	return rows, notes, nil
}

func (c *cli) listTable(rows []views.Hunt, notes []string) error {
	w := c.columns()
	fmt.Fprintln(w, "HUNT\tCRON\tNEXT\tCOVERED UNTIL\tSTATUS\tFINDINGS\tTO SEND")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s (%s)\t%s\t%s\t%s\t%d\t%d\n",
			r.Hunt, r.Cron, r.Timezone, r.Next, orDash(r.CoveredUntil), orDash(r.StatusText()), r.LastFindings, r.EventsToSend)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		for _, line := range r.Remarks() {
			fmt.Fprintln(c.out, line)
		}
	}
	for _, line := range notes {
		fmt.Fprintln(c.out, line)
	}
	return nil
}
