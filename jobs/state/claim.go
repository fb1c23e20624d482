package state

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/huntd/huntd/jobs"
)

// errNoSlot says that as many runs search a Splunk as may.
var errNoSlot = errors.New("no search slot is free")

// errPaused says that the run's hunt, or its connection, is to begin no window now.
var errPaused = errors.New("the hunt or its connection is paused")

// longestRetry is longer than any run waits for its next try: one that is to
// wait longer was put off before the clock was set back.
const longestRetry = 2 * time.Hour

// Claim takes over a manual run that was inserted without a ticket, until the
// lease ends. It returns [jobs.ErrSuperseded] if somebody else has it.
func (l *Ledger) Claim(ctx context.Context, run string, lease time.Duration, now time.Time) (jobs.Run, error) {
	return l.claim(ctx, run, 0, nil, lease, now)
}

// claim takes over the run that a ticket is for. The run's fence grows, which
// shuts out whoever had it before.
func (l *Ledger) claim(ctx context.Context, run string, ticket int64, slots func(string) int, lease time.Duration, now time.Time) (r jobs.Run, err error) {
	err = l.write(ctx, func(tx *tx) error {
		present, err := l.mayBegin(ctx, tx, run, ticket, now)
		if err != nil {
			return err
		}
		end := present.Add(lease).UnixMilli()
		r, err = scanRun(tx.one(ctx, `UPDATE run SET state='running', owner=?, lease_until=?, fence=fence+1, attempts=attempts+1,
				started_at=coalesce(started_at,?), retry_at=NULL, error=''
			WHERE run_id=? AND coalesce(ticket,0)=? AND state IN('queued','retry')
			RETURNING `+runColumns, l.owner, end, now.UnixMilli(), run, ticket))
		if missing(err) {
			return jobs.ErrSuperseded
		}
		if err != nil || slots == nil || slots(r.Connection) == 0 {
			return err
		}
		ahead, err := goFirst(ctx, tx, r, now)
		if err != nil {
			return err
		}
		return takeSlot(ctx, tx, r, slots(r.Connection), ahead, end, present.UnixMilli())
	})
	l.passed("claimed", err)
	return r, err
}

// patience is for how long the slots of a Splunk are kept for a run of a lane that
// goes first: nobody may be there who could do it.
const patience = 10 * time.Minute

// goFirst counts the runs that wait for the same Splunk on lanes that go before
// the run's: which of them asks first when a slot becomes free is chance.
func goFirst(ctx context.Context, tx *tx, r jobs.Run, now time.Time) (n int, err error) {
	lanes := []any{jobs.Live, jobs.Manual, jobs.Late}[:orderOf(r, time.Time{}).priority()-1]
	if len(lanes) == 0 {
		return 0, nil
	}
	args := append([]any{jobs.Manual, now.Add(-patience).UnixMilli(), now.UnixMilli(), r.Connection}, lanes...)
	return n, tx.one(ctx, `SELECT count(*) FROM run w LEFT JOIN hunt h ON h.hunt_id=w.hunt_id AND w.lane<>? AND h.paused_at IS NOT NULL
		WHERE w.state IN('queued','retry') AND w.ticketed_at>? AND coalesce(w.retry_at,0)<=? AND w.connection=? AND h.hunt_id IS NULL
		AND w.lane IN(`+marks(len(lanes))+`)`, args...).Scan(&n)
}

// takeSlot takes one of the search slots that all daemons share for a Splunk, and
// leaves one to each run that goes first.
func takeSlot(ctx context.Context, tx *tx, r jobs.Run, of, ahead int, end, present int64) error {
	if _, err := tx.exec(ctx, `DELETE FROM splunk_slot WHERE connection=? AND (lease_until<? OR n>=? OR run_id=?)`,
		r.Connection, present, of, r.ID); err != nil {
		return err
	}
	taken := map[int]bool{}
	if err := tx.each(ctx, func(r row) error {
		var n int
		err := r.Scan(&n)
		taken[n] = true
		return err
	}, `SELECT n FROM splunk_slot WHERE connection=?`, r.Connection); err != nil {
		return err
	}
	if of-len(taken) <= ahead {
		return errNoSlot
	}
	for n := range of {
		if taken[n] {
			continue
		}
		got, err := tx.exec(ctx, `INSERT INTO splunk_slot(connection, n, run_id, lease_until) VALUES(?,?,?,?) ON CONFLICT DO NOTHING`,
			r.Connection, n, r.ID, end)
		if err != nil || got == 1 {
			return err
		}
	}
	return errNoSlot
}

// jitter is a time around d, so that those who wait do not come together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// Rescue queues again what nobody works on any more: runs whose lease has run
// out, or ends later than any that was taken by the clock as it is now, and runs
// whose ticket is lost. It returns how many. Any daemon may call it at any time.
// It leaves out what another transaction has locked: its process is at work on
// it, or stands still and loses the lock a little later.
func (l *Ledger) Rescue(ctx context.Context, now time.Time) (n int, err error) {
	err = l.write(ctx, func(tx *tx) error {
		present, err := l.db.present(ctx, tx, now)
		if err != nil {
			return err
		}
		lapsed, err := runIDs(ctx, tx, `SELECT run_id FROM run WHERE state='running' AND (lease_until<? OR lease_until>?)`+tx.skip,
			present.UnixMilli(), present.Add(2*l.lease).UnixMilli())
		if err != nil {
			return err
		}
		lost, err := l.lostTickets(ctx, tx, now)
		if err != nil {
			return err
		}
		n = len(lapsed) + len(lost)
		return l.requeue(ctx, tx, append(lapsed, lost...), now)
	})
	return n, err
}

func runIDs(ctx context.Context, tx *tx, query string, args ...any) (ids []string, err error) {
	err = tx.each(ctx, func(r row) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	return ids, err
}

// lostTickets finds runs that wait for a ticket which the queue does not have
// any more, has handed to a worker that died before it could claim the run, or
// does not hand out for long because the clock was set back.
func (l *Ledger) lostTickets(ctx context.Context, tx *tx, now time.Time) (lost []string, err error) {
	tickets := map[string]int64{}
	if err := tx.each(ctx, func(r row) error {
		var id string
		var ticket *int64
		err := r.Scan(&id, &ticket)
		tickets[id] = 0
		if ticket != nil {
			tickets[id] = *ticket
		}
		return err
	}, `SELECT run_id, ticket FROM run WHERE state IN('queued','retry') AND coalesce(ticketed_at,created_at)<?
		AND coalesce(retry_at,0)<?`+tx.skip, now.Add(-2*l.lease).UnixMilli(), now.Add(-l.lease).UnixMilli()); err != nil {
		return nil, err
	}
	// The queue hands nothing out before the time for which it was put there, by
	// a clock that was set back since.
	lost, err = runIDs(ctx, tx, `SELECT run_id FROM run WHERE state='retry' AND retry_at>? OR state='queued' AND ticketed_at>?`+tx.skip,
		now.Add(longestRetry).UnixMilli(), now.Add(2*l.lease).UnixMilli())
	if err != nil {
		return nil, err
	}
	for id, ticket := range tickets {
		waits := false
		if ticket != 0 {
			if waits, err = l.queue.waits(ctx, tx, ticket); err != nil {
				return nil, err
			}
		}
		if !waits {
			lost = append(lost, id)
		}
	}
	return lost, nil
}

// requeue takes runs from whoever may have them and gives them new tickets.
func (l *Ledger) requeue(ctx context.Context, tx *tx, ids []string, now time.Time) error {
	var orders []order
	for _, id := range ids {
		var ticket, retryAt *int64
		var r jobs.Run
		err := tx.one(ctx, `UPDATE run SET state=CASE WHEN state='retry' AND retry_at<=? THEN 'retry' ELSE 'queued' END,
				retry_at=CASE WHEN state='retry' AND retry_at<=? THEN retry_at END, fence=fence+1, owner=NULL, lease_until=NULL
			WHERE run_id=? AND state IN('queued','running','retry') RETURNING run_id, hunt_id, lane, connection, state, ticket, retry_at`,
			now.Add(longestRetry).UnixMilli(), now.Add(longestRetry).UnixMilli(), id).
			Scan(&r.ID, &r.Hunt, &r.Lane, &r.Connection, &r.State, &ticket, &retryAt)
		if missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if ticket != nil {
			if err := l.queue.cancel(ctx, tx, *ticket); err != nil {
				return err
			}
		}
		if err := letGo(ctx, tx, id); err != nil {
			return err
		}
		var at time.Time
		if r.State == jobs.Retry && retryAt != nil && *retryAt > 0 {
			at = fromMilli(*retryAt)
		}
		orders = append(orders, orderOf(r, at))
	}
	return l.hand(ctx, tx, orders, now)
}

// letGo drops what a run that ended holds: staged bodies and its search slot.
func letGo(ctx context.Context, tx *tx, run string) error {
	if _, err := tx.exec(ctx, `DELETE FROM outbox WHERE run_id=? AND ready=0`, run); err != nil {
		return err
	}
	return freeSlot(ctx, tx, run)
}

func freeSlot(ctx context.Context, tx *tx, run string) error {
	_, err := tx.exec(ctx, `DELETE FROM splunk_slot WHERE run_id=?`, run)
	return err
}

// Resume lets the live runs of hunts begin at once that wait for another try, or
// that failed for good at the watermark in the newest slot: what stopped them
// may have been mended. It is for when a person has started or reloaded the
// daemon; without it, the next slot begins anew.
func (l *Ledger) Resume(ctx context.Context, hunts []string, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		for _, h := range hunts {
			waiting, err := runIDs(ctx, tx, `UPDATE run SET retry_at=0 WHERE hunt_id=? AND lane=? AND state='retry' RETURNING run_id`, h, jobs.Live)
			if err != nil {
				return err
			}
			failed, err := runIDs(ctx, tx, `UPDATE run SET state='queued', attempts=0, finished_at=NULL
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

// openRuns are the runs that have not ended, the oldest first.
func openRuns(ctx context.Context, tx *tx) ([]string, error) {
	return runIDs(ctx, tx, `SELECT run_id FROM run WHERE state IN('queued','running','retry') ORDER BY created_at, run_id`)
}

// recover queues all open runs anew. The lock on the state proves that whoever
// had one is dead, and with it the workers of all tickets and all daemons.
func (l *Ledger) recover(ctx context.Context, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		open, err := openRuns(ctx, tx)
		if err != nil {
			return err
		}
		if err := l.requeue(ctx, tx, open, now); err != nil {
			return err
		}
		for _, stmt := range []string{
			`DELETE FROM outbox WHERE ready=0`, `DELETE FROM splunk_slot`, `DELETE FROM daemon`,
			`UPDATE outbox SET lease_owner=NULL, lease_until=NULL WHERE lease_owner IS NOT NULL`,
		} {
			if _, err := tx.exec(ctx, stmt); err != nil {
				return err
			}
		}
		return nil
	})
}
