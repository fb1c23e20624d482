package daemon

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/systemd"
)

// grace is how long running windows may take to end after the daemon was told
// to stop; then they are given back.
const grace = 30 * time.Second

// lastWords is how long the ledger may take after that to note how they ended. A
// database that does not answer must not keep the daemon from ending: what was
// not noted is taken over when its lease has run out.
const lastWords = 15 * time.Second

// Hooks are told what happens, for a demo's or a person's eyes, or a test's.
// They may be called by several goroutines.
type Hooks struct {
	Confirmed func(outbox.Item)                  // a body is safe at HEC
	Ended     func(jobs.Run, jobs.Result, error) // a run's attempt ended
	At        func(point string)                 // a run came to a point; see [state.WithWitness]
	// Lease takes the place of [jobs.Lease], and with it the pace of all that
	// notices the death of others; two seconds at least.
	Lease time.Duration

	// Runner and Sink, if set, change what a run is examined with and where a
	// connection's bodies go: the engine's benchmark has no Splunk.
	Runner func(*jobs.Runner)
	Sink   func(connection string, sink pipeline.Sink) pipeline.Sink
}

// A Daemon runs hunts.
type Daemon struct {
	log    *zap.Logger
	hooks  Hooks
	lease  time.Duration
	ledger *state.Ledger
	notify systemd.Notifier
	engine atomic.Pointer[engine]
	agenda *agenda
	// backfills says that the planner is to look at those too.
	backfills atomic.Bool
	spool     spool
}

// New opens the state of a setup and connects it. Close frees both.
func New(ctx context.Context, s *Setup, log *zap.Logger, hooks Hooks) (*Daemon, error) {
	d := &Daemon{log: log, hooks: hooks, lease: cmp.Or(hooks.Lease, jobs.Lease), notify: systemd.FromEnv(), agenda: newAgenda()}
	e, err := d.newEngine(s)
	if err != nil {
		return nil, err
	}
	d.engine.Store(e)
	if d.ledger, err = state.Open(ctx, s.State, log, state.WithLease(d.lease), state.WithWitness(hooks.At)); err != nil {
		return nil, err
	}
	if d.ledger.Begun() {
		log.Info("a new state begins: every hunt starts its window.first ago", zap.String("state", state.Redact(s.State)))
	}
	return d, nil
}

// Close closes the state. Nothing may be running.
func (d *Daemon) Close() error {
	d.engine.Load().conns.close()
	return d.ledger.Close()
}

// Ledger returns the daemon's state.
func (d *Daemon) Ledger() *state.Ledger { return d.ledger }

// Run hunts until ctx ends, then drains: no new window begins, running ones get
// half a minute and are then given back, and what is in the outbox stays there
// for the next start. Each value from reload makes it load its files anew.
func (d *Daemon) Run(ctx context.Context, reload <-chan os.Signal) error {
	background, halt := context.WithCancel(context.WithoutCancel(ctx))
	defer halt()
	var tasks sync.WaitGroup
	tasks.Go(func() { d.feed(background) })
	tasks.Go(func() { d.plan(background) })
	d.begin(ctx, d.engine.Load())
	work, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer giveUp(nil)
	stopCrew, err := d.ledger.Start(context.WithoutCancel(ctx), d.crew(work))
	if err != nil {
		d.engine.Load().halt()
		halt()
		tasks.Wait()
		return fmt.Errorf("start the queue: %w", err)
	}
	d.beat(ctx)
	d.tell(d.notify.Ready(d.summary()))
	d.log.Info("hunting", zap.String("config", d.engine.Load().setup.Path), zap.Int("hunts", len(d.engine.Load().names)))

	d.attend(ctx, reload)

	d.log.Info("stopping: no new window begins", zap.Duration("grace", grace))
	d.tell(d.notify.Stopping("draining"))
	late := time.AfterFunc(grace, func() { giveUp(jobs.ErrShutdown) })
	defer late.Stop()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace+lastWords)
	defer cancel()
	if err = stopCrew(ending); err == nil {
		err = d.ledger.Depart(ending)
	}
	if err != nil {
		err = fmt.Errorf("stop: %w", err)
	}
	d.engine.Load().halt()
	halt()
	tasks.Wait()
	return err
}

// begin sets an engine going and has all its hunts looked at, those that stand
// still included.
func (d *Daemon) begin(ctx context.Context, e *engine) {
	if err := d.ledger.Resume(ctx, e.names, time.Now()); err != nil && ctx.Err() == nil {
		d.log.Error("runs that had failed wait for their next slot", zap.Error(err))
	}
	d.reroute(ctx, e)
	d.warnOfStranded(ctx, e)
	e.start(d)
	d.backfills.Store(true)
	d.agenda.add(e.names...)
}

// warnOfStranded tells of events that nobody sends: their connection is not in the
// configuration any more.
func (d *Daemon) warnOfStranded(ctx context.Context, e *engine) {
	waiting, err := d.ledger.Waiting(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Error("the outbox could not be looked at", zap.Error(err))
	}
	for dest, n := range waiting {
		if e.conns.sinks[dest] == nil {
			d.log.Warn("events wait for a connection that is not in the configuration any more: name it again, with a hec, to have them sent",
				zap.String("connection", dest), zap.Int("events", n))
		}
	}
}

// attend waits for ctx to end, reloading meanwhile.
func (d *Daemon) attend(ctx context.Context, reload <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			d.reload(ctx)
		}
	}
}

// feed tells the service manager's watchdog that the daemon is alive, which
// means that its ledger answers.
func (d *Daemon) feed(ctx context.Context) {
	every := d.notify.Watchdog()
	if every <= 0 {
		return
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if _, err := d.ledger.OpenRuns(ctx); err == nil {
				d.tell(d.notify.Alive())
			}
		}
	}
}

func (d *Daemon) reload(ctx context.Context) {
	d.tell(d.notify.Reloading())
	if err := d.replace(ctx, d.engine.Load()); err != nil {
		d.log.Error("the new configuration is refused; the old one stays", zap.Error(err))
	} else {
		d.log.Info("reloaded", zap.Int("hunts", len(d.engine.Load().names)))
	}
	d.tell(d.notify.Ready(d.summary()))
}

// replace puts an engine made of the files as they are now in the place of the
// old one. If anything is wrong with them, the old one goes on as if nothing
// had been.
func (d *Daemon) replace(ctx context.Context, old *engine) error {
	s, err := Load(old.setup.Path)
	if err != nil {
		return err
	}
	if s.State != old.setup.State {
		return fmt.Errorf("%s: state: names another state now, which takes a restart", s.Path)
	}
	e, err := d.newEngine(s)
	if err != nil {
		return err
	}
	if s.Workers != old.setup.Workers || s.Log != old.setup.Log {
		d.log.Warn("workers and log have changed, which takes a restart; all else is loaded anew")
	}
	old.halt()
	d.engine.Store(e)
	d.begin(ctx, e)
	return d.ledger.Serve(e.lines())
}

func (d *Daemon) summary() string { return fmt.Sprintf("%d hunts", len(d.engine.Load().names)) }

func (d *Daemon) tell(err error) {
	if err != nil {
		d.log.Warn("the service manager was not told", zap.Error(err))
	}
}

func (d *Daemon) confirmed(it outbox.Item) {
	d.log.Info("events delivered", zap.String("connection", it.Dest), zap.String("run", it.Run), zap.Int("events", it.Events))
	if d.hooks.Confirmed != nil {
		d.hooks.Confirmed(it)
	}
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
