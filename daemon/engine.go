package daemon

import (
	"context"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// An engine is what a reload replaces: the bells of one set of hunts and the
// outbox workers of one set of connections.
type engine struct {
	setup *Setup
	conns *connections
	hunts map[string]*jobs.Hunt
	names []string
	cron  *cron.Cron
	wake  map[string]chan struct{} // an outbox worker's, by connection
	stop  context.CancelFunc
	tasks sync.WaitGroup
}

// newEngine connects a setup; nothing runs yet.
func (d *Daemon) newEngine(s *Setup) (*engine, error) {
	conns, err := connect(s, d.log)
	if err != nil {
		return nil, err
	}
	e := &engine{setup: s, conns: conns, hunts: map[string]*jobs.Hunt{}, wake: map[string]chan struct{}{}}
	for _, h := range s.Hunts {
		e.hunts[h.Name] = h
		e.names = append(e.names, h.Name)
	}
	for name := range conns.sinks {
		e.wake[name] = make(chan struct{}, 1)
	}
	return e, nil
}

// start sets the bells and the outbox workers going.
func (e *engine) start(d *Daemon) {
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	for name, sink := range e.conns.sinks {
		w := d.worker(e, name, sink)
		e.tasks.Go(func() { w.Run(ctx) })
	}
	// Without a location of its own every schedule keeps its hunt's zone.
	e.cron = cron.New(cron.WithLogger(cron.DiscardLogger), cron.WithLocation(time.UTC))
	for _, h := range e.setup.Hunts {
		e.cron.Schedule(bell{h}, cron.FuncJob(func() { d.agenda.add(h.Name) }))
	}
	e.cron.Schedule(cron.Every(d.heartbeat()), cron.FuncJob(func() {
		d.beat(ctx)
		d.agenda.add(e.names...)
	}))
	e.cron.Start()
}

// heartbeat is how often every hunt is looked at, whether its bell rang or not:
// every half minute.
func (d *Daemon) heartbeat() time.Duration { return d.lease / 2 }

func (d *Daemon) worker(e *engine, name string, sink pipeline.Sink) *outbox.Worker {
	if d.hooks.Sink != nil {
		sink = d.hooks.Sink(name, sink)
	}
	return &outbox.Worker{Dest: name, Queue: d.ledger, Sink: sink, Log: d.log, Wake: e.wake[name], Hold: d.lease, Confirmed: d.confirmed}
}

// A bell rings when a hunt starts: at the slots of its schedule, later by its
// jitter.
type bell struct{ hunt *jobs.Hunt }

// Next is cron's question when to ring again.
func (b bell) Next(t time.Time) time.Time {
	slot := b.hunt.Schedule.NextSlot(t.Add(-b.hunt.Jitter()))
	if slot.IsZero() {
		return slot
	}
	return slot.Add(b.hunt.Jitter())
}

// lines are the connections that the hunts search, each with how many runs of it
// this process may do at a time.
func (e *engine) lines() map[string]int {
	lines := map[string]int{}
	for name := range e.conns.clients {
		lines[name] = e.setup.Workers
	}
	return lines
}

// halt stops the bells and the outbox workers, once each has finished the body
// that it is sending. Two workers must not send the same body.
func (e *engine) halt() {
	<-e.cron.Stop().Done()
	e.stop()
	e.tasks.Wait()
	e.conns.close()
}

// wakeOutbox tells a connection's worker that there is something to send.
func (e *engine) wakeOutbox(connection string) {
	select {
	case e.wake[connection] <- struct{}{}:
	default: // it will look anyway, or the connection is gone
	}
}
