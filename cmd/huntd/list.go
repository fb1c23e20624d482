package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
)

func (c *cli) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the hunts and what each has covered",
		Args:  noArgs,
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkOutput(*output); err != nil {
			return err
		}
		setup, err := daemon.Load(*config)
		if err != nil {
			return asConfig(err)
		}
		rows, err := listRows(cmd.Context(), setup, time.Now())
		if err != nil {
			return err
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(rows)
		}
		return c.listTable(rows)
	}
	return cmd
}

// A listRow is a hunt in a list.
type listRow struct {
	Hunt         string `json:"hunt"`
	Cron         string `json:"cron"`
	Timezone     string `json:"timezone"`
	Next         string `json:"next"`
	CoveredUntil string `json:"covered_until"`
	LastStatus   string `json:"last_status"`
	LastFindings int    `json:"last_findings"`
	LastError    string `json:"last_error,omitempty"`
	EventsToSend int    `json:"events_to_send"`
}

func listRows(ctx context.Context, setup *daemon.Setup, now time.Time) ([]listRow, error) {
	views := map[string]state.HuntView{}
	ledger, err := state.View(setup.State)
	switch {
	case errors.Is(err, fs.ErrNotExist): // nothing has run yet
	case err != nil:
		return nil, err
	default:
		views, err = ledger.Overview(ctx)
		if err := errors.Join(err, ledger.Close()); err != nil {
			return nil, err
		}
	}
	var rows []listRow
	for _, h := range setup.Hunts {
		row := listRow{
			Hunt: h.Name, Cron: h.Spec.Schedule.Cron, Timezone: h.Spec.Schedule.Timezone,
			Next: h.Schedule.NextSlot(now).UTC().Format(time.RFC3339),
		}
		if v, ok := views[h.Name]; ok {
			if v.Planned {
				row.CoveredUntil = time.Unix(v.Watermark, 0).UTC().Format(time.RFC3339)
			}
			row.EventsToSend = v.Pending
			if v.Ended {
				row.LastStatus, row.LastFindings, row.LastError = v.Last.State, v.Last.Findings, v.Last.Error
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *cli) listTable(rows []listRow) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HUNT\tCRON\tNEXT\tCOVERED UNTIL\tLAST RUN\tFINDINGS\tTO SEND")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s (%s)\t%s\t%s\t%s\t%d\t%d\n",
			r.Hunt, r.Cron, r.Timezone, r.Next, orDash(r.CoveredUntil), orDash(r.LastStatus), r.LastFindings, r.EventsToSend)
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
