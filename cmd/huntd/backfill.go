package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

type backfillFlags struct {
	config, output         *string
	from, to               string
	plan, noWait, noWarmUp bool
	wait                   time.Duration
}

func (c *cli) backfillCommand() *cobra.Command {
	var f backfillFlags
	cmd := &cobra.Command{
		Use:   "backfill HUNT --from T --to T",
		Short: "Run a hunt over time that is past, window by window",
		Long: `Run a hunt over [--from, --to), cut into windows where the live lane would cut it,
so that findings get the ids that a live run over the same windows gives them. The
live watermark is not touched.

Stages that remember, such as first_seen, and suppression warm up over the time
that they look back on before --from: those windows are examined, and nothing of
them is reported. Where findings of a key follow each other with no pause as long
as suppress.for, others of them may be reported than live. --plan shows the windows
and does nothing.

If a daemon is at work, it does the backfill, at low priority, and this command
follows it; --no-wait only queues it. If none is, this command does it. Either may
be interrupted: the backfill goes on from its last window when a daemon starts, or
when the same command is typed again. See huntd pause, resume, cancel, backfills.`,
		Args: oneArg("the name of a hunt"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.backfill(cmd, args[0], f) },
	}
	f.config, f.output = configFlag(cmd), outputFlag(cmd)
	cmd.Flags().StringVar(&f.from, "from", "", "begin: RFC 3339 or epoch seconds")
	cmd.Flags().StringVar(&f.to, "to", "", "end, which is not part of it; it may not lie in the future")
	cmd.Flags().BoolVar(&f.plan, "plan", false, "show the windows, and do nothing")
	cmd.Flags().BoolVar(&f.noWarmUp, "no-warm-up", false, "begin with nothing remembered: more is reported than a live run would have")
	cmd.Flags().BoolVar(&f.noWait, "no-wait", false, "queue it for the daemon and end")
	cmd.Flags().DurationVar(&f.wait, "wait", 15*time.Minute, "how long to wait for HEC in the end")
	require(cmd, "from", "to")
	return cmd
}

func (c *cli) backfill(cmd *cobra.Command, name string, f backfillFlags) error {
	if err := checkOutput(*f.output); err != nil {
		return err
	}
	w, err := control.ParseWindow(f.from, f.to)
	if err != nil {
		return err
	}
	setup, err := loadDespiteMistakes(cmd, *f.config)
	if err != nil {
		return err
	}
	h, err := findHunt(setup, name)
	if err != nil {
		return err
	}
	b, err := control.NewBackfill(h, w, !f.noWarmUp, time.Now())
	if err != nil {
		return err
	}
	if f.plan {
		plan := views.PlanBackfill(h, b)
		return c.show(*f.output, plan, func() error { return c.tellPlan(h, plan) })
	}
	c.drains()
	start := time.Now()
	view, err := c.doBackfill(cmd.Context(), setup, h, b, f)
	if view.ID == "" { // it never got into the ledger
		view.Backfill, view.ID, view.State = b, "", jobs.BackfillFailed
	}
	row := views.NewBackfill(view)
	row.Seconds = time.Since(start).Seconds()
	if err != nil {
		row.Error = err.Error()
	}
	return errors.Join(c.show(*f.output, row, func() error {
		if view.ID != "" {
			fmt.Fprintln(c.out, row)
		}
		return nil
	}), err)
}

// doBackfill has a daemon that is at work do the backfill, or does it here.
func (c *cli) doBackfill(ctx context.Context, setup *daemon.Setup, h *hunt.Hunt, b jobs.Backfill, f backfillFlags) (view state.BackfillView, err error) {
	log, err := c.logger(daemon.LogConfig{Level: "warn", Format: setup.Log.Format})
	if err != nil {
		return view, asConfig(err)
	}
	d, err := daemon.Open(ctx, setup, log)
	if errors.Is(err, state.ErrInUse) {
		l, err := state.Join(ctx, setup.State)
		if err != nil {
			return view, err
		}
		view, err = c.handOver(ctx, l, h, b, f)
		return view, errors.Join(err, l.Close())
	}
	if err != nil {
		return view, err
	}
	there, err := control.IsDaemonAtWork(ctx, d.Ledger())
	switch {
	case err != nil:
	case there || f.noWait:
		view, err = c.handOver(ctx, d.Ledger(), h, b, f)
	default:
		view, err = c.backfillHere(ctx, d, h, b, f, log)
	}
	return view, errors.Join(err, d.Close())
}

func (c *cli) backfillHere(ctx context.Context, d *daemon.Daemon, h *hunt.Hunt, b jobs.Backfill, f backfillFlags, log *zap.Logger) (view state.BackfillView, err error) {
	if b, err = control.BeginBackfill(ctx, d.Ledger(), b); err != nil {
		return view, err
	}
	log.Info("no daemon is at work: the backfill is done here")
	err = d.Backfill(ctx, h, b.ID, f.wait, c.progress)
	view, lost := d.Ledger().BackfillView(context.WithoutCancel(ctx), b.ID)
	if lost != nil {
		view.Backfill = b
	}
	return view, errors.Join(err, lost)
}

// handOver leaves the backfill to a daemon and, unless told not to, follows it.
func (c *cli) handOver(ctx context.Context, l *state.Ledger, h *hunt.Hunt, b jobs.Backfill, f backfillFlags) (view state.BackfillView, err error) {
	if view, err = control.HandOverBackfill(ctx, l, h, b); err != nil || f.noWait {
		return view, err
	}
	return control.FollowBackfill(ctx, l, view, f.wait, c.progress)
}

// progress tells a person how far it is; programs read standard output.
func (c *cli) progress(v state.BackfillView) { fmt.Fprintln(c.err, views.BackfillProgress(v)) }

// planShown is how many windows of a plan people are shown.
const planShown = 12

func (c *cli) tellPlan(h *hunt.Hunt, p views.BackfillPlan) error {
	fmt.Fprintf(c.out, "%s %s: %s to report on", p.Hunt, p.Window, views.FormatCount(len(p.Windows), "window"))
	if len(p.WarmUp) > 0 {
		fmt.Fprintf(c.out, ", after %s of warm-up from %s on, because the hunt remembers %s", views.FormatCount(len(p.WarmUp), "window"),
			views.FormatEpoch(p.WarmUp[0].From), h.WarmUp())
	}
	fmt.Fprintln(c.out)
	all := append(slices.Clone(p.WarmUp), p.Windows...)
	for i, w := range all {
		if i == planShown/2 && len(all) > planShown {
			fmt.Fprintf(c.out, "  … %d more …\n", len(all)-planShown)
		}
		if i >= planShown/2 && i < len(all)-planShown/2 {
			continue
		}
		note := ""
		if i < len(p.WarmUp) {
			note = "  warm-up"
		}
		fmt.Fprintf(c.out, "  %s%s\n", w, note)
	}
	return nil
}
