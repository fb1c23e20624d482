package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs/outbox"
)

// longestDefer is longer than any body is kept back: one that is to wait longer
// was deferred before the clock was set back.
const longestDefer = time.Hour

// Due returns the bodies for a destination that may be sent at now, the one that
// has been due for longest first.
func (l *Ledger) Due(ctx context.Context, dest string, now time.Time, limit int) (items []outbox.Item, err error) {
	err = l.read(ctx, func(tx *tx) error {
		return tx.each(ctx, func(r row) error {
			it := outbox.Item{Dest: dest}
			err := r.Scan(&it.ID, &it.Run, &it.Body, &it.Events, &it.Attempts)
			items = append(items, it)
			return err
		}, `SELECT o.id, o.run_id, o.body, o.nevents, o.attempts FROM outbox o JOIN (
				SELECT id, max(not_before, created_at) AS since FROM outbox
				WHERE ready=1 AND dest=? AND (not_before<=? OR not_before>?) ORDER BY since, id LIMIT ?) due ON due.id=o.id
			ORDER BY due.since, o.id`, dest, now.UnixMilli(), now.Add(longestDefer).UnixMilli(), limit)
	})
	return items, err
}

// NextSend returns when the next body for a destination may be sent, false if
// none waits.
func (l *Ledger) NextSend(ctx context.Context, dest string) (at time.Time, ok bool, err error) {
	err = l.read(ctx, func(tx *tx) error {
		var ms *int64
		err := tx.one(ctx, `SELECT min(not_before) FROM outbox WHERE ready=1 AND dest=?`, dest).Scan(&ms)
		if err == nil && ms != nil {
			at, ok = fromMilli(*ms), true
		}
		return err
	})
	return at, ok, err
}

// Done removes a body that was confirmed.
func (l *Ledger) Done(ctx context.Context, it outbox.Item) error {
	return l.write(ctx, func(tx *tx) error {
		if n, err := tx.exec(ctx, `DELETE FROM outbox WHERE id=?`, it.ID); err != nil || n == 0 {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE run SET delivered=delivered+? WHERE run_id=?`, it.Events, it.Run)
		return err
	})
}

// Defer keeps a body back until a time; the reason is shown.
func (l *Ledger) Defer(ctx context.Context, it outbox.Item, until time.Time, reason string) error {
	return l.write(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET attempts=attempts+1, not_before=?, reason=? WHERE id=?`,
			until.UnixMilli(), reason, it.ID)
		return err
	})
}

// Split puts the dead events of a body aside and its rest, in parts, in its
// place.
func (l *Ledger) Split(ctx context.Context, it outbox.Item, dead []outbox.Dead, parts []outbox.Part, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		var fence int64
		err := tx.one(ctx, `DELETE FROM outbox WHERE id=? RETURNING fence`, it.ID).Scan(&fence)
		if missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, p := range parts {
			if _, err := tx.exec(ctx, `INSERT INTO outbox(run_id, fence, seq, dest, body, nbytes, nevents, ready, created_at)
				SELECT ?,?,coalesce(max(seq),0)+1,?,?,?,?,1,? FROM outbox WHERE run_id=? AND fence=?`,
				it.Run, fence, it.Dest, p.Body, len(p.Body), p.Events, now.UnixMilli(), it.Run, fence); err != nil {
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
	err = l.read(ctx, func(tx *tx) error {
		return tx.one(ctx, `SELECT coalesce(sum(nevents),0) FROM outbox WHERE ready=1 AND (?='' OR run_id=?)`, run, run).Scan(&events)
	})
	return events, err
}

// Reason returns why the oldest waiting body of a run has not left, "" if it
// has not been tried.
func (l *Ledger) Reason(ctx context.Context, run string) (reason string, err error) {
	err = l.read(ctx, func(tx *tx) error {
		err := tx.one(ctx, `SELECT reason FROM outbox WHERE ready=1 AND run_id=? ORDER BY id LIMIT 1`, run).Scan(&reason)
		if missing(err) {
			return nil
		}
		return err
	})
	return reason, err
}
