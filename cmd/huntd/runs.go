package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
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
		hunt, l, err := c.viewOf(cmd, *config, *output, args)
		if err == nil && l == nil && *output == "json" {
			return json.NewEncoder(c.out).Encode([]runRow{})
		}
		if err != nil || l == nil {
			return err
		}
		runs, err := l.History(cmd.Context(), hunt, *limit)
		if err := errors.Join(err, l.Close()); err != nil {
			return err
		}
		rows := make([]runRow, len(runs))
		for i, r := range runs {
			rows[i] = runRowOf(r)
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(rows)
		}
		return c.runTable(rows)
	}
	return cmd
}

// A runRow is a run in a list.
type runRow struct {
	Run        string          `json:"run"`
	Hunt       string          `json:"hunt"`
	Lane       jobs.Lane       `json:"lane"`
	Slot       string          `json:"slot"`
	Window     pipeline.Window `json:"window"`
	Status     string          `json:"status"`
	Attempts   int             `json:"attempts"`
	RecordsIn  int             `json:"records_in"`
	RecordsOut int             `json:"records_out"`
	Findings   int             `json:"findings"`
	Suppressed int             `json:"suppressed"`
	Delivered  int             `json:"delivered"`
	Dead       int             `json:"dead"`
	Notes      map[string]int  `json:"notes,omitempty"`
	Error      string          `json:"error,omitempty"`
}

func runRowOf(r jobs.Run) runRow {
	return runRow{
		Run: r.ID, Hunt: r.Hunt, Lane: r.Lane, Slot: stamp(r.Slot), Window: r.Window, Status: r.State.Shown(), Attempts: r.Attempts,
		RecordsIn: r.RecordsIn, RecordsOut: r.RecordsOut, Findings: r.Findings, Suppressed: r.Suppressed,
		Delivered: r.Delivered, Dead: r.Dead, Notes: r.Notes, Error: r.Error,
	}
}

// notes are what was left out or cut short in the run, on one line.
func (r runRow) notes() string {
	var all []string
	for _, name := range pipeline.NoteNames(r.Notes) {
		all = append(all, fmt.Sprintf("%s=%d", name, r.Notes[name]))
	}
	return strings.Join(all, " ")
}

func (c *cli) runTable(rows []runRow) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tLANE\tFROM\tTO\tSTATUS\tTRIES\tIN\tFINDINGS\tDELIVERED\tDEAD\tNOTES\tERROR")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", r.Run, r.Lane, instant(r.Window.From), instant(r.Window.To), r.Status,
			r.Attempts, r.RecordsIn, r.Findings, r.Delivered, r.Dead, orDash(r.notes()), orDash(oneLine(r.Error)))
	}
	return w.Flush()
}

// instant writes epoch seconds as all output does.
func instant(sec int64) string { return stamp(time.Unix(sec, 0)) }

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }
