package daemon

import (
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
)

// An Observer follows runs and bodies, for metrics.
type Observer interface {
	jobs.Observer
	outbox.Observer
}

// A NopObserver does nothing. Embedded, it makes an [Observer] of a type with only
// some of the methods.
type NopObserver struct{ jobs.NopObserver }

var _ Observer = NopObserver{}

// Sent implements [outbox.Observer].
func (NopObserver) Sent(outbox.Item, time.Duration, error) {}

// Confirmed implements [outbox.Observer].
func (NopObserver) Confirmed(outbox.Item) {}

// An Option changes how a daemon works.
type Option func(*Daemon)

// WithObserver sets what follows the daemon's runs and bodies.
func WithObserver(o Observer) Option { return func(d *Daemon) { d.observer = o } }

// WithLease takes the place of [jobs.Lease], and with it the pace of all that
// notices the death of others; two seconds at least. All daemons that share a state
// must agree in it.
func WithLease(lease time.Duration) Option { return func(d *Daemon) { d.lease = lease } }

// WithWitness is [state.WithWitness], of the daemon's state.
func WithWitness(at func(point string)) Option { return func(d *Daemon) { d.witness = at } }
