package state

import (
	"context"
	"time"
)

// gone is after how long without a sign a daemon counts as gone, and forgotten
// when it is taken off the list.
const (
	gone      = 90 * time.Second
	forgotten = 7 * 24 * time.Hour
)

// A Daemon is a process that hunts with the state.
type Daemon struct {
	ID         string
	Version    string
	ConfigHash string // of huntd.yaml and its hunts; daemons that share a state should agree
	Hunts      int
	Skews      []ClockSkew // clocks that differ from its host's by more than they may
	Started    time.Time
	Seen       time.Time
}

// SkewFor returns the clock that keeps the daemon from planning hunts that search a
// connection, nil if none does.
func (d Daemon) SkewFor(connection string) *ClockSkew {
	for i, s := range d.Skews {
		if s.Connection == "" || s.Connection == connection {
			return &d.Skews[i]
		}
	}
	return nil
}

// Report notes that this process hunts.
func (l *Ledger) Report(ctx context.Context, d Daemon, now time.Time) error {
	skews, err := skewsText(d.Skews)
	if err != nil {
		return err
	}
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		present, err := l.db.present(ctx, tx, now)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM daemon WHERE seen_at<?`, present.Add(-forgotten).UnixMilli()); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO daemon(daemon_id, version, config_hash, hunts, clock_skew, started_at, seen_at) VALUES(?,?,?,?,?,?,?)
			ON CONFLICT(daemon_id) DO UPDATE SET config_hash=excluded.config_hash, hunts=excluded.hunts, clock_skew=excluded.clock_skew,
				seen_at=excluded.seen_at`,
			l.owner, d.Version, d.ConfigHash, d.Hunts, skews, present.UnixMilli(), present.UnixMilli())
		return err
	})
}

// Depart notes that this process hunts no more.
func (l *Ledger) Depart(ctx context.Context) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, `DELETE FROM daemon WHERE daemon_id=?`, l.owner)
		return err
	})
}

// Daemons returns the processes that hunt with the state now, by name.
func (l *Ledger) Daemons(ctx context.Context, now time.Time) (daemons []Daemon, err error) {
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return nil, err
	}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		present, err := l.db.present(ctx, tx, now)
		if err != nil {
			return err
		}
		return tx.each(ctx, func(r row) error {
			var d Daemon
			var started, seen int64
			var skews string
			if err := r.Scan(&d.ID, &d.Version, &d.ConfigHash, &d.Hunts, &skews, &started, &seen); err != nil {
				return err
			}
			d.Started, d.Seen = fromMilli(started), fromMilli(seen)
			d.Skews, err = parseSkews(skews)
			daemons = append(daemons, d)
			return err
		}, `SELECT daemon_id, version, config_hash, hunts, clock_skew, started_at, seen_at FROM daemon WHERE seen_at>=? ORDER BY daemon_id`,
			present.Add(-gone).UnixMilli())
	})
	return daemons, err
}
