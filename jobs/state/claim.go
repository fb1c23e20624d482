package state

import (
	"context"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs"
)

// longestRetry is longer than any run waits for its next try: one that is to
// wait longer was put off before the clock was set back.
const longestRetry = 2 * time.Hour

// Claim takes over the next run of one of the hunts that is due, for owner,
// until the lease ends, and returns false if there is none. Of several it is a
// manual one first, then the oldest. A run whose lease has run out is due too:
// its owner hangs, or could not write down that it has ended. The run's fence
// grows, which shuts out whoever had it before.
func (l *Ledger) Claim(ctx context.Context, hunts []string, owner string, lease, now time.Time) (r jobs.Run, ok bool, err error) {
	which, args := ofHunts(hunts)
	ms := now.UnixMilli()
	return l.claim(ctx, which+` AND CASE state WHEN 'running' THEN lease_until<? WHEN 'retry' THEN retry_at<=? OR retry_at>? ELSE true END`,
		owner, lease, now, append(args, ms, ms, now.Add(longestRetry).UnixMilli()))
}

// ClaimRun is Claim for one certain run that is queued or waits to be retried.
func (l *Ledger) ClaimRun(ctx context.Context, id, owner string, lease, now time.Time) (r jobs.Run, ok bool, err error) {
	return l.claim(ctx, `state IN('queued','retry') AND run_id=?`, owner, lease, now, []any{id})
}

// ofHunts is the condition for open runs of certain hunts.
func ofHunts(hunts []string) (which string, args []any) {
	for _, h := range hunts {
		args = append(args, h)
	}
	marks := strings.TrimPrefix(strings.Repeat(",?", len(hunts)), ",")
	return `state IN('queued','running','retry') AND hunt_id IN(` + marks + `)`, args
}

func (l *Ledger) claim(ctx context.Context, which, owner string, lease, now time.Time, args []any) (r jobs.Run, ok bool, err error) {
	err = l.write(ctx, func(tx *tx) error {
		r, err = scanRun(tx.one(ctx, `UPDATE run SET state='running', owner=?, lease_until=?, fence=fence+1, attempts=attempts+1,
				started_at=coalesce(started_at,?), retry_at=NULL, error=''
			WHERE run_id=(SELECT run_id FROM run WHERE `+which+` ORDER BY lane='manual' DESC, created_at, run_id LIMIT 1)
			RETURNING `+runColumns, append([]any{owner, lease.UnixMilli(), now.UnixMilli()}, args...)...))
		if missing(err) {
			return nil
		}
		ok = err == nil
		return err
	})
	return r, ok, err
}

// NextDue returns when the next run of the hunts is due, false if none is open.
// A run that is being examined counts with the end of its lease.
func (l *Ledger) NextDue(ctx context.Context, hunts []string) (at time.Time, ok bool, err error) {
	which, args := ofHunts(hunts)
	err = l.read(ctx, func(tx *tx) error {
		var ms *int64
		err := tx.one(ctx, `SELECT min(CASE state WHEN 'running' THEN lease_until WHEN 'retry' THEN retry_at ELSE 0 END)
			FROM run WHERE `+which, args...).Scan(&ms)
		if err == nil && ms != nil {
			at, ok = fromMilli(*ms), true
		}
		return err
	})
	return at, ok, err
}

// Resume lets the live runs of hunts begin at once that wait for another try, or
// that failed for good at the watermark in the newest slot: what stopped them
// may have been mended. It is for when a person has started or reloaded the
// daemon; without it, the next slot begins anew.
func (l *Ledger) Resume(ctx context.Context, hunts []string) error {
	return l.write(ctx, func(tx *tx) error {
		for _, h := range hunts {
			if _, err := tx.exec(ctx, `UPDATE run SET retry_at=0 WHERE hunt_id=? AND lane=? AND state='retry'`, h, jobs.Live); err != nil {
				return err
			}
			if _, err := tx.exec(ctx, `UPDATE run SET state='queued', fence=fence+1, attempts=0, finished_at=NULL
				WHERE hunt_id=? AND lane=? AND state='failed'
				AND slot_at=(SELECT last_slot FROM hunt h WHERE h.hunt_id=run.hunt_id)
				AND win_from=(SELECT watermark FROM checkpoint c WHERE c.hunt_id=run.hunt_id AND c.lane=run.lane)
				AND NOT EXISTS(SELECT 1 FROM run o WHERE o.hunt_id=run.hunt_id AND o.lane=run.lane
					AND o.state IN('queued','running','retry'))`, h, jobs.Live); err != nil {
				return err
			}
		}
		return nil
	})
}

// recover queues the runs again that a dead process left running. The lock on
// the state proves that it is dead.
func (l *Ledger) recover(ctx context.Context) error {
	return l.write(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, `UPDATE run SET state='queued', fence=fence+1, owner=NULL, lease_until=NULL
			WHERE state='running'`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM outbox WHERE ready=0`)
		return err
	})
}
