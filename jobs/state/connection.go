package state

import (
	"context"
	"slices"
	"time"
)

// A Pause keeps runs from beginning for a while.
type Pause struct {
	Since  time.Time
	Until  time.Time // zero for until it is resumed
	Reason string
}

// SetMaxSearches stores how many runs of each connection may search at a time
// in all processes, 0 for no limit, and offers what may begin by it.
func (l *Ledger) SetMaxSearches(ctx context.Context, limits map[string]int, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		have := map[string]int{}
		if err := tx.each(ctx, func(r row) error {
			var name string
			var most int
			err := r.Scan(&name, &most)
			have[name] = most
			return err
		}, `SELECT connection, coalesce(max_searches,0) FROM connection`); err != nil {
			return err
		}
		var changed []string
		for name, most := range limits {
			if had, ok := have[name]; ok && had == most {
				continue
			}
			changed = append(changed, name)
			if _, err := tx.exec(ctx, `INSERT INTO connection(connection, max_searches) VALUES(?,?)
				ON CONFLICT(connection) DO UPDATE SET max_searches=excluded.max_searches`, name, nullIfZero(most)); err != nil {
				return err
			}
		}
		return l.offer(ctx, tx, now, changed...)
	})
}

func nullIfZero(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// PauseConnection keeps all daemons from beginning runs that search a connection,
// on all lanes, until it is resumed or, if until is not zero, until then. Windows
// that are under way end.
func (l *Ledger) PauseConnection(ctx context.Context, connection, reason string, until, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		if _, err := tx.exec(ctx, `INSERT INTO connection(connection, paused_at, pause_until, pause_reason) VALUES(?,?,?,?)
			ON CONFLICT(connection) DO UPDATE SET paused_at=excluded.paused_at, pause_until=excluded.pause_until,
				pause_reason=excluded.pause_reason`, connection, now.UnixMilli(), asMilli(until), reason); err != nil {
			return err
		}
		_, err := withdraw(ctx, tx, `connection=?`, connection)
		return err
	})
}

// ResumeConnection undoes [Ledger.PauseConnection].
func (l *Ledger) ResumeConnection(ctx context.Context, connection string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		n, err := tx.exec(ctx, `UPDATE connection SET paused_at=NULL, pause_until=NULL, pause_reason='' WHERE connection=? AND paused_at IS NOT NULL`, connection)
		if err == nil && n == 0 {
			err = nothing("connection %s is not paused", connection)
		}
		if err != nil {
			return err
		}
		return l.offer(ctx, tx, now, connection)
	})
}

// PausedConnections returns the connections that are paused at now.
func (l *Ledger) PausedConnections(ctx context.Context, now time.Time) (paused map[string]Pause, err error) {
	paused = map[string]Pause{}
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return paused, err
	}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var name string
			var p Pause
			var since int64
			var until *int64
			err := r.Scan(&name, &since, &until, &p.Reason)
			p.Since, p.Until = fromMilli(since), timeOf(until)
			paused[name] = p
			return err
		}, `SELECT connection, paused_at, pause_until, pause_reason FROM connection
			WHERE `+isPaused, now.UnixMilli())
	})
	return paused, err
}

// Reassign lets runs that wait search the connection that their hunt names by
// now, and returns how many had named another one.
func (l *Ledger) Reassign(ctx context.Context, connections map[string]string, now time.Time) (n int, err error) {
	type stray struct{ id, from, to string }
	var strays []stray
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		strays = nil
		return tx.each(ctx, func(r row) error {
			var s stray
			var hunt string
			err := r.Scan(&s.id, &hunt, &s.from)
			if to, ok := connections[hunt]; ok && to != s.from {
				s.to = to
				strays = append(strays, s)
			}
			return err
		}, `SELECT run_id, hunt_id, connection FROM run WHERE state`+isWaiting+` ORDER BY run_id`)
	})
	if err != nil || len(strays) == 0 {
		return 0, err
	}
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		n = 0
		var touched []string
		for _, s := range strays {
			changed, err := tx.exec(ctx, `UPDATE run SET connection=?, offered_at=NULL, fence=fence+1
				WHERE run_id=? AND connection=? AND state`+isWaiting, s.to, s.id, s.from)
			if err != nil {
				return err
			}
			if changed == 1 {
				n++
				touched = append(touched, s.from, s.to)
			}
		}
		slices.Sort(touched)
		return l.offer(ctx, tx, now, slices.Compact(touched)...)
	})
	return n, err
}
