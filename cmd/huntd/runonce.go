package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/views"
	"github.com/huntd/huntd/pipeline"
)

type runOnceFlags struct {
	config, output               *string
	from, to, state              string
	dryRun, noWait, exitFindings bool
	wait                         time.Duration
}

func (c *cli) runOnceCommand() *cobra.Command {
	var f runOnceFlags
	cmd := &cobra.Command{
		Use:   "run-once HUNT",
		Short: "Run a hunt by hand over one window",
		Long: `Run a hunt once, over the window [--from, --to), in one piece. Without them it
looks back from now, less the hunt's lag, as far as the hunt's window.first says.

The run stands in the ledger, on the manual lane: it moves no watermark, and it
neither withholds findings nor remembers them for suppression. It ends when HEC
has confirmed its events or they were put aside.`,
		Args: oneArg("the name of a hunt"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runOnce(cmd, args[0], f) },
	}
	f.windowFlags(cmd)
	cmd.Flags().StringVar(&f.state, "state", "", "another state than the configuration's, such as sqlite:/tmp/try.db")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "search and analyse, but store and send nothing: print the events")
	return cmd
}

// windowFlags adds the flags of a run over one window.
func (f *runOnceFlags) windowFlags(cmd *cobra.Command) {
	f.config, f.output = configFlag(cmd), outputFlag(cmd)
	cmd.Flags().StringVar(&f.from, "from", "", "begin of the window: RFC 3339 or epoch seconds")
	cmd.Flags().StringVar(&f.to, "to", "", "end of the window, which is not part of it")
	cmd.Flags().BoolVar(&f.noWait, "no-wait", false, "do not wait for HEC: the events stay in the outbox")
	cmd.Flags().DurationVar(&f.wait, "wait", 15*time.Minute, "how long to wait for HEC")
	cmd.Flags().BoolVar(&f.exitFindings, "exit-findings", false, "exit with 3 if there are findings")
}

func (c *cli) runOnce(cmd *cobra.Command, name string, f runOnceFlags) error {
	if err := checkOutput(*f.output); err != nil {
		return err
	}
	var flags []configs.Layer
	if f.state != "" {
		flags = append(flags, configs.Flag("--state", f.state, "state"))
	}
	setup, err := loadDespiteMistakes(cmd, *f.config, flags...)
	if err != nil {
		return err
	}
	h, err := findHunt(setup, name)
	if err != nil {
		return err
	}
	window, err := control.ParseManualWindow(h, f.from, f.to, time.Now())
	if err != nil {
		return err
	}
	if f.noWait {
		f.wait = 0
	}
	c.drains()
	start := time.Now()
	run, err := c.oneRun(cmd, setup, h, window, f)
	report := views.ReportRun(run, err, start)
	report.Hunt, report.Window = h.Name, window // also of a run that never got into the ledger
	return c.report(report, err, f)
}

func (c *cli) oneRun(cmd *cobra.Command, setup *daemon.Setup, h *hunt.Hunt, w pipeline.Window, f runOnceFlags) (jobs.Run, error) {
	log, err := c.logger(daemon.LogConfig{Level: "warn", Format: setup.Log.Format})
	if err != nil {
		return jobs.Run{}, asConfig(err)
	}
	if f.dryRun {
		show := cmd.OutOrStdout()
		if *f.output == "json" {
			show = cmd.ErrOrStderr() // standard output holds the report and nothing else
		}
		return daemon.Preview(cmd.Context(), setup, h, w, log, func(line []byte) error {
			_, err := show.Write(line)
			return err
		})
	}
	d, err := daemon.Open(cmd.Context(), setup, log)
	if err != nil {
		return jobs.Run{}, err
	}
	run, err := d.RunOnce(cmd.Context(), h, w, f.wait)
	return run, errors.Join(err, d.Close())
}

// report prints what a run by hand has come to, and returns the error with which the
// command ends.
func (c *cli) report(r views.RunReport, err error, f runOnceFlags) error {
	werr := c.show(*f.output, r, func() error {
		if err != nil {
			return nil // it is printed on the way out
		}
		fmt.Fprintln(c.out, r)
		for _, name := range pipeline.NoteNames(r.Notes) {
			fmt.Fprintf(c.out, "  %s: %d\n", name, r.Notes[name])
		}
		return nil
	})
	if werr != nil {
		return werr
	}
	if err == nil && f.exitFindings && r.Findings > 0 {
		return silentError{exitFindings}
	}
	return err
}
