// Package control carries out what people order, such as to pause a hunt, to give
// up on time that cannot be examined, or to examine time that is past.
//
// The command line and whatever else takes orders call it, so that each rule stands
// once: what a target names, which backfill is the same one, what is planned at
// once, when a daemon has done what was left to it. An order without such a rule is
// a method of the ledger, called directly. The package prints nothing: results are
// values, and wrong input is an [InputError]. What people see belongs to jobs/views.
package control

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

// An InputError is wrong input, on which nothing was ordered. Its text names inputs
// as the command line does, such as --to.
type InputError struct{ error }

// Unwrap returns what is wrong.
func (e InputError) Unwrap() error { return e.error }

func inputErrorf(format string, args ...any) error { return InputError{fmt.Errorf(format, args...)} }

// A Setup is what orders need to know of the configuration.
type Setup struct {
	Path  string // of its file
	Hunts []*hunt.Hunt
	// FindHunt returns the hunt of a name, or an error that lists the names there are.
	FindHunt    func(name string) (*hunt.Hunt, error)
	Connections []string      // by name
	ClockSkew   time.Duration // by how much clocks may differ where windows are cut
}

// A DaemonLedger lists the daemons that hunt with the state.
type DaemonLedger interface {
	Daemons(ctx context.Context, now time.Time) ([]state.Daemon, error)
}

// IsDaemonAtWork reports whether a daemon will take what is queued.
func IsDaemonAtWork(ctx context.Context, l DaemonLedger) (bool, error) {
	daemons, err := l.Daemons(ctx, time.Now())
	return len(daemons) > 0, err
}
