package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) backfillsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backfills [HUNT]",
		Short: "List backfills and how far they are",
		Args:  oneArgAtMost("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hunt, l, err := c.viewOf(cmd, *config, *output, args)
		if err == nil && l == nil && *output == "json" {
			return json.NewEncoder(c.out).Encode([]backfillRow{})
		}
		if err != nil || l == nil {
			return err
		}
		views, err := l.Backfills(cmd.Context(), hunt)
		if err := errors.Join(err, l.Close()); err != nil {
			return err
		}
		rows := make([]backfillRow, len(views))
		for i, v := range views {
			rows[i] = rowOf(v)
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(rows)
		}
		return c.backfillTable(rows)
	}
	return cmd
}

func (c *cli) backfillTable(rows []backfillRow) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "BACKFILL\tHUNT\tFROM\tTO\tSTATUS\tCOVERED UNTIL\tWINDOWS\tFINDINGS\tREASON")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", r.Backfill, r.Hunt, instant(r.Window.From), instant(r.Window.To), r.Status,
			r.CoveredUntil, r.Windows, r.Findings, orDash(oneLine(r.Reason+r.Error)))
	}
	return w.Flush()
}

// viewOf opens the state to read it, for a command that may name a hunt. There
// is no ledger where nothing has run yet: that is said, and is no error.
func (c *cli) viewOf(cmd *cobra.Command, config, output string, args []string) (hunt string, l *state.Ledger, err error) {
	if err := checkOutput(output); err != nil {
		return "", nil, err
	}
	setup, err := loadDespiteMistakes(cmd, config)
	if err != nil {
		return "", nil, err
	}
	if len(args) == 1 {
		h, err := setup.Hunt(args[0])
		if err != nil {
			return "", nil, usageError{err}
		}
		hunt = h.Name
	}
	l, err = state.View(setup.State)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(c.err, "huntd: there is no state yet: nothing has run")
		return hunt, nil, nil
	}
	return hunt, l, err
}
