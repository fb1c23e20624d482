package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
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
		hunt, l, err := c.viewOf(cmd, *config, *output, args)
		if err == nil && l == nil && *output == "json" {
			return json.NewEncoder(c.out).Encode(coverageOf(hunt, state.Coverage{}))
		}
		if err != nil || l == nil {
			return err
		}
		cover, err := l.Coverage(cmd.Context(), hunt)
		if err := errors.Join(err, l.Close()); err != nil {
			return err
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(coverageOf(hunt, cover))
		}
		return c.tellCoverage(hunt, cover)
	}
	return cmd
}

type coverageReport struct {
	Hunt    string            `json:"hunt"`
	Covered []pipeline.Window `json:"covered"`
	Missing []pipeline.Window `json:"missing"`
	Lanes   []laneRow         `json:"lanes"`
	Gaps    []gapRow          `json:"gaps"`
}

type laneRow struct {
	Lane   jobs.Lane       `json:"lane"`
	Window pipeline.Window `json:"window"`
}

type gapRow struct {
	Window       pipeline.Window `json:"window"`
	Reason       string          `json:"reason"`
	At           string          `json:"at"`
	WaivedAt     string          `json:"waived_at,omitempty"`
	WaivedReason string          `json:"waived_reason,omitempty"`
	Closed       bool            `json:"closed"` // by a backfill
}

func coverageOf(hunt string, c state.Coverage) coverageReport {
	r := coverageReport{
		Hunt: hunt, Covered: append([]pipeline.Window{}, c.Covered...), Missing: append([]pipeline.Window{}, c.Missing...),
		Lanes: []laneRow{}, Gaps: []gapRow{},
	}
	for _, l := range c.Lanes {
		r.Lanes = append(r.Lanes, laneRow(l))
	}
	for _, g := range c.Gaps {
		r.Gaps = append(r.Gaps, gapRow{g.Window, g.Reason, stamp(g.At), stamp(g.WaivedAt), g.WaivedReason, g.Closed})
	}
	return r
}

func (c *cli) tellCoverage(hunt string, cover state.Coverage) error {
	if len(cover.Covered) == 0 {
		fmt.Fprintf(c.out, "%s has covered nothing yet\n", hunt)
	}
	for _, w := range cover.Covered {
		fmt.Fprintf(c.out, "covered  %s  %s\n", w, w.Span())
	}
	for _, w := range cover.Missing {
		fmt.Fprintf(c.out, "missing  %s  %s\n", w, w.Span())
	}
	for _, g := range cover.Gaps {
		fmt.Fprintf(c.out, "gap      %s  %s: %s", g.Window, stamp(g.At), g.Reason)
		if !g.WaivedAt.IsZero() {
			fmt.Fprintf(c.out, "; waived %s: %s", stamp(g.WaivedAt), g.WaivedReason)
		}
		if g.Closed {
			fmt.Fprint(c.out, "; closed by a backfill since")
		}
		fmt.Fprintln(c.out)
	}
	for _, l := range cover.Lanes {
		fmt.Fprintf(c.out, "lane     %s  %s\n", l.Window, l.Lane)
	}
	return nil
}
