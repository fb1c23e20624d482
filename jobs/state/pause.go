package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// A Pause says that nothing is to begin for a while.
type Pause struct {
	Since  time.Time
	Until  time.Time // zero for until it is resumed
	Reason string
}

// PauseConnection stops all daemons from beginning runs that search a Splunk, on
// all lanes, until it is resumed or, if until is not zero, until then. Windows
// that are under way end.
func (l *Ledger) PauseConnection(ctx context.Context, connection, reason string, until, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO connection_pause(connection, paused_at, pause_until, reason) VALUES(?,?,?,?)
			ON CONFLICT(connection) DO UPDATE SET paused_at=excluded.paused_at, pause_until=excluded.pause_until, reason=excluded.reason`,
			connection, now.UnixMilli(), asMilli(until), reason)
		return err
	})
}

// ResumeConnection undoes [Ledger.PauseConnection].
func (l *Ledger) ResumeConnection(ctx context.Context, connection string) error {
	return l.write(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, `DELETE FROM connection_pause WHERE connection=?`, connection)
		if err == nil && n == 0 {
			err = nothing("connection %s is not paused", connection)
		}
		return err
	})
}

// PausedConnections returns the connections that are paused at now.
func (l *Ledger) PausedConnections(ctx context.Context, now time.Time) (paused map[string]Pause, err error) {
	paused = map[string]Pause{}
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return paused, err
	}
	err = l.read(ctx, func(tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var name string
			var p Pause
			var since int64
			var until *int64
			err := r.Scan(&name, &since, &until, &p.Reason)
			p.Since, p.Until = fromMilli(since), timeOf(until)
			paused[name] = p
			return err
		}, `SELECT connection, paused_at, pause_until, reason FROM connection_pause WHERE pause_until IS NULL OR pause_until>?`, now.UnixMilli())
	})
	return paused, err
}

// mayBegin returns [errPaused] if a run is not to begin now, because its hunt is
// paused or its connection, and else the time by which leases are judged. Runs by
// hand are held back by neither, unless they were left to a daemon, which heeds
// the connection's.
func (l *Ledger) mayBegin(ctx context.Context, tx *tx, run string, ticket int64, now time.Time) (time.Time, error) {
	var paused bool
	var present *int64
	err := tx.one(ctx, `SELECT EXISTS(SELECT 1 FROM run r
			LEFT JOIN hunt h ON h.hunt_id=r.hunt_id AND h.paused_at IS NOT NULL AND (h.pause_until IS NULL OR h.pause_until>?)
			LEFT JOIN connection_pause c ON c.connection=r.connection AND (c.pause_until IS NULL OR c.pause_until>?)
		WHERE r.run_id=? AND (r.lane<>? AND h.hunt_id IS NOT NULL OR ?<>0 AND c.connection IS NOT NULL)), `+tx.clock,
		now.UnixMilli(), now.UnixMilli(), run, jobs.Manual, ticket).Scan(&paused, &present)
	switch {
	case err != nil:
		return time.Time{}, err
	case paused:
		return time.Time{}, errPaused
	case present == nil:
		return l.db.present(ctx, tx, now)
	}
	return fromMilli(*present), nil
}
