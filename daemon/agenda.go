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

// plan is the planner: it looks at the hunts on the agenda until ctx ends.
func (d *Daemon) plan(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.agenda.ring:
		}
		for _, name := range d.agenda.take() {
			d.planHunt(ctx, name)
		}
	}
}

func (d *Daemon) planHunt(ctx context.Context, name string) {
	h, ok := d.engine.Load().hunts[name]
	if !ok || ctx.Err() != nil {
		return // a reload took it away
	}
	queued, err := jobs.Plan(ctx, d.ledger, h, time.Now())
	if err != nil && ctx.Err() == nil {
		d.log.Error("a hunt could not be planned; the next look tries again", zap.String("hunt", name), zap.Error(err))
	}
	if queued {
		d.wakeDispatch()
	}
}
