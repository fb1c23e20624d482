package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state"
)

const (
	// pruneBatch is how many rows are forgotten in one transaction, and
	// pruneBatches how many of those a heartbeat has.
	pruneBatch   = 500
	pruneBatches = 10
)

// clean forgets what has been kept for long enough, a little at each heartbeat,
// and lets the state give back the space.
func (d *Daemon) clean(ctx context.Context, now time.Time) {
	e := d.engine.Load()
	if err := d.ledger.MarkSeen(ctx, e.names, now); err != nil {
		d.logFailure(ctx, "marking of hunts as seen failed", err)
		return
	}
	if err := d.ledger.PruneQueue(ctx, now); err != nil {
		d.logFailure(ctx, "queue pruning failed", err)
		return
	}
	limits := e.setup.Limits
	keep := state.Retention{Runs: limits.History, DeadLetters: limits.DeadLetters}
	forgotten := 0
	for range pruneBatches {
		n, err := d.ledger.Prune(ctx, keep, now, pruneBatch)
		if err != nil {
			d.logFailure(ctx, "history pruning failed", err)
			return
		}
		if forgotten += n; n == 0 {
			break
		}
	}
	if forgotten > 0 {
		d.log.Debug("history pruned", zap.Int("rows", forgotten))
	}
	d.logFailure(ctx, "state compaction failed", d.ledger.Tidy(ctx))
}
