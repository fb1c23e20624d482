package state

import (
	"context"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs"
)

// PauseBackfill stops a backfill after the window that is under way.
func (l *Ledger) PauseBackfill(ctx context.Context, id, reason string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		hunt, err := setBackfill(ctx, tx, id, "state='paused', reason=?", []any{reason}, jobs.BackfillActive)
		if err != nil {
			return err
		}
		return l.cancelLane(ctx, tx, hunt, jobs.BackfillLane(id), isWaiting, reason, now)
	})
}

// ResumeBackfill lets a backfill go on that was paused or has failed.
func (l *Ledger) ResumeBackfill(ctx context.Context, id string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		hunt, err := setBackfill(ctx, tx, id, "state='active', reason=''", nil, jobs.BackfillPaused, jobs.BackfillFailed)
		if err != nil {
			return err
		}
		stopped, err := stringsOf(ctx, tx, queueAnew+`hunt_id=? AND lane=? AND lane`+isIndexed+` AND state`+isRevivable+`
			AND `+atWatermark+` AND `+laneIsFree+` RETURNING run_id`, hunt, jobs.BackfillLane(id))
		if err != nil {
			return err
		}
		if err := l.requeue(ctx, tx, stopped, now); err != nil {
			return err
		}
		waits, err := stringsOf(ctx, tx, `SELECT connection FROM run WHERE hunt_id=? AND lane=? AND lane`+isIndexed+` AND `+isUnoffered, hunt, jobs.BackfillLane(id))
		if err != nil {
			return err
		}
		return l.offer(ctx, tx, now, waits...)
	})
}

// CancelBackfill ends a backfill; what it has covered stays covered.
func (l *Ledger) CancelBackfill(ctx context.Context, id, reason string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		hunt, err := setBackfill(ctx, tx, id, "state='cancelled', reason=?, ended_at=?", []any{reason, now.UnixMilli()},
			jobs.BackfillActive, jobs.BackfillPaused, jobs.BackfillFailed)
		if err != nil {
			return err
		}
		return l.cancelLane(ctx, tx, hunt, jobs.BackfillLane(id), isOpen, reason, now)
	})
}

// setBackfill changes a backfill that is in one of some states, and returns its
// hunt.
func setBackfill(ctx context.Context, tx *tx, id, set string, args []any, from ...string) (hunt string, err error) {
	hunt, state, err := lockBackfill(ctx, tx, id)
	if err == nil && !slices.Contains(from, state) {
		err = nothing("backfill:%s is %s", id, state)
	}
	if err == nil {
		_, err = tx.exec(ctx, `UPDATE backfill SET `+set+` WHERE backfill_id=?`, append(args, id)...)
	}
	return hunt, err
}

// cancelLane cancels the runs of a lane that tiles time whose state is one of some.
func (l *Ledger) cancelLane(ctx context.Context, tx *tx, hunt string, lane jobs.Lane, states, reason string, now time.Time) error {
	open, err := stringsOf(ctx, tx, `SELECT run_id FROM run WHERE hunt_id=? AND lane=? AND lane`+isIndexed+` AND state`+states, hunt, lane)
	if err != nil {
		return err
	}
	for _, run := range open {
		if _, err := l.cancelRun(ctx, tx, run, reason, now); err != nil {
			return err
		}
	}
	return nil
}
