package state

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/huntd/huntd/jobs"
)

// underWay are the runs that this process works on.
type underWay struct {
	mu      sync.Mutex
	runs    map[string]workedRun // by id
	foreign map[string]bool      // runs that were put off because their hunt is not here
	failing bool                 // the last claim failed, which was logged
}

// maxForeign is how many runs that were put off are known at a time.
const maxForeign = 10_000

type workedRun struct {
	fence  int64
	cancel context.CancelCauseFunc
}

func (u *underWay) add(r jobs.Run, cancel context.CancelCauseFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.runs[r.ID] = workedRun{r.Fence, cancel}
	delete(u.foreign, r.ID)
	u.failing = false
}

// firstForeign reports whether a run is put off for the first time.
func (u *underWay) firstForeign(run string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	first := !u.foreign[run]
	if len(u.foreign) >= maxForeign {
		clear(u.foreign)
	}
	u.foreign[run] = true
	return first
}

// firstFailure reports whether a claim has failed for the first time since one
// succeeded.
func (u *underWay) firstFailure() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	first := !u.failing
	u.failing = true
	return first
}

func (u *underWay) remove(r jobs.Run) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.runs[r.ID].fence == r.Fence {
		delete(u.runs, r.ID)
	}
}

func (u *underWay) all() map[string]workedRun {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.runs)
}

// watch ends the runs that the ledger gives to nobody or to somebody else. If
// the ledger does not answer, the runs' heartbeats decide.
func (u *underWay) watch(ctx context.Context, l *Ledger) {
	t := time.NewTicker(watchInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		mine := u.all() // before the query: a run that is claimed meanwhile is not in it
		if len(mine) == 0 {
			continue
		}
		held, err := l.runningFences(ctx)
		if err != nil {
			continue
		}
		for id, run := range mine {
			if held[id] != run.fence {
				run.cancel(jobs.ErrSuperseded)
			}
		}
	}
}

func (l *Ledger) runningFences(ctx context.Context) (fences map[string]int64, err error) {
	fences = map[string]int64{}
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var id string
			var fence int64
			err := r.Scan(&id, &fence)
			fences[id] = fence
			return err
		}, `SELECT run_id, fence FROM run WHERE state='running'`)
	})
	return fences, err
}
