package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
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
		rows, notes, err := listRows(cmd.Context(), setup, time.Now())
		if err != nil {
			return err
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(rows)
		}
		if err := c.listTable(rows); err != nil {
			return err
		}
		for _, line := range notes {
			fmt.Fprintln(c.out, line)
		}
		return nil
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
	LastStatus   string `json:"last_status"` // of the newest run that has ended
	LastFindings int    `json:"last_findings"`
	LastError    string `json:"last_error,omitempty"`
	EventsToSend int    `json:"events_to_send"`
	// Of the run that is open, or else of the last one:
	Status   string `json:"status,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
	Error    string `json:"error,omitempty"`
	RetryAt  string `json:"retry_at,omitempty"`
	// Paused is since when the hunt is, or the connection that it searches, and
	// PausedUntil until when if it ends by itself.
	Paused      string `json:"paused,omitempty"`
	PausedUntil string `json:"paused_until,omitempty"`
	PauseReason string `json:"pause_reason,omitempty"`
	Gaps        int    `json:"gaps,omitempty"` // that nobody has waived
	// Of windows by event time: how many are yet to be looked at for late events,
	// for how many of those that has failed, and how many grew and were run again.
	Settling   int `json:"settling,omitempty"`
	LateFailed int `json:"late_failed,omitempty"`
	Grown      int `json:"grown,omitempty"`
	// Held says why no run begins though one may be due, "" if it does.
	Held string `json:"held,omitempty"`
}

// listRows returns a row for each hunt, and what holds back or concerns several
// of them, a line each.
func listRows(ctx context.Context, setup *daemon.Setup, now time.Time) (rows []listRow, notes []string, err error) {
	views, paused := map[string]state.HuntView{}, map[string]state.Pause{}
	var daemons []state.Daemon
	held := ""
	names := make([]string, len(setup.Hunts))
	for i, h := range setup.Hunts {
		names[i] = h.Name
	}
	ledger, err := state.View(setup.State)
	switch {
	case errors.Is(err, fs.ErrNotExist): // nothing has run yet
	case err != nil:
		return nil, nil, err
	default:
		if views, err = ledger.Overview(ctx, names...); err == nil && len(views) > 0 {
			held, err = outboxFull(ctx, ledger, setup.Limits.Spool)
		}
		if err == nil {
			paused, err = ledger.PausedConnections(ctx, now)
		}
		if err == nil {
			daemons, err = ledger.Daemons(ctx, now)
		}
		if err := errors.Join(err, ledger.Close()); err != nil {
			return nil, nil, err
		}
	}
	if held != "" {
		notes = append(notes, held)
	}
	notes = append(notes, daemonNotes(daemons)...)
	for _, h := range setup.Hunts {
		row := listRow{
			Hunt: h.Name, Cron: h.Spec.Schedule.Cron, Timezone: h.Spec.Schedule.Timezone,
			Next: h.Schedule.NextSlot(now).UTC().Format(time.RFC3339), Held: cmp.Or(held, heldBySkew(daemons, h.Source.Connection)),
		}
		if v, ok := views[h.Name]; ok {
			row.take(v, now)
		}
		if p, ok := paused[h.Source.Connection]; ok && row.Paused == "" {
			row.Paused, row.PausedUntil = stamp(p.Since), stamp(p.Until)
			row.PauseReason = fmt.Sprintf("connection %s: %s", h.Source.Connection, p.Reason)
		}
		rows = append(rows, row)
	}
	return rows, notes, nil
}

// outboxFull says that the outbox holds more than it may, "" if it does not.
func outboxFull(ctx context.Context, l *state.Ledger, most configs.Size) (string, error) {
	n, err := l.OutboxBytes(ctx)
	if err != nil || configs.Size(n) <= most {
		return "", err
	}
	return fmt.Sprintf("the outbox is full: %s wait for HEC, limits.spool is %s: no run begins until some have left", configs.Size(n), most), nil
}

// take fills in what the ledger has to say of the hunt.
func (r *listRow) take(v state.HuntView, now time.Time) {
	r.Gaps, r.Settling, r.LateFailed, r.Grown = v.Gaps, v.Settling, v.LateFailed, v.Grown
	if v.Paused(now) {
		r.Paused, r.PausedUntil, r.PauseReason = stamp(v.PausedAt), stamp(v.PauseUntil), v.PauseReason
	}
	if v.Planned {
		r.CoveredUntil = time.Unix(v.Watermark, 0).UTC().Format(time.RFC3339)
	}
	r.EventsToSend = v.Pending
	if v.Ended {
		r.LastStatus, r.LastFindings, r.LastError = v.Last.State.Shown(), v.Last.Findings, v.Last.Error
	}
	newest := v.Last
	if v.Open.State != "" {
		newest = v.Open
	}
	r.Status, r.Attempts, r.Error = newest.State.Shown(), newest.Attempts, newest.Error
	if !v.RetryAt.IsZero() {
		r.RetryAt = v.RetryAt.Format(time.RFC3339)
	}
}

// status is the run's state as the table shows it.
func (r *listRow) status() string {
	if r.Paused != "" && r.Status != jobs.Running.Shown() {
		return "paused"
	}
	if r.Status == jobs.Retry.Shown() {
		return fmt.Sprintf("%s (attempt %d)", r.Status, r.Attempts)
	}
	return orDash(r.Status)
}

// remarks are what a person should know of the hunt, a line each.
func (r *listRow) remarks() (lines []string) {
	if r.Paused != "" {
		line := fmt.Sprintf("%s: paused since %s", r.Hunt, r.Paused)
		if r.PausedUntil != "" {
			line += " until " + r.PausedUntil
		}
		lines = append(lines, line+": "+oneLine(r.PauseReason))
	}
	if line := r.trouble(); line != "" {
		lines = append(lines, line)
	}
	if r.Gaps > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s in what it has covered: see huntd coverage %s", r.Hunt, counted(r.Gaps, "gap"), r.Hunt))
	}
	if r.LateFailed > 0 {
		lines = append(lines, fmt.Sprintf("%s: late events of %s could not be looked for: see the lane late in huntd runs %s, and huntd retry",
			r.Hunt, counted(r.LateFailed, "window"), r.Hunt))
	}
	return lines
}

// trouble says on one line why a hunt does not get on, or "" if it does.
func (r *listRow) trouble() string {
	reason := oneLine(r.Error)
	switch retrying := r.Status == jobs.Retry.Shown(); {
	case retrying && r.RetryAt == "":
		return fmt.Sprintf("%s: retrying: %s; next attempt at once", r.Hunt, reason)
	case retrying:
		return fmt.Sprintf("%s: retrying: %s; next attempt %s", r.Hunt, reason, r.RetryAt)
	case r.Status == jobs.Failed.Shown():
		return fmt.Sprintf("%s: failed: %s", r.Hunt, reason)
	}
	return ""
}

func (c *cli) listTable(rows []listRow) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HUNT\tCRON\tNEXT\tCOVERED UNTIL\tSTATUS\tFINDINGS\tTO SEND")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s (%s)\t%s\t%s\t%s\t%d\t%d\n",
			r.Hunt, r.Cron, r.Timezone, r.Next, orDash(r.CoveredUntil), r.status(), r.LastFindings, r.EventsToSend)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		for _, line := range r.remarks() {
			fmt.Fprintln(c.out, line)
		}
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
