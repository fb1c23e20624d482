package views

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
)

// Facts returns the lines that say how the hunt is set up, a name and a text each.
func (e Explanation) Facts(h *hunt.Hunt) [][2]string {
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
		hunt.CatchUpCoalesce: "coalesce: their time is examined in one pass",
		hunt.CatchUpEach:     fmt.Sprintf("each: a run of its own for every slot, %d at most; the time of older ones in one pass", h.Spec.Schedule.MaxCatchUp),
		hunt.CatchUpSkip:     "skip: their time becomes a gap",
	}[e.CatchUp])
	by := fmt.Sprintf("by index time, of events up to %s old", configs.FormatDuration(h.Window.MaxEventAge))
	if e.Window.By == hunt.ByEventTime {
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
	add("ledger", "%s", e.ledgerLine())
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
	what := map[string]string{hunt.DeliverAll: "every record that leaves the pipeline", hunt.DeliverFindings: "findings"}[e.Deliver.Records]
	add("delivers", "%s to %s, %s, sourcetype %s, source %s", what, e.Deliver.Connection, index, e.Deliver.Sourcetype, e.Deliver.Source)
	if e.Suppress != nil {
		add("withholds", "for %s what agrees with a finding in %s", configs.FormatDuration(h.Findings.Suppress.For), strings.Join(e.Suppress.By, ", "))
	}
	return lines
}

func (e Explanation) ledgerLine() string {
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

// Lines say what the fire examines, and what is odd about it.
func (f Fire) Lines() (lines []string) {
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
