package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
)

// reportClock says what a change of the clocks does to a schedule.
func reportClock(s jobs.Schedule, c jobs.ClockChange) clockReport {
	zone := s.Zone()
	r := clockReport{
		At: utc(c.At), Before: c.Before.Format(time.RFC3339), After: c.At.Format(time.RFC3339), Missing: []string{}, Twice: []string{},
	}
	for _, t := range c.Missing {
		r.Missing = append(r.Missing, clock(t))
	}
	for _, t := range c.Twice {
		r.Twice = append(r.Twice, clock(t))
	}
	var effects []string
	switch {
	case len(c.Missing) > 0:
		effects = append(effects, missing(c))
	case len(c.Twice) > 1:
		effects = append(effects, fmt.Sprintf("%s, %s to %s, come twice and fire twice", counted(len(c.Twice), "slot"), r.Twice[0], r.Twice[len(r.Twice)-1]))
	case len(c.Twice) == 1:
		effects = append(effects, r.Twice[0]+" comes twice and fires twice")
	default:
		effects = append(effects, "no slot is lost or comes twice")
	}
	if !c.Last.IsZero() && !c.Next.IsZero() {
		r.Last, r.Next = local(c.Last, zone), local(c.Next, zone)
		effects = append(effects, fmt.Sprintf("the slots around it, %s and %s, are %s apart", r.Last, r.Next, configs.FormatDuration(c.Next.Sub(c.Last))))
	}
	r.effect = strings.Join(effects, "; ")
	return r
}

// missing says which times of day do not exist.
func missing(c jobs.ClockChange) string {
	first, last := clock(c.Missing[0]), clock(c.Missing[len(c.Missing)-1])
	if len(c.Missing) == 1 {
		return first + " does not exist and is passed over"
	}
	return fmt.Sprintf("%s, %s to %s, do not exist and are passed over", counted(len(c.Missing), "slot"), first, last)
}

func (c *cli) tellExplained(h *jobs.Hunt, e explanation) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, line := range facts(h, e) {
		fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
	}
	fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	if len(e.Due) > 0 {
		title := "due at once"
		if e.Open != nil {
			title = "due when that run has ended"
		}
		fmt.Fprintln(c.out, title)
		if err := fireTable(c.out, e.Due, e.Timezone); err != nil {
			return err
		}
	}
	fmt.Fprintln(c.out, "next")
	if err := fireTable(c.out, e.Fires, e.Timezone); err != nil {
		return err
	}
	if h.Schedule.Zone().String() == "UTC" {
		return nil
	}
	fmt.Fprintf(c.out, "clocks of %s\n", e.Timezone)
	if len(e.Changes) == 0 {
		fmt.Fprintln(c.out, "  are not set within a year")
	}
	for _, change := range e.Changes {
		fmt.Fprintf(c.out, "  %s becomes %s: %s\n", change.Before, change.After, change.effect)
	}
	return nil
}

// facts are the lines that say how the hunt is set up.
func facts(h *jobs.Hunt, e explanation) [][2]string {
	lines := [][2]string{{e.Hunt, h.Description}}
	add := func(name, format string, args ...any) {
		lines = append(lines, [2]string{name, fmt.Sprintf(format, args...)})
	}
	add("as of", "%s", e.AsOf)
	add("schedule", "%s (%s): %s", e.Cron, e.Timezone, e.Words)
	if j := h.Jitter(); j > 0 {
		add("start", "%s after each slot, always the same; windows go by the slots", configs.FormatDuration(j))
	}
	add("missed slots", "%s", map[string]string{
		jobs.CatchUpCoalesce: "coalesce: their time is examined in one pass",
		jobs.CatchUpEach:     fmt.Sprintf("each: a run of its own for every slot, %d at most; the time of older ones in one pass", h.Spec.Schedule.MaxCatchUp),
		jobs.CatchUpSkip:     "skip: their time becomes a gap",
	}[e.CatchUp])
	by := fmt.Sprintf("by index time, of events up to %s old", configs.FormatDuration(h.Window.MaxEventAge))
	if e.Window.By == jobs.ByEventTime {
		by = "by event time"
	}
	add("windows", "%s; %s behind the slot; at most %s long; the first run looks %s back",
		by, configs.FormatDuration(h.Window.Lag), configs.FormatDuration(h.Window.Max), configs.FormatDuration(h.Window.First))
	if settle := h.Window.Settle; settle > 0 {
		add("late events", "looked for once, %s after a window's end; a window that grew is run again", configs.FormatDuration(settle))
	}
	if back := h.LookBack(); back > 0 {
		add("look-back", "%s before the first window warm up what the stages remember", configs.FormatDuration(back))
	}
	add("ledger", "%s", ledgerLine(e))
	add("search", "%s: %s", e.Search.Connection, e.Search.Search)
	var bounds []string
	for _, name := range slices.Sorted(maps.Keys(e.Search.Bounds)) {
		bounds = append(bounds, name+"="+e.Search.Bounds[name])
	}
	if len(bounds) > 0 {
		add("", "the next one with %s", strings.Join(bounds, " "))
	}
	index := "the HEC token's index"
	if e.Deliver.Index != "" {
		index = "index " + e.Deliver.Index
	}
	what := map[string]string{jobs.DeliverAll: "every record that leaves the pipeline", jobs.DeliverFindings: "findings"}[e.Deliver.Records]
	add("delivers", "%s to %s, %s, sourcetype %s, source %s", what, e.Deliver.Connection, index, e.Deliver.Sourcetype, e.Deliver.Source)
	if e.Suppress != nil {
		add("withholds", "for %s what agrees with a finding in %s", configs.FormatDuration(h.Findings.Suppress.For), strings.Join(e.Suppress.By, ", "))
	}
	return lines
}

func ledgerLine(e explanation) string {
	line := "not known: explained from its first run on"
	if e.Known {
		line = "covered until " + e.Covered
	}
	if e.Open != nil {
		line += fmt.Sprintf("; a run over %s is %s, and is taken to succeed", e.Open.Window, e.Open.State)
	}
	if e.Paused {
		line += "; the hunt is paused, so that nothing is planned"
	}
	return line
}

func fireTable(out io.Writer, fires []fireReport, zone string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  SLOT (%s)\tSLOT (UTC)\tSTART (UTC)\tWINDOWS (UTC)\n", zone)
	for _, f := range fires {
		row := fmt.Sprintf("  %s %s\t%s\t%s\t", f.Weekday, f.Slot, f.SlotUTC, f.Start)
		for _, what := range f.lines() {
			fmt.Fprintln(w, row+what)
			row = "  \t\t\t"
		}
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// lines say what a fire examines, and what is odd about it.
func (f fireReport) lines() (lines []string) {
	if f.Gap != nil {
		lines = append(lines, "gap "+f.Gap.String())
	}
	for _, s := range f.Spans {
		line := s.String()
		if s.Windows > 1 {
			line += fmt.Sprintf(" in %d windows", s.Windows)
		}
		if s.WarmUp {
			line += ", to warm up"
		}
		lines = append(lines, line)
	}
	if f.Several {
		lines = append(lines, "for this slot and those before it, each a run of its own")
	}
	if len(lines) == 0 {
		lines = append(lines, "nothing is left to examine")
	}
	if f.Note != "" {
		lines = append(lines, f.Note)
	}
	return lines
}
