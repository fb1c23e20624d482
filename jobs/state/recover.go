package state

import (
	"context"
	"time"
)

// recover queues all open runs again, without offers. The lock on the state
// proves that all workers and daemons that had it are dead.
func (l *Ledger) recover(ctx context.Context, now time.Time) error {
	if err := l.queue.Clear(ctx); err != nil {
		return err
	}
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
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
		WHERE state`+isOpen, now.Add(longestRetry).UnixMilli(), now.UnixMilli())
	return err
}
