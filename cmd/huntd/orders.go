package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// A target is what an order is about.
type target struct {
	hunt, backfill, connection string
}

const targetForms = "a hunt, backfill:ID or connection:NAME"

func parseTarget(setup *daemon.Setup, text string) (t target, err error) {
	if id, ok := strings.CutPrefix(text, "backfill:"); ok {
		return target{backfill: id}, nil
	}
	if name, ok := strings.CutPrefix(text, "connection:"); ok {
		if _, known := setup.Connections[name]; !known {
			return t, usagef("no connection %q in %s", name, setup.Path)
		}
		return target{connection: name}, nil
	}
	if _, err := findHunt(setup, text); err != nil {
		return t, err
	}
	return target{hunt: text}, nil
}

// findHunt returns the hunt of a name that was typed.
func findHunt(setup *daemon.Setup, name string) (*jobs.Hunt, error) {
	h, err := setup.Hunt(name)
	if err != nil {
		return nil, usageError{err}
	}
	return h, nil
}

// atLedger opens the state beside the daemon that may hold it, for an order.
func atLedger(cmd *cobra.Command, config string, do func(context.Context, *daemon.Setup, *state.Ledger) error) error {
	setup, err := loadDespiteMistakes(cmd, config)
	if err != nil {
		return err
	}
	l, err := state.Join(cmd.Context(), setup.State)
	if errors.Is(err, fs.ErrNotExist) && !state.Shared(setup.State) { // a server's socket may be missing too
		return fmt.Errorf("there is no state yet: start the daemon, or run a hunt once (%s)", state.Redact(setup.State))
	}
	if err != nil {
		return err
	}
	return errors.Join(do(cmd.Context(), setup, l), l.Close())
}

// because adds --reason, which is required: whoever looks at the ledger in half
// a year wants to know.
func because(cmd *cobra.Command) *string {
	reason := cmd.Flags().String("reason", "", "why; it is kept and shown")
	require(cmd, "reason")
	return reason
}

// require refuses a command line without certain flags, or with empty ones.
func require(cmd *cobra.Command, flags ...string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range flags {
			if f := cmd.Flags().Lookup(name); f.Value.String() == "" {
				return usagef("%s wants --%s: %s", cmd.CommandPath(), name, f.Usage)
			}
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// planNow queues what is due of hunts, so that a daemon at work begins at once.
func planNow(ctx context.Context, setup *daemon.Setup, l *state.Ledger, hunts ...*jobs.Hunt) error {
	hunts, err := plannable(ctx, setup, l, hunts)
	if err != nil || len(hunts) == 0 {
		return err
	}
	now := time.Now()
	if _, err := jobs.Plan(ctx, l, hunts, now); err != nil {
		return err
	}
	named := map[string]*jobs.Hunt{}
	for _, h := range hunts {
		named[h.Name] = h
	}
	return jobs.PlanBackfills(ctx, l, named, now)
}

// plannable are those of hunts whose windows may be cut here: this host's clock
// agrees with the database's, and no daemon has found another to differ. The
// others are left to the daemons.
func plannable(ctx context.Context, setup *daemon.Setup, l *state.Ledger, hunts []*jobs.Hunt) (may []*jobs.Hunt, err error) {
	offset, bound, err := l.ClockOffset(ctx)
	if err != nil || offset.Abs()-bound > setup.Limits.ClockSkew {
		return nil, err
	}
	daemons, err := l.Daemons(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	for _, h := range hunts {
		if !slices.ContainsFunc(daemons, func(d state.Daemon) bool { return d.SkewFor(h.Source.Connection) != nil }) {
			may = append(may, h)
		}
	}
	return may, nil
}

// parseWindow reads --from and --to, both of which are required.
func parseWindow(from, to string) (w pipeline.Window, err error) {
	if w.From, err = pipeline.ParseInstant(from); err != nil {
		return w, usagef("--from: %v", err)
	}
	if w.To, err = pipeline.ParseInstant(to); err != nil {
		return w, usagef("--to: %v", err)
	}
	if w.Empty() {
		return w, usagef("the window %s is empty: --from must lie before --to", w)
	}
	return w, nil
}

// spanFlag adds a flag that takes a duration as configurations write it.
func spanFlag(cmd *cobra.Command, name, usage string) func() (time.Duration, error) {
	text := cmd.Flags().String(name, "", usage)
	return func() (time.Duration, error) {
		if *text == "" {
			return 0, nil
		}
		d, err := configs.ParseDuration(*text)
		if err == nil && d <= 0 {
			err = fmt.Errorf("%s is not in the future", *text)
		}
		if err != nil {
			return 0, usagef("--%s: %v", name, err)
		}
		return d, nil
	}
}

// daemonAtWork reports whether a daemon will take what is queued.
func daemonAtWork(ctx context.Context, l *state.Ledger) (bool, error) {
	daemons, err := l.Daemons(ctx, time.Now())
	return len(daemons) > 0, err
}
