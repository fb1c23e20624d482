package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain HUNT",
		Short: "Explain when a hunt fires and which windows it will examine",
		Long: `Explain a hunt: its schedule in words, the next times at which it fires, in its own
time zone and in UTC, and the windows that it will examine then if every run succeeds.
Where the clocks are set within a year, it tells which times of the schedule do not
exist, or come twice.

It goes by what the ledger knows of the hunt, which may be at work meanwhile; a hunt
that has not run yet, or any with --first, is explained from its first run on.`,
		Args: oneArg("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	fires := cmd.Flags().Int("fires", 5, "how many of the next fires to show")
	at := cmd.Flags().String("at", "", "explain as of another time than now: RFC 3339 or epoch seconds")
	first := cmd.Flags().Bool("first", false, "as a hunt that has not run yet, whatever the ledger knows")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(*output); err != nil {
			return err
		}
		if *fires < 1 || *fires > views.MaxFires {
			return usagef("--fires lies between 1 and %d, got %d", views.MaxFires, *fires)
		}
		now := time.Now()
		if *at != "" {
			sec, err := control.ParseInstant("--at", *at)
			if err != nil {
				return err
			}
			now = time.Unix(sec, 0)
		}
		setup, err := loadDespiteMistakes(cmd, *config)
		if err != nil {
			return err
		}
		h, err := findHunt(setup, args[0])
		if err != nil {
			return err
		}
		var known views.KnownHunt
		if !*first {
			if _, err := readState(setup, func(l *state.Ledger) (err error) {
				known, err = views.LookUpHunt(cmd.Context(), l, h.Name, now)
				return err
			}); err != nil {
				return err
			}
		}
		e, err := views.ExplainHunt(h, known, now, *fires)
		if err != nil {
			return fmt.Errorf("%w (--first explains it as a hunt that is new)", err)
		}
		return c.show(*output, e, func() error { return c.tellExplained(h, e) })
	}
	return cmd
}

func (c *cli) tellExplained(h *hunt.Hunt, e views.Explanation) error {
	w := c.columns()
	for _, line := range e.Facts(h) {
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
		if err := c.fireTable(e.Due, e.Timezone); err != nil {
			return err
		}
	}
	fmt.Fprintln(c.out, "next")
	if err := c.fireTable(e.Fires, e.Timezone); err != nil {
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
		fmt.Fprintf(c.out, "  %s becomes %s: %s\n", change.Before, change.After, change.Effect)
	}
	return nil
}

func (c *cli) fireTable(fires []views.Fire, zone string) error {
	w := c.columns()
	fmt.Fprintf(w, "  SLOT (%s)\tSLOT (UTC)\tSTART (UTC)\tWINDOWS (UTC)\n", zone)
	for _, f := range fires {
		row := fmt.Sprintf("  %s %s\t%s\t%s\t", f.Weekday, f.Slot, f.SlotUTC, f.Start)
		for _, what := range f.Lines() {
			fmt.Fprintln(w, row+what)
			row = "  \t\t\t"
		}
	}
	fmt.Fprintln(w)
	return w.Flush()
}
