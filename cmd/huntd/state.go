package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) stateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Move the state to another database, or back it up",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.migrateCommand(), c.backupCommand())
	return cmd
}

func (c *cli) migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Move the state to another database",
		Long: `Move the state that the configuration names to another database: from SQLite to
PostgreSQL, so that several daemons can share the work, or back, or to another file.

The daemons must be stopped, and the other database must be there (a file of SQLite
is made) and hold no hunts. All that the ledger knows is copied in one transaction:
watermarks, runs, events that wait for HEC, suppressions, gaps. Runs that were under
way are queued there again. What breaks off halfway has changed nothing.

The old state stays as it is but for a mark: no daemon starts with it any more,
so that no window is examined twice. Keep it until the new one has proved itself.

A password is better not typed into --to, where other users of the host can see it:
PGPASSWORD and ~/.pgpass are read as by every client of PostgreSQL.`,
		Args: noArgs,
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	to := cmd.Flags().String("to", "", "where the state goes: a postgres:// URL, or sqlite: and the path of a file")
	from := cmd.Flags().String("from", "", "another state than the configuration's")
	again := cmd.Flags().Bool("again", false, "copy a state that was moved before, as it stood then")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkOutput(*output); err != nil {
			return err
		}
		if *to == "" {
			return usagef("%s wants --to, such as --to postgres://huntd@db.example/huntd", cmd.CommandPath())
		}
		if err := errors.Join(state.Validate(*to), validOr(*from)); err != nil {
			return usageError{err}
		}
		if *from == "" {
			setup, err := loadDespiteMistakes(cmd, *config)
			if err != nil {
				return err
			}
			*from = setup.State
		}
		moved, err := state.Move(cmd.Context(), *from, *to, *again, time.Now())
		switch {
		case errors.Is(err, state.ErrNotEmpty) && *from == *to:
			return usagef("%s is the state to move already: name the old one with --from", state.Redact(*to))
		case errors.Is(err, state.ErrNotEmpty):
			return usageError{err}
		case err != nil:
			return err
		}
		report := reportMoved(moved, *from, *to)
		return c.show(*output, report, func() error { return c.tellMoved(moved, report, *to) })
	}
	return cmd
}

// validOr lets pass that no state is named.
func validOr(name string) error {
	if name == "" {
		return nil
	}
	return state.Validate(name)
}

// A moveReport is what migrate prints for programs.
type moveReport struct {
	From   string         `json:"from"`
	To     string         `json:"to"`
	Rows   map[string]int `json:"rows"`   // by table
	Merged int            `json:"merged"` // suppressions whose keys the new database does not hold apart
	Queued int            `json:"queued"` // open runs
}

func reportMoved(m state.Moved, from, to string) moveReport {
	report := moveReport{From: state.Redact(from), To: state.Redact(to), Rows: map[string]int{}, Queued: m.Queued}
	for _, t := range m.Tables {
		report.Rows[t.Table] = t.Rows
		report.Merged += t.Merged
	}
	return report
}

func (c *cli) tellMoved(m state.Moved, report moveReport, to string) error {
	fmt.Fprintf(c.out, "moved %s to %s:\n", report.From, report.To)
	w := c.columns()
	for _, t := range m.Tables {
		fmt.Fprintf(w, "  %s\t%s\n", t.Table, views.FormatCount(t.Rows, "row"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if report.Merged > 0 {
		fmt.Fprintf(c.out, "%s had a key that PostgreSQL takes for another one's and went with that\n", views.FormatCount(report.Merged, "suppression"))
	}
	fmt.Fprintf(c.out, "%s queued again there\n", views.FormatCount(m.Queued, "open run"))
	name, remark := report.To, ""
	if !state.Shared(to) {
		name = to
	} else if name != to {
		remark = " # with the password in the place of xxxxx"
	}
	fmt.Fprintf(c.out, "\nNow write into huntd.yaml, then start the daemons:\n\n  state: %q%s\n\n"+
		"%s is marked as moved: no daemon starts with it any more.\n", name, remark, report.From)
	return nil
}

func (c *cli) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Back up the state while the daemon runs",
		Long: `Check the state, a file of SQLite, and copy it to FILE as it is at one moment; the
daemon may go on meanwhile. FILE must not be there yet. It appears when it is whole,
for its owner alone. For a state in PostgreSQL use pg_dump.

To restore, stop the daemon, delete huntd.db-wal and huntd.db-shm, and put the file
in the place of huntd.db. Its hunts go on where they were: what was examined after
the backup is examined again, under the same huntd_id.`,
		Args: oneArg("the file to write"),
	}
	config := configFlag(cmd)
	from := cmd.Flags().String("from", "", "another state than the configuration's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := validOr(*from); err != nil {
			return usageError{err}
		}
		if *from == "" {
			setup, err := loadDespiteMistakes(cmd, *config)
			if err != nil {
				return err
			}
			*from = setup.State
		}
		ledger, err := state.View(*from)
		if err != nil {
			return err
		}
		err = errors.Join(ledger.Backup(cmd.Context(), args[0]), ledger.Close())
		if errors.Is(err, state.ErrNoBackup) || errors.Is(err, fs.ErrExist) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(args[0])
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "%s is backed up in %s: %d bytes\n", state.Redact(*from), args[0], info.Size())
		return nil
	}
	return cmd
}
