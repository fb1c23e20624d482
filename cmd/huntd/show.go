package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
)

// readState opens the state to read it. It returns false where nothing has run yet,
// and so there is none.
func readState(setup *daemon.Setup, read func(*state.Ledger) error) (begun bool, err error) {
	l, err := state.View(setup.State)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(read(l), l.Close())
}

// viewOf reads the state for a command that may name a hunt. Where there is no state
// yet, programs get what an empty one would give; people are told, and the error is
// silent.
func (c *cli) viewOf(cmd *cobra.Command, config, output string, args []string, read func(ctx context.Context, l *state.Ledger, hunt string) error) error {
	if err := checkOutput(output); err != nil {
		return err
	}
	setup, err := loadDespiteMistakes(cmd, config)
	if err != nil {
		return err
	}
	hunt := ""
	if len(args) == 1 {
		h, err := findHunt(setup, args[0])
		if err != nil {
			return err
		}
		hunt = h.Name
	}
	begun, err := readState(setup, func(l *state.Ledger) error { return read(cmd.Context(), l, hunt) })
	if err != nil || begun {
		return err
	}
	fmt.Fprintln(c.err, "huntd: there is no state yet: nothing has run")
	if output == "text" {
		return silentError{0}
	}
	return nil
}

// show prints a view as JSON for programs, and as text does for people.
func (c *cli) show(output string, view any, text func() error) error {
	if output == "json" {
		return json.NewEncoder(c.out).Encode(view)
	}
	return text()
}

// columns returns a table whose lines are written with tabs between the columns.
func (c *cli) columns() *tabwriter.Writer { return tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0) }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
