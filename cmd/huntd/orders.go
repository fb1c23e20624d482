package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

// findHunt returns the hunt of a name that was typed.
func findHunt(setup *daemon.Setup, name string) (*hunt.Hunt, error) {
	h, err := setup.Hunt(name)
	if err != nil {
		return nil, usageError{err}
	}
	return h, nil
}

// controlSetup returns what orders need to know of the configuration.
func controlSetup(s *daemon.Setup) control.Setup {
	return control.Setup{
		Path: s.Path, Hunts: s.Hunts, FindHunt: s.Hunt, Connections: s.ConnectionNames(), ClockSkew: s.Limits.ClockSkew,
	}
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
