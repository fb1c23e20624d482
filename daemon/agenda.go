package daemon

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

// An agenda is the set of hunts that the planner is to look at. Who puts a hunt
// there never waits, and a hunt that is there already is looked at once: a
// ledger that hangs makes nothing pile up.
type agenda struct {
	ring chan struct{} // of one: there is something in the set

	mu    sync.Mutex
	hunts map[string]struct{}
}

func newAgenda() *agenda {
	return &agenda{ring: make(chan struct{}, 1), hunts: map[string]struct{}{}}
}

func (a *agenda) add(hunts ...string) {
	a.mu.Lock()
	for _, h := range hunts {
		a.hunts[h] = struct{}{}
	}
	a.mu.Unlock()
	select {
	case a.ring <- struct{}{}:
	default:
	}
}

// take returns the hunts and empties the agenda.
func (a *agenda) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	names := slices.Sorted(maps.Keys(a.hunts))
	clear(a.hunts)
	return names
}

// planBatch is how many hunts are planned in one transaction.
const planBatch = 500

// plan is the planner: it looks at the hunts on the agenda until ctx ends.
func (d *Daemon) plan(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.agenda.ring:
		}
		for names := range slices.Chunk(d.agenda.take(), planBatch) {
			d.planHunts(ctx, names)
		}
		if !d.backfills.Swap(false) {
			continue
		}
		if err := jobs.PlanBackfills(ctx, d.ledger, d.engine.Load().hunts, time.Now()); err != nil && ctx.Err() == nil {
			d.log.Error("not all backfills could be planned; the next look tries again", zap.Error(err))
		}
	}
}

func (d *Daemon) planHunts(ctx context.Context, names []string) {
	e := d.engine.Load()
	var hunts []*jobs.Hunt
	for _, name := range names {
		if h, ok := e.hunts[name]; ok { // if not, a reload took it away
			hunts = append(hunts, h)
		}
	}
	if len(hunts) == 0 || ctx.Err() != nil {
		return
	}
	if _, err := jobs.Plan(ctx, d.ledger, hunts, time.Now()); err != nil && ctx.Err() == nil {
		d.log.Error("not all hunts could be planned; the next look tries again", zap.Error(err))
	}
	if err := jobs.PlanLate(ctx, d.ledger, hunts, time.Now()); err != nil && ctx.Err() == nil {
		d.log.Error("late events could not be looked for; the next look tries again", zap.Error(err))
	}
}
