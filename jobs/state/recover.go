package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// Resume lets the live runs of hunts begin at once that wait for another try, or
// that failed for good at the watermark in the newest slot: what stopped them
// may have been mended. It is for when a person has started or reloaded the
// daemon; without it, the next slot begins anew.
func (l *Ledger) Resume(ctx context.Context, hunts []string, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		for _, h := range hunts {
			waiting, err := stringsOf(ctx, tx, `UPDATE run SET due_at=0 WHERE hunt_id=? AND lane=? AND state='retry' RETURNING run_id`, h, jobs.Live)
			if err != nil {
				return err
			}
			failed, err := stringsOf(ctx, tx, `UPDATE run SET state='queued', attempts=0, started_at=NULL, finished_at=NULL, due_at=0
				WHERE hunt_id=? AND lane=? AND state='failed'
				AND slot_at=(SELECT last_slot FROM hunt h WHERE h.hunt_id=run.hunt_id)
				AND win_from=(SELECT watermark FROM checkpoint c WHERE c.hunt_id=run.hunt_id AND c.lane=run.lane)
				AND NOT EXISTS(SELECT 1 FROM run o WHERE o.hunt_id=run.hunt_id AND o.lane=run.lane
					AND o.state IN('queued','running','retry')) RETURNING run_id`, h, jobs.Live)
			if err != nil {
				return err
			}
			if err := l.requeue(ctx, tx, append(waiting, failed...), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// recover queues all open runs again, without offers. The lock on the state
// proves that all workers and daemons that had it are dead.
func (l *Ledger) recover(ctx context.Context, now time.Time) error {
	if err := l.queue.Clear(ctx); err != nil {
		return err
	}
	return l.write(ctx, func(tx *tx) error {
		if err := requeueAll(ctx, tx, now); err != nil {
			return err
		}
		for _, stmt := range []string{
			`DELETE FROM outbox WHERE ready=0`, `DELETE FROM daemon`,
			`UPDATE outbox SET lease_owner=NULL, lease_until=NULL WHERE lease_owner IS NOT NULL`,
		} {
			if _, err := tx.exec(ctx, stmt); err != nil {
				return err
			}
		}
		return nil
	})
}

// requeueAll takes every open run from whoever had it.
func requeueAll(ctx context.Context, tx *tx, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE run SET state=CASE state WHEN 'running' THEN 'queued' ELSE state END,
		due_at=CASE WHEN state='running' OR due_at>? THEN ? ELSE due_at END, fence=fence+1, offered_at=NULL, lease_until=NULL
		WHERE state IN('queued','running','retry')`, now.Add(longestRetry).UnixMilli(), now.UnixMilli())
	return err
}
