package daemon

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
)

// An agenda is the set of hunts that the planner is to look at. Who puts a hunt
// there never waits, and a hunt that is there already is looked at once: a
// ledger that hangs makes nothing pile up.
type agenda struct {
	wake chan struct{} // of one: there is something in the set

	mu    sync.Mutex
	hunts map[string]struct{}
	swept []string // that a sweep is yet to look at
}

func newAgenda() *agenda {
	return &agenda{wake: make(chan struct{}, 1), hunts: map[string]struct{}{}}
}

// sweep has all hunts looked at, each after those that were added meanwhile.
func (a *agenda) sweep(hunts []string) {
	a.mu.Lock()
	if len(a.swept) == 0 { // else the end of a slow sweep would never be reached
		a.swept = hunts
	}
	a.mu.Unlock()
	notify(a.wake)
}

func (a *agenda) add(hunts ...string) {
	a.mu.Lock()
	for _, h := range hunts {
		a.hunts[h] = struct{}{}
	}
	a.mu.Unlock()
	notify(a.wake)
}

// take returns the hunts that were added, else some of a sweep's, none if the agenda
// is empty.
func (a *agenda) take() (names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.hunts) > 0 {
		names = slices.Sorted(maps.Keys(a.hunts))
		clear(a.hunts)
		return names
	}
	n := min(len(a.swept), planBatch)
	names, a.swept = a.swept[:n], a.swept[n:]
	return names
}

// rest wakes the planner again if a sweep has not ended.
func (a *agenda) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.swept) > 0 {
		notify(a.wake)
	}
}

// planTimeout bounds one step of the planner. It is longer than a call of the
// ledger, so that one that hangs shows as that.
const planTimeout = callTimeout + callTimeout/2

func (d *Daemon) planBackfills(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	return jobs.PlanBackfills(ctx, d.ledger, d.plannable(), time.Now())
}

// planBatch is how many hunts are planned in one transaction.
const planBatch = 500

// plan is the planner: it looks at the hunts on the agenda until ctx ends.
func (d *Daemon) plan(ctx context.Context, t *turn) {
	for {
		t.mark()
		select {
		case <-ctx.Done():
			return
		case <-d.agenda.wake:
		}
		for names := range slices.Chunk(d.agenda.take(), planBatch) {
			t.mark()
			d.planHunts(ctx, names)
		}
		d.agenda.rest()
		if !d.backfills.Swap(false) {
			continue
		}
		t.mark()
		d.logFailure(ctx, "backfill planning failed", d.planBackfills(ctx))
	}
}

// plannable are the hunts of which windows may be planned.
func (d *Daemon) plannable() map[string]*hunt.Hunt {
	hunts := maps.Clone(d.engine.Load().hunts)
	maps.DeleteFunc(hunts, func(_ string, h *hunt.Hunt) bool { return !d.clocks.mayPlan(h.Source.Connection) })
	return hunts
}

func (d *Daemon) planHunts(ctx context.Context, names []string) {
	e := d.engine.Load()
	var hunts []*hunt.Hunt
	for _, name := range names {
		if h, ok := e.hunts[name]; ok && d.clocks.mayPlan(h.Source.Connection) { // not ok: a reload took it away
			hunts = append(hunts, h)
		}
	}
	if len(hunts) == 0 || ctx.Err() != nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	_, err := jobs.Plan(bounded, d.ledger, hunts, time.Now())
	d.logFailure(ctx, "hunt planning failed", err)
	d.logFailure(ctx, "late event planning failed", jobs.PlanLate(bounded, d.ledger, hunts, time.Now()))
}
