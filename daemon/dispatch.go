package daemon

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

// ledgerTrouble is the pause when the ledger does not answer.
const ledgerTrouble = time.Second

// dispatch claims runs and examines them, as many at a time as there are
// workers, until ctx ends. The runs themselves end with work.
func (d *Daemon) dispatch(ctx, work context.Context) {
	var running atomic.Int64
	for ctx.Err() == nil {
		e := d.engine.Load()
		if running.Load() >= int64(e.setup.Workers) {
			select { // the end of a run wakes
			case <-ctx.Done():
			case <-d.wake:
			}
			continue
		}
		now := time.Now()
		run, ok, err := d.ledger.Claim(ctx, e.names, owner(), now.Add(jobs.Lease), now)
		if err != nil && ctx.Err() == nil {
			d.log.Error("no run could be claimed", zap.Error(err))
		}
		if !ok {
			d.rest(ctx, e, err)
			continue
		}
		running.Add(1)
		d.runs.Go(func() {
			d.examine(work, e, run)
			running.Add(-1)
			d.wakeDispatch()
		})
	}
}

// rest waits until a run may be due.
func (d *Daemon) rest(ctx context.Context, e *engine, trouble error) {
	pause := heartbeat
	if at, ok, err := d.ledger.NextDue(ctx, e.names); trouble != nil || err != nil {
		pause = ledgerTrouble
	} else if ok {
		pause = min(max(time.Until(at), time.Millisecond), pause)
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-t.C:
	}
}

func (d *Daemon) wakeDispatch() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *Daemon) examine(ctx context.Context, e *engine, run jobs.Run) {
	h := e.hunts[run.Hunt]
	res, err := d.runner(e).Do(ctx, h, run)
	if d.hooks.Ended != nil {
		d.hooks.Ended(run, res, err)
	}
	d.engine.Load().wakeOutbox(h.Deliver.Connection)
	if err == nil {
		d.agenda.add(run.Hunt) // the next piece may be due
	}
}

func (d *Daemon) runner(e *engine) *jobs.Runner {
	return &jobs.Runner{Ledger: d.ledger, Source: e.conns.source, Cancel: e.conns.cancel, Log: d.log}
}

// owner names this process in the ledger.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}
