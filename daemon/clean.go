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
		if ctx.Err() == nil {
			d.log.Warn("marking the hunts as seen failed; nothing was pruned", zap.Error(err))
		}
		return
	}
	limits := e.setup.Limits
	keep := state.Retention{Runs: limits.History, DeadLetters: limits.DeadLetters}
	forgotten := 0
	for range pruneBatches {
		n, err := d.ledger.Prune(ctx, keep, now, pruneBatch)
		if err != nil {
			if ctx.Err() == nil {
				d.log.Warn("history pruning failed", zap.Error(err))
			}
			return
		}
		if forgotten += n; n == 0 {
			break
		}
	}
	if forgotten > 0 {
		d.log.Debug("history pruned", zap.Int("rows", forgotten))
	}
	if err := d.ledger.Tidy(ctx); err != nil && ctx.Err() == nil {
		d.log.Warn("state compaction failed", zap.Error(err))
	}
}
