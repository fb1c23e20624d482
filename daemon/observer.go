package daemon

import (
	"time"

	"github.com/huntd/huntd/jobs"
)

// An Option changes how a daemon works.
type Option func(*Daemon)

// WithObserver sets what follows the daemon's runs and bodies.
func WithObserver(o jobs.Observer) Option { return func(d *Daemon) { d.observer = o } }

// WithLease takes the place of [jobs.Lease], and with it the pace of all that
// notices the death of others; two seconds at least. All daemons that share a state
// must agree in it.
func WithLease(lease time.Duration) Option { return func(d *Daemon) { d.lease = lease } }
