package daemon

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// An engine is what a reload replaces: the schedules of one set of hunts and the
// outbox workers of one set of connections.
type engine struct {
	setup  *Setup
	conns  *connections
	hunts  map[string]*hunt.Hunt
	names  []string
	cron   *cron.Cron               // nil before start
	wake   map[string]chan struct{} // an outbox worker's, by connection
	cancel context.CancelFunc       // ends the schedules and the outbox workers
	ctx    context.Context
	done   chan struct{} // closed when the outbox workers have ended
}

// newEngine connects a setup; nothing runs yet.
func (d *Daemon) newEngine(s *Setup) (*engine, error) {
	conns, err := connect(s, d.log)
	if err != nil {
		return nil, err
	}
	e := &engine{setup: s, conns: conns, hunts: map[string]*hunt.Hunt{}, wake: map[string]chan struct{}{}, done: make(chan struct{})}
	for _, h := range s.Hunts {
		e.hunts[h.Name] = h
		e.names = append(e.names, h.Name)
	}
	for name := range conns.sinks {
		e.wake[name] = make(chan struct{}, 1)
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e, nil
}

func (e *engine) started() bool { return e.cron != nil }

// start starts the schedules and the outbox workers. Those of the engine before
// must have ended until a body is sent: two workers must not send the same one.
func (e *engine) start(d *Daemon, before <-chan struct{}) {
	var workers sync.WaitGroup
	for name, sink := range e.conns.sinks {
		w := d.worker(e, name, sink)
		workers.Go(func() {
			if before == nil || waitFor(e.ctx, before) == nil {
				w.Run(e.ctx)
			}
		})
	}
	// Without a location of its own every schedule keeps its hunt's zone.
	e.cron = cron.New(cron.WithLogger(cron.DiscardLogger), cron.WithLocation(time.UTC))
	for _, h := range e.setup.Hunts {
		e.cron.Schedule(trigger{h}, cron.FuncJob(func() { d.agenda.add(h.Name) }))
	}
	e.cron.Start()
	context.AfterFunc(e.ctx, func() { e.cron.Stop() })
	go func() {
		workers.Wait()
		if before != nil {
			<-before
		}
		<-e.ctx.Done()
		e.conns.close()
		close(e.done)
	}()
}

func (d *Daemon) worker(e *engine, name string, sink pipeline.Sink) *outbox.Worker {
	return &outbox.Worker{Dest: name, Queue: d.ledger, Sink: sink, Format: e.setup.siem(name), Log: d.log, Wake: e.wake[name], Hold: d.lease, Observer: d.observer}
}

// A trigger fires when a hunt starts: at the slots of its schedule, later by its
// jitter.
type trigger struct{ hunt *hunt.Hunt }

// Next implements [cron.Schedule].
func (b trigger) Next(t time.Time) time.Time {
	slot := b.hunt.Schedule.NextSlot(t.Add(-b.hunt.Jitter()))
	if slot.IsZero() {
		return slot
	}
	return slot.Add(b.hunt.Jitter())
}

// maxSearches is how many runs of each connection may search at a time in all
// daemons, 0 for no limit.
func (e *engine) maxSearches() map[string]int {
	most := map[string]int{}
	for name := range e.conns.searchers {
		most[name] = e.setup.Connections[name].SearchLimit()
	}
	return most
}

// specs are the versions of the hunts' files.
func (e *engine) specs() map[string]string {
	specs := map[string]string{}
	for name, h := range e.hunts {
		specs[name] = h.SpecHash
	}
	return specs
}

// mended are the hunts whose connection has other settings than in an engine of
// before, none if that is nil.
func (e *engine) mended(old *engine) map[string]bool {
	mended := map[string]bool{}
	if old == nil {
		return mended
	}
	for name, h := range e.hunts {
		now, before := e.setup.Connections[h.Source.Connection], old.setup.Connections[h.Source.Connection]
		mended[name] = !reflect.DeepEqual(now, before)
	}
	return mended
}

// wakeOutbox makes a connection's worker look for something to send.
func (e *engine) wakeOutbox(connection string) {
	if wake := e.wake[connection]; wake != nil { // else the connection is gone
		notify(wake)
	}
}
