package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) coverageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coverage HUNT",
		Short: "Say which time a hunt has covered",
		Long: `Say which time a hunt has covered: what its lanes have examined and reported on,
the gaps with their reasons, and what was examined on none. It is read from what
the commit of each run has left behind, and does not depend on how much history is
kept. Windows that only warm up a stage do not count.`,
		Args: oneArg("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var cover state.Coverage
		err := c.viewOf(cmd, *config, *output, args, func(ctx context.Context, l *state.Ledger, hunt string) (err error) {
			cover, err = l.Coverage(ctx, hunt)
			return err
		})
		if err != nil {
			return err
		}
		view := views.NewCoverage(args[0], cover)
		return c.show(*output, view, func() error { return c.tellCoverage(view) })
	}
	return cmd
}

func (c *cli) tellCoverage(v views.Coverage) error {
	if len(v.Covered) == 0 {
		fmt.Fprintf(c.out, "%s has covered nothing yet\n", v.Hunt)
	}
	for _, w := range v.Covered {
		fmt.Fprintf(c.out, "covered  %s  %s\n", w, w.Span())
	}
	for _, w := range v.Missing {
		fmt.Fprintf(c.out, "missing  %s  %s\n", w, w.Span())
	}
	for _, g := range v.Gaps {
		fmt.Fprintf(c.out, "gap      %s  %s\n", g.Window, g)
	}
	for _, l := range v.Lanes {
		fmt.Fprintf(c.out, "lane     %s  %s\n", l.Window, l.Lane)
	}
	return nil
}
