package state

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs/outbox"
)

// longestDefer is longer than any body is kept back: one that is to wait longer
// was deferred before the clock was set back.
const longestDefer = time.Hour

// Due takes out the bodies for a destination that may be sent at now, the one
// that has been due for longest first. Other processes leave them alone for
// twice the lease, two minutes.
func (l *Ledger) Due(ctx context.Context, dest string, now time.Time, limit int) (items []outbox.Item, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		items = nil
		end, err := l.leaseEnd(ctx, tx, l.sending(), now)
		if err != nil {
			return err
		}
		lapsed, ahead := end-l.sending().Milliseconds(), end+l.sending().Milliseconds()
		free := func(bound int64) []any { return []any{dest, bound, l.owner, lapsed, ahead, limit} }
		since := map[int64]int64{}
		err = tx.each(ctx, func(r row) error {
			it := outbox.Item{Dest: dest}
			var notBefore, created int64
			err := r.Scan(&it.ID, &it.Run, &it.Body, &it.Events, &it.Attempts, &notBefore, &created)
			since[it.ID] = max(notBefore, created)
			items = append(items, it)
			return err
		}, `UPDATE outbox SET lease_owner=?, lease_until=? WHERE id IN(SELECT id FROM (`+oldestDue(tx)+`) due ORDER BY since, id LIMIT ?)
			RETURNING id, run_id, body, nevents, attempts, not_before, created_at`,
			slices.Concat([]any{l.owner, end}, free(0), free(now.UnixMilli()), free(now.Add(longestDefer).UnixMilli()), []any{limit})...)
		slices.SortFunc(items, func(a, b outbox.Item) int {
			return cmp.Or(cmp.Compare(since[a.ID], since[b.ID]), cmp.Compare(a.ID, b.ID))
		})
		return err
	})
	return items, err
}

// sending is how long a body is left to the process that took it out to be sent.
func (l *Ledger) sending() time.Duration { return 2 * l.lease }

// oldestDue is a query for the first bodies of three kinds, in the order of the
// index each, so that it costs no more where many wait: those that were never
// kept back, those that were until now, and those from before the clock was set
// back. Each kind wants six arguments: the destination, a time that bounds
// not_before, who asks, up to when leases of others have lapsed, from when on they
// were taken by a clock that ran ahead, and how many.
func oldestDue(tx *tx) string {
	var kinds []string
	for i, kind := range []struct{ which, since string }{
		{"not_before=?", "created_at"}, {"not_before>0 AND not_before<=?", "not_before"}, {"not_before>?", "not_before"},
	} {
		kinds = append(kinds, fmt.Sprintf(`SELECT id, since FROM (SELECT id, %[2]s AS since FROM outbox WHERE ready=1 AND dest=? AND %[1]s
			AND (lease_owner IS NULL OR lease_owner=? OR lease_until<? OR lease_until>?) ORDER BY %[2]s, id LIMIT ?%[3]s) kind%[4]d`,
			kind.which, kind.since, tx.skip, i))
	}
	return strings.Join(kinds, " UNION ALL ")
}

// Release lets other processes send what this one took out for a destination.
func (l *Ledger) Release(ctx context.Context, dest string) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET lease_owner=NULL, lease_until=NULL WHERE lease_owner=? AND dest=?`, l.owner, dest)
		return err
	})
}

// NextSend returns when the next body for a destination may be sent by this
// process, false if none waits.
func (l *Ledger) NextSend(ctx context.Context, dest string) (at time.Time, ok bool, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		var ms *int64
		err := tx.one(ctx, `SELECT min(CASE WHEN lease_owner<>? AND lease_until>not_before THEN lease_until ELSE not_before END)
			FROM outbox WHERE ready=1 AND dest=?`, l.owner, dest).Scan(&ms)
		if err == nil && ms != nil {
			at, ok = fromMilli(*ms), true
		}
		return err
	})
	return at, ok, err
}

// Done removes a body that was confirmed.
func (l *Ledger) Done(ctx context.Context, it outbox.Item) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		if n, err := tx.exec(ctx, `DELETE FROM outbox WHERE id=?`, it.ID); err != nil || n == 0 {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE run SET delivered=delivered+? WHERE run_id=?`, it.Events, it.Run)
		return err
	})
}

// Defer keeps a body back until a time; the reason is shown.
func (l *Ledger) Defer(ctx context.Context, it outbox.Item, until time.Time, reason string) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET attempts=attempts+1, not_before=?, reason=?, lease_owner=NULL, lease_until=NULL WHERE id=?`,
			until.UnixMilli(), reason, it.ID)
		return err
	})
}

// Split puts the dead events of a body aside and its rest, in parts, in its
// place.
func (l *Ledger) Split(ctx context.Context, it outbox.Item, dead []outbox.Dead, parts []outbox.Part, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		var hunt string
		var fence int64
		err := tx.one(ctx, `DELETE FROM outbox WHERE id=? RETURNING hunt_id, fence`, it.ID).Scan(&hunt, &fence)
		if missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, p := range parts {
			if _, err := tx.exec(ctx, `INSERT INTO outbox(run_id, hunt_id, fence, seq, dest, body, nbytes, nevents, ready, created_at)
				SELECT ?,?,?,coalesce(max(seq),0)+1,?,?,?,?,1,? FROM outbox WHERE run_id=? AND fence=?`,
				it.Run, hunt, fence, it.Dest, p.Body, len(p.Body), p.Events, now.UnixMilli(), it.Run, fence); err != nil {
				return err
			}
		}
		for _, d := range dead {
			if _, err := tx.exec(ctx, `INSERT INTO dead_letter(run_id, dest, event, status, reason, at) VALUES(?,?,?,?,?,?)`,
				it.Run, it.Dest, d.Event, d.Status, d.Reason, now.UnixMilli()); err != nil {
				return err
			}
		}
		_, err = tx.exec(ctx, `UPDATE run SET dead=dead+? WHERE run_id=?`, len(dead), it.Run)
		return err
	})
}

// Pending returns how many events wait in the outbox: of one run, or of all if
// run is "".
func (l *Ledger) Pending(ctx context.Context, run string) (events int, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(ctx, `SELECT CAST(coalesce(sum(nevents),0) AS BIGINT) FROM outbox WHERE ready=1 AND (?='' OR run_id=?)`, run, run).Scan(&events)
	})
	return events, err
}

// Waiting returns how many events wait in the outbox for each destination.
func (l *Ledger) Waiting(ctx context.Context) (events map[string]int, err error) {
	events = map[string]int{}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var dest string
			var n int
			err := r.Scan(&dest, &n)
			events[dest] = n
			return err
		}, `SELECT dest, CAST(sum(nevents) AS BIGINT) FROM outbox WHERE ready=1 GROUP BY dest`)
	})
	return events, err
}

// Reason returns why the oldest waiting body of a run has not left, "" if it
// has not been tried.
func (l *Ledger) Reason(ctx context.Context, run string) (reason string, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		err := tx.one(ctx, `SELECT reason FROM outbox WHERE ready=1 AND run_id=? ORDER BY id LIMIT 1`, run).Scan(&reason)
		if missing(err) {
			return nil
		}
		return err
	})
	return reason, err
}
