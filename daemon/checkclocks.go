package daemon

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
)

// askTimeout bounds a question for a Splunk's clock.
const askTimeout = 10 * time.Second

// checkClocks compares the host's clock with the database's and with those of all
// Splunks. Idle ones are asked, all at the same time.
func (d *Daemon) checkClocks(ctx context.Context, e *engine) {
	d.clocks.keep(e.conns.addresses())
	limit := e.setup.Limits.ClockSkew
	// An error shows the ledger to be away, which the heartbeat logs.
	if offset, bound, err := d.ledger.ClockOffset(ctx); err == nil {
		d.clocks.compare(database, offset, bound, limit, time.Now())
	}
	var asking sync.WaitGroup
	for name, searcher := range e.conns.searchers {
		if server, ok := searcher.(clocked); ok {
			asking.Go(func() { d.checkClock(ctx, name, server, limit) })
		}
	}
	asking.Wait()
}

func (d *Daemon) checkClock(ctx context.Context, name string, server clocked, limit time.Duration) {
	now := time.Now()
	d.clocks.noteRefused(name, server.Refused())
	r, known := server.Clock(now)
	if (!known || now.Sub(r.At) >= d.clocks.every) && d.clocks.mayAsk(name, now) {
		ask, cancel := context.WithTimeout(ctx, askTimeout)
		if err := server.AskClock(ask); err != nil {
			d.log.Debug("clock query failed", zap.String("connection", name), zap.Error(err))
		}
		cancel()
		now = time.Now()
		if r, known = server.Clock(now); !known {
			d.clocks.noteTried(name)
		}
	}
	if known {
		d.clocks.compare(name, r.Offset, r.Bound, limit, now)
	}
}

// checkEnded returns a [jobs.FutureError] if the window of a run had not ended by
// Splunk's clock when it was searched. A manual run may search what is still to
// come by both clocks, and what is within limits.clock_skew.
func (d *Daemon) checkEnded(e *engine, h *hunt.Hunt, run jobs.Run, searched time.Time) error {
	server, ok := e.conns.searchers[h.Source.Connection].(clocked)
	if !ok {
		return nil
	}
	now, limit := time.Now(), e.setup.Limits.ClockSkew
	r, known := server.Clock(now)
	if !known {
		return nil
	}
	d.clocks.compare(h.Source.Connection, r.Offset, r.Bound, limit, now)
	most := r.Offset + r.Bound
	end := time.Unix(run.Window.To, 0)
	after := end.Sub(searched.Add(most))
	if after <= 0 || run.Lane.Kind().ByHand && (most >= -limit || end.After(searched)) {
		return nil
	}
	return &jobs.FutureError{Window: run.Window, Connection: h.Source.Connection, Behind: -r.Offset, After: after}
}
