package state

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/dispatch"
)

const (
	// foreignDelay is how long a run waits for a daemon that has its hunt before
	// it is offered to all again.
	foreignDelay = 15 * time.Second
	// watchInterval is how often the runs that are under way are compared with
	// the ledger, to end those that were cancelled or taken over.
	watchInterval = time.Second
	// claimDelay is how long a worker rests after a claim that failed.
	claimDelay = time.Second
)

// Why a run that was offered did not begin.
var (
	errHeld    = errors.New("the hunt, its backfill or its connection is held back")
	errForeign = errors.New("this process does not have the hunt, or does not know the lane")
	errStopped = errors.New("no run begins any more")
)

// Work says how runs are worked on.
type Work struct {
	Workers int // how many runs this process works on at a time
	// Stopping reports whether runs are left to others from now on.
	Stopping func() bool
	// Has reports whether this process has a hunt.
	Has func(hunt string) bool
	// Do examines a run that was claimed and stores how it ended.
	Do  func(ctx context.Context, r jobs.Run)
	Log *zap.Logger
}

// Start works on runs that were offered, until stop is called. After that no
// run begins; stop waits for those under way, until its context ends.
func (l *Ledger) Start(ctx context.Context, w Work) (stop func(context.Context) error, err error) {
	ctx, end := context.WithCancel(ctx)
	u := &underWay{runs: map[string]workedRun{}, foreign: map[string]bool{}}
	stopQueue, err := l.queue.Start(ctx, w.Workers, func(ctx context.Context, j dispatch.Job) bool { return l.workOn(ctx, w, u, j) })
	if err != nil {
		end()
		return nil, unreachable(err)
	}
	go u.watch(ctx, l)
	return func(stopping context.Context) error {
		defer end()
		return stopQueue(stopping)
	}, nil
}

// workOn works on the run of a job. It returns false to leave the job to
// another worker. A panic costs the run its lease, and no other run anything.
func (l *Ledger) workOn(ctx context.Context, w Work, u *underWay, j dispatch.Job) (done bool) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("worker panicked", zap.String("run", j.Run), zap.Any("panic", p), zap.Stack("stack"))
			done = true
		}
	}()
	run, err := l.claim(ctx, j, w, time.Now())
	switch {
	case err == nil:
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		u.add(run, cancel)
		defer u.remove(run)
		w.Do(ctx, run)
		return true
	case errors.Is(err, errStopped):
		return false
	case errors.Is(err, errForeign):
		if u.firstForeign(j.Run) { // it comes back every few seconds
			w.Log.Warn("run put off", zap.String("run", j.Run), zap.Duration("offered_again_each", foreignDelay),
				zap.String("hint", "its hunt is not in this daemon's configuration, or its lane is a newer huntd's: another daemon may have it, or cancel the run"))
		}
		return true
	case errors.Is(err, jobs.ErrSuperseded), errors.Is(err, errHeld):
		return true
	case !errors.Is(err, ErrUnreachable) && u.firstFailure():
		w.Log.Error("run claim failed", zap.String("run", j.Run), zap.Error(err), zap.String("hint", "it is repeated, and logged again when one has succeeded"))
	}
	select {
	case <-ctx.Done():
	case <-time.After(claimDelay):
	}
	return false
}

// claim begins the run that a job offers. The run's fence grows, which shuts out
// whoever had it before. It returns [jobs.ErrSuperseded] if the run is not
// offered by this job any more.
func (l *Ledger) claim(ctx context.Context, j dispatch.Job, w Work, now time.Time) (r jobs.Run, err error) {
	var refused error
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		if refused = nil; w.Stopping != nil && w.Stopping() {
			return errStopped
		}
		var hunt, connection string
		var lane jobs.Lane
		var paused bool
		var present *int64
		err := tx.one(ctx, `SELECT r.hunt_id, r.connection, r.lane, `+isHeld+`, `+tx.clock+`
			FROM run r WHERE r.run_id=? AND r.fence=? AND r.offered_at IS NOT NULL`, now.UnixMilli(), now.UnixMilli(), j.Run, j.Fence).
			Scan(&hunt, &connection, &lane, &paused, &present)
		if missing(err) {
			return jobs.ErrSuperseded
		}
		if err != nil {
			return err
		}
		dueAt := int64(0)
		switch {
		case w.Has != nil && !w.Has(hunt), !lane.Known():
			refused, dueAt = errForeign, now.Add(foreignDelay).UnixMilli()
		case paused || !l.mayBegin(connection):
			refused = errHeld
		default:
			at := timeOf(present)
			if present == nil {
				if at, err = l.db.present(ctx, tx, now); err != nil {
					return err
				}
			}
			r, err = begin(ctx, tx, `run_id=? AND fence=? AND offered_at IS NOT NULL`, at.Add(l.lease), now, j.Run, j.Fence)
			return err
		}
		if _, err := tx.exec(ctx, `UPDATE run SET offered_at=NULL, fence=fence+1, due_at=CASE WHEN due_at<? THEN ? ELSE due_at END
			WHERE run_id=? AND fence=? AND offered_at IS NOT NULL`, dueAt, dueAt, j.Run, j.Fence); err != nil {
			return err
		}
		return l.offer(ctx, tx, now, connection) // the search is free again
	})
	if err == nil {
		err = refused
	}
	l.claimed(r, err)
	return r, err
}

// searchIsFree reports whether one more run of a connection may search. Runs that
// are offered count as searching if there is a daemon to begin them.
func (l *Ledger) searchIsFree(ctx context.Context, tx *tx, connection, run string, now time.Time) (free bool, err error) {
	if err := lockSearches(ctx, tx, connection); err != nil {
		return false, err
	}
	present, err := l.db.present(ctx, tx, now)
	if err != nil {
		return false, err
	}
	return free, tx.one(ctx, `SELECT NOT EXISTS(SELECT 1 FROM connection c WHERE c.connection=? AND c.max_searches<=`+runningSearches+`+
		(SELECT count(*) FROM run o WHERE o.connection=c.connection AND o.offered_at IS NOT NULL AND o.run_id<>?
			AND EXISTS(SELECT 1 FROM daemon d WHERE d.seen_at>=?)))`,
		connection, run, present.Add(-gone).UnixMilli()).Scan(&free)
}

// begin makes the waiting run that matches a condition a running one.
func begin(ctx context.Context, tx *tx, where string, lease, now time.Time, args ...any) (jobs.Run, error) {
	r, err := scanRun(tx.one(ctx, `UPDATE run SET state='running', lease_until=?, fence=fence+1, attempts=attempts+1,
			started_at=coalesce(started_at,?), offered_at=NULL, error=''
		WHERE state`+isWaiting+` AND `+where+` RETURNING `+runColumns, append([]any{lease.UnixMilli(), now.UnixMilli()}, args...)...))
	if missing(err) {
		err = jobs.ErrSuperseded
	}
	return r, err
}

// Begin stores a manual run as running, for the caller to examine. If the caller
// dies, the run is offered to the daemons when its lease has run out.
func (l *Ledger) Begin(ctx context.Context, r jobs.Run, now time.Time) (jobs.Run, error) {
	err := l.write(ctx, func(ctx context.Context, tx *tx) error {
		if _, err := insertRun(ctx, tx, r, now); err != nil {
			return err
		}
		end, err := l.leaseEnd(ctx, tx, l.lease, now)
		if err != nil {
			return err
		}
		r, err = begin(ctx, tx, `run_id=?`, fromMilli(end), now, r.ID)
		return err
	})
	l.claimed(r, err)
	return r, err
}

// ClaimLane begins the open run of a lane, offered or not, for a process that
// works on the lane by itself. It returns [jobs.ErrSuperseded] while somebody
// else has the run, it is not due, its hunt or connection is paused, or no search
// is free, and [ErrNothing] if no run is open.
func (l *Ledger) ClaimLane(ctx context.Context, hunt string, lane jobs.Lane, now time.Time) (r jobs.Run, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		var id, connection string
		var due int64
		var paused bool
		err := tx.one(ctx, `SELECT run_id, connection, due_at, `+isHeld+`
			FROM run r WHERE hunt_id=? AND lane=? AND state`+isOpen, now.UnixMilli(), now.UnixMilli(), hunt, lane).Scan(&id, &connection, &due, &paused)
		switch {
		case missing(err):
			return nothing("no run of %s is open", lane)
		case err != nil:
			return err
		case paused || due > now.UnixMilli() || !l.mayBegin(connection):
			return jobs.ErrSuperseded
		}
		if free, err := l.searchIsFree(ctx, tx, connection, id, now); err != nil || !free {
			return cmp.Or(err, jobs.ErrSuperseded)
		}
		end, err := l.leaseEnd(ctx, tx, l.lease, now)
		if err != nil {
			return err
		}
		r, err = begin(ctx, tx, `run_id=?`, fromMilli(end), now, id)
		return err
	})
	l.claimed(r, err)
	return r, err
}
