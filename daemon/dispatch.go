package daemon

import (
	"context"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

// strangerPause is how long a run of a hunt that this daemon does not have is
// left to the others, and to the next reload.
const strangerPause = 15 * time.Second

// crew says how the ledger is to have runs done. They end with work.
func (d *Daemon) crew(work context.Context) state.Work {
	e := d.engine.Load()
	return state.Work{
		AtOnce: e.lines(), Workers: e.setup.Workers, Log: d.log,
		Slots: func(connection string) int { return d.engine.Load().setup.Connections[connection].MaxSearches },
		Admit: d.admit,
		Do:    func(ctx context.Context, run jobs.Run) { d.examine(ctx, work, run) },
	}
}

// admit says how long a run must wait before it may begin.
func (d *Daemon) admit(ctx context.Context, hunt, _ string) time.Duration {
	if d.engine.Load().hunts[hunt] == nil {
		return strangerPause
	}
	if !d.hasRoom(ctx) {
		return spoolPause + rand.N(spoolPause/2)
	}
	return 0
}

// examine does a run. Its context ends when the run is cancelled, or with work.
func (d *Daemon) examine(ctx, work context.Context, run jobs.Run) {
	e := d.engine.Load()
	h := e.hunts[run.Hunt]
	if h == nil {
		d.giveBack(ctx, run) // a reload has just taken it away
		return
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(work, func() { stop(context.Cause(work)) })()
	res, err := d.runner(e).Do(ctx, h, run)
	if d.hooks.Ended != nil {
		d.hooks.Ended(run, res, err)
	}
	d.engine.Load().wakeOutbox(h.Deliver.Connection)
	if err == nil {
		if _, ok := jobs.BackfillOf(run.Lane); ok {
			d.backfills.Store(true)
		}
		d.agenda.add(run.Hunt) // the next piece may be due
	}
}

func (d *Daemon) giveBack(ctx context.Context, run jobs.Run) {
	if err := d.ledger.GiveBack(ctx, run, time.Now()); err != nil {
		d.log.Warn("a run was not given back; it is taken over when its lease has run out", zap.String("run", run.ID), zap.Error(err))
	}
}

// beat is done at every heartbeat: the daemon shows that it is there, and runs
// that nobody works on any more are queued again.
func (d *Daemon) beat(ctx context.Context) {
	e, now := d.engine.Load(), time.Now()
	beat, cancel := context.WithTimeout(ctx, d.heartbeat()) // a ledger that hangs makes nothing pile up
	defer cancel()
	me := state.Daemon{Version: Version(), ConfigHash: e.setup.hash(), Hunts: len(e.names)}
	if err := d.ledger.Report(beat, me, now); err != nil && ctx.Err() == nil {
		d.log.Error("the ledger does not know that this daemon is there", zap.Error(err))
	}
	d.reroute(beat, e)
	n, err := d.ledger.Rescue(beat, now)
	switch {
	case err != nil && ctx.Err() == nil:
		d.log.Error("runs that lost their worker could not be looked for", zap.Error(err))
	case n > 0:
		d.log.Warn("runs were taken from workers that are gone", zap.Int("runs", n))
	}
	d.clean(ctx, now)
	d.backfills.Store(true)
}

// reroute has runs that wait served where their hunts search by now.
func (d *Daemon) reroute(ctx context.Context, e *engine) {
	connections := map[string]string{}
	for name, h := range e.hunts {
		connections[name] = h.Source.Connection
	}
	n, err := d.ledger.Reroute(ctx, connections, time.Now())
	switch {
	case err != nil && ctx.Err() == nil:
		d.log.Error("runs of hunts that search another connection now wait in the old one's line", zap.Error(err))
	case n > 0:
		d.log.Info("runs wait for the connection that their hunts search now", zap.Int("runs", n))
	}
}

func (d *Daemon) runner(e *engine) *jobs.Runner {
	r := &jobs.Runner{Ledger: d.ledger, Source: e.conns.source, Count: e.conns.count, Cancel: e.conns.cancel, Lease: d.lease, Log: d.log}
	if d.hooks.Runner != nil {
		d.hooks.Runner(r)
	}
	return r
}
