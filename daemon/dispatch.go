package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

// callTimeout bounds what a loop waits for in one go.
const callTimeout = 30 * time.Second

// mayBegin reports whether this daemon lets runs of a connection begin: the
// outbox has room, and the clocks agree.
func (d *Daemon) mayBegin(connection string) bool {
	return !d.spool.full.Load() && d.clocks.mayBegin(connection)
}

func (d *Daemon) wakeOffers() { notify(d.offers) }

// offer offers runs when they become due, until ctx ends.
func (d *Daemon) offer(ctx context.Context, t *turn) {
	for {
		t.mark()
		now := time.Now()
		next, err := d.ledger.Offer(ctx, now)
		d.logFailure(ctx, "run offering failed", err)
		wait := d.heartbeat()
		switch {
		case err != nil:
			wait = min(wait, offerRetry)
		case !next.IsZero():
			wait = min(wait, max(next.Sub(now), time.Millisecond))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-d.offers:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// offerRetry is how long the offers rest after a failure.
const offerRetry = 2 * time.Second

// heartbeat is how often a daemon shows that it is there and looks at every
// hunt: every half minute.
func (d *Daemon) heartbeat() time.Duration { return d.lease / 2 }

// keepHouse sends heartbeats until ctx ends.
func (d *Daemon) keepHouse(ctx context.Context, t *turn) {
	beat := time.NewTicker(d.heartbeat())
	defer beat.Stop()
	var known *engine
	for {
		t.mark()
		if e := d.engine.Load(); e != known && d.introduce(ctx, e, known) {
			known = e
		}
		t.mark()
		d.beat(ctx)
		for waiting := true; waiting; {
			t.mark()
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				waiting = false
			case <-d.beats:
				waiting = false
			case <-d.spool.look():
				d.measureSpool(ctx)
			}
		}
	}
}

// introduce makes what an engine says known to the ledger, and lets runs begin
// that had failed; before is the engine before it, if there was one. It returns
// false to be called again.
func (d *Daemon) introduce(ctx context.Context, e, before *engine) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	now := time.Now()
	if err := d.ledger.SetMaxSearches(ctx, e.maxSearches(), now); err != nil {
		d.logFailure(ctx, "connection limits update failed", err)
		return false
	}
	if err := d.ledger.Resume(ctx, e.specs(), e.mended(before), now); err != nil {
		d.logFailure(ctx, "run resume failed", err)
		return false
	}
	waiting, err := d.ledger.Waiting(ctx)
	if err != nil {
		d.logFailure(ctx, "outbox check failed", err)
		return false
	}
	for dest, n := range waiting {
		if e.conns.sinks[dest] == nil {
			d.log.Warn("events stranded", zap.String("connection", dest), zap.Int("events", n),
				zap.String("hint", "the connection is not in the configuration any more: name it again, with a hec, to have them sent"))
		}
	}
	return true
}

// beat shows that the daemon is there, queues runs again that nobody works on
// any more, and has every hunt looked at.
func (d *Daemon) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, min(callTimeout, d.heartbeat()))
	defer cancel()
	e, now := d.engine.Load(), time.Now()
	d.checkClocks(ctx, e)
	me := state.Daemon{Version: Version(), ConfigHash: e.setup.hash(), Hunts: len(e.names), Skews: d.clocks.skews()}
	d.logFailure(ctx, "heartbeat failed", d.ledger.Report(ctx, me, now))
	d.comparePeers(ctx, e, me.ConfigHash, now)
	d.readPauses(ctx, now)
	d.showStatus()
	d.reassign(ctx, e)
	rescued, err := d.ledger.Rescue(ctx, now)
	d.logFailure(ctx, "abandoned run check failed", err)
	if len(rescued) > 0 {
		d.log.Warn("abandoned runs queued again", zap.Int("count", len(rescued)), someOf("runs", rescued))
	}
	d.measureSpool(ctx)
	d.clean(ctx, now)
	d.backfills.Store(true)
	d.agenda.sweep(e.names)
	d.wakeOffers()
}

// reassign lets runs that wait search what their hunts name now.
func (d *Daemon) reassign(ctx context.Context, e *engine) {
	connections := map[string]string{}
	for name, h := range e.hunts {
		connections[name] = h.Source.Connection
	}
	n, err := d.ledger.Reassign(ctx, connections, time.Now())
	d.logFailure(ctx, "run reassignment failed", err)
	if n > 0 {
		d.log.Info("runs reassigned", zap.Int("count", n))
	}
}

// examine does a run. Its context ends when the run is cancelled, or with work.
func (d *Daemon) examine(ctx, work context.Context, run jobs.Run) {
	d.working.Add(1)
	defer d.working.Add(-1)
	e := d.engine.Load()
	h := e.hunts[run.Hunt]
	if h == nil || d.stopping.Load() { // a reload has just taken it away, or it was claimed too late
		d.giveBack(ctx, run)
		return
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(work, func() { stop(context.Cause(work)) })()
	_, err := d.runner(e).Do(ctx, h, run)
	d.engine.Load().wakeOutbox(h.Deliver.Connection)
	d.measureSpool(work)
	if err != nil {
		d.wakeOffers() // a retry sets a time to look again
	}
	if err == nil {
		if _, ok := jobs.BackfillOf(run.Lane); ok {
			d.backfills.Store(true)
		}
		d.agenda.add(run.Hunt) // the next piece may be due
	}
}

func (d *Daemon) giveBack(ctx context.Context, run jobs.Run) {
	if err := d.ledger.GiveBack(ctx, run, time.Now()); err != nil {
		d.log.Warn("run release failed", zap.String("run", run.ID), zap.Duration("taken_over_within", d.lease), zap.Error(err))
	}
}

func (d *Daemon) runner(e *engine) *jobs.Runner {
	return &jobs.Runner{
		Ledger: d.ledger, Source: e.conns.source, Count: e.conns.count, Cancel: e.conns.cancel,
		Ended: func(h *hunt.Hunt, run jobs.Run, searched time.Time) error { return d.checkEnded(e, h, run, searched) },
		Lease: d.lease, Observer: d.observer, Log: d.log,
	}
}
