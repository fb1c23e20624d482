package daemon

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/systemd"
)

// A Daemon runs hunts.
type Daemon struct {
	log      *zap.Logger
	observer jobs.Observer
	lease    time.Duration
	grace    time.Duration // what running windows get when the daemon stops
	ledger   *state.Ledger // nil before it was opened
	notify   systemd.Notifier
	engine   atomic.Pointer[engine]
	health   health
	spool    spool

	agenda *agenda
	// backfills says that the planner is to look at those too.
	backfills atomic.Bool
	offers    chan struct{} // of one: runs may have become due
	beats     chan struct{} // of one: the configuration changed
	stopping  atomic.Bool   // no run begins any more
	working   atomic.Int64  // runs under way
	unheard   atomic.Bool   // the last notification of the service manager failed
	readyOwed atomic.Bool   // the service manager was not told that the daemon is ready
	clocks    *clocks
	peers     peers
	board     statusBoard
}

// Open connects a setup and opens its state. [Daemon.Close] closes it.
func Open(ctx context.Context, s *Setup, log *zap.Logger, options ...Option) (*Daemon, error) {
	d, err := New(s, log, options...)
	if err != nil {
		return nil, err
	}
	if d.ledger, err = d.open(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// New connects a setup. [Daemon.Run] opens the state, when it can be reached.
func New(s *Setup, log *zap.Logger, options ...Option) (*Daemon, error) {
	d := &Daemon{
		log: log, observer: jobs.NopObserver{}, lease: jobs.Lease, grace: grace, notify: systemd.FromEnv(),
		agenda: newAgenda(), clocks: newClocks(log), offers: make(chan struct{}, 1), beats: make(chan struct{}, 1),
	}
	for _, set := range options {
		set(d)
	}
	e, err := d.newEngine(s)
	if err != nil {
		return nil, err
	}
	d.engine.Store(e)
	return d, nil
}

func (d *Daemon) open(ctx context.Context) (*state.Ledger, error) {
	return state.Open(ctx, d.engine.Load().setup.State, d.log, state.WithLease(d.lease),
		state.WithGate(d.mayBegin), state.WithHealth(d.noteHealth), state.WithObserver(d.observer))
}

// closeTimeout is how long the state may take to close. A database that does
// not answer must not keep the process from ending.
const closeTimeout = time.Second

// Close closes the state. Nothing may be running.
func (d *Daemon) Close() error {
	d.engine.Load().conns.close()
	if d.ledger == nil {
		return nil
	}
	return within(closeTimeout, func(context.Context) error { return d.ledger.Close() })
}

// Ledger returns the daemon's state, nil before it was opened.
func (d *Daemon) Ledger() *state.Ledger { return d.ledger }

// noteHealth notes whether the ledger answered a call.
func (d *Daemon) noteHealth(err error) {
	since, changed := d.health.observe(err, time.Now())
	switch {
	case !changed:
		return
	case err != nil:
		d.log.Error("ledger unreachable", zap.Time("since", since.UTC()), zap.Error(err),
			zap.String("hint", "nothing is planned or committed until it answers; huntd keeps trying"))
	default:
		d.log.Info("ledger reachable again", zap.Time("unreachable_since", since.UTC()), zap.Duration("for", time.Since(since).Round(time.Second)))
		d.agenda.sweep(d.engine.Load().names)
		d.wakeOffers()
	}
	d.showStatus()
}

// logFailure logs that something failed. What an unreachable ledger makes fail
// is logged once, by observe.
func (d *Daemon) logFailure(ctx context.Context, message string, err error) {
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, state.ErrUnreachable):
		d.log.Debug(message, zap.Error(err))
	default:
		d.log.Error(message, zap.Error(err))
	}
}

// tell logs that a notification failed, once until one succeeds.
func (d *Daemon) tell(err error) {
	if failed := d.unheard.Swap(err != nil); err != nil && !failed {
		d.log.Warn("service manager notification failed", zap.Error(err))
	}
}

// ready tells the service manager that start or reload is done. If that fails,
// [Daemon.showStatus] repeats it: a start that is not heard of ends in a timeout.
func (d *Daemon) ready() {
	err := d.notify.Ready(d.status().String())
	d.readyOwed.Store(err != nil)
	d.tell(err)
}

// Idle reports whether every hunt has examined all that is due by now and every
// event is confirmed.
func (d *Daemon) Idle(ctx context.Context) (bool, error) {
	for _, h := range d.engine.Load().hunts {
		if covered, err := jobs.Covered(ctx, d.ledger, h, time.Now()); err != nil || !covered {
			return false, err
		}
	}
	pending, err := d.ledger.Pending(ctx, "")
	return pending == 0, err
}

// reload replaces the configuration, or keeps it and logs why. It waits for
// nothing but the files.
func (d *Daemon) reload(ctx context.Context) {
	d.tell(d.notify.Reloading())
	old := d.engine.Load()
	err := d.replace(ctx, old)
	switch {
	case err != nil && ctx.Err() != nil: // the daemon stops
		return
	case err != nil:
		d.log.Error("reload failed", zap.Error(err), zap.String("hint", "the old configuration stays: huntd check names all mistakes"))
	default:
		d.log.Info("configuration reloaded", d.engine.Load().changeFields(old)...)
		d.engine.Load().setup.logOverlooked(d.log)
	}
	d.ready()
}

// replace puts an engine made of the files as they are now in the place of the
// old one. If anything is wrong with them, the old one goes on.
func (d *Daemon) replace(ctx context.Context, old *engine) error {
	s, err := loadUntil(ctx, old.setup.Path, old.setup.above)
	if err != nil {
		return err
	}
	if s.State != old.setup.State {
		return configs.Errorf(s.node.At("state"), "state: names another state now, which takes a restart")
	}
	e, err := d.newEngine(s)
	if err != nil {
		return err
	}
	if s.Workers != old.setup.Workers || s.Log != old.setup.Log {
		d.log.Warn("reload incomplete", zap.String("hint", "workers and log have changed: restart the daemon for these"))
	}
	d.engine.Store(e)
	old.cancel()
	if old.started() {
		e.start(d, old.done) // old closes its connections when its workers have ended
	} else {
		old.conns.close()
	}
	notify(d.beats)
	return nil
}

// notify puts a signal into a channel of one, if there is none.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run hunts until ctx ends, then drains: no new window begins, running ones get
// half a minute and are then given back, and what is in the outbox stays there
// for the next start. Each value from reload makes it load its files anew. Where
// the state is unreachable, Run waits for it.
func (d *Daemon) Run(ctx context.Context, reload <-chan os.Signal) error {
	s := newService(ctx, d)
	opened := make(chan opening, 1)
	go func() { opened <- d.openWhenReachable(ctx) }()
	select { // a state that cannot be used at all ends the start
	case o := <-opened:
		if o.err != nil {
			s.cancel()
			return o.err
		}
		opened <- o
	case <-time.After(openGrace):
	}
	s.tasks.Go(s.feedWatchdog)
	d.log.Info("daemon started", d.engine.Load().startFields(time.Now())...)
	d.engine.Load().setup.logOverlooked(d.log)
	d.ready()
	for {
		select {
		case <-ctx.Done():
			if opened != nil { // it ends soon after ctx
				select {
				case o := <-opened:
					d.keep(o.ledger)
				case <-time.After(loopTimeout):
				}
			}
			s.stop()
			return nil
		case <-reload:
			d.reload(ctx)
		case o := <-opened:
			opened = nil
			if o.err != nil {
				s.stop()
				return o.err
			}
			if d.keep(o.ledger); ctx.Err() == nil {
				s.start()
			}
		}
	}
}

// keep keeps a ledger that Run has opened. One that was open before is the same,
// and others read it meanwhile.
func (d *Daemon) keep(l *state.Ledger) {
	if d.ledger == nil {
		d.ledger = l
	}
}

// An opening is how the opening of a state ended.
type opening struct {
	ledger *state.Ledger
	err    error
}

// openWhenReachable opens the state, if it is not open, and tries again for as
// long as its server is unreachable and ctx has not ended.
func (d *Daemon) openWhenReachable(ctx context.Context) opening {
	if d.ledger != nil {
		return opening{ledger: d.ledger}
	}
	for again := openRetry; ; again = min(2*again, longestOpenRetry) {
		l, err := d.open(ctx)
		switch {
		case err == nil:
			return opening{ledger: l}
		case ctx.Err() != nil:
			return opening{} // Run stops
		case !errors.Is(err, state.ErrUnreachable):
			return opening{err: err}
		}
		if d.noteHealth(err); pause(ctx, again) != nil {
			return opening{}
		}
	}
}

// The pauses between attempts to open a state.
const (
	openGrace        = time.Second // how long a start waits before it counts as done
	openRetry        = time.Second
	longestOpenRetry = 10 * time.Second
)
