package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// A HuntView is what the ledger has to say of a hunt, for lists.
type HuntView struct {
	Hunt      string
	Planned   bool  // whether it has a live lane; if not, it was run by hand only
	Watermark int64 // covered up to here; epoch seconds
	Slot      time.Time
	Last      jobs.Run // the newest run that has ended
	Ended     bool     // whether there is one
	// Open is the run that is queued, running or waiting for another try, the live
	// one before others; without a state if there is none.
	Open    jobs.Run
	RetryAt time.Time // when Open is tried again; zero if it does not wait for that
	Pending int       // events in the outbox

	PausedAt    time.Time // zero if the hunt is not paused
	PauseUntil  time.Time // zero for until it is resumed
	PauseReason string
	Gaps        int // that nobody has waived, and no backfill has closed

	Settling   int // windows that are yet to be looked at for late events
	LateFailed int // those of them whose look has failed for good
	Grown      int // windows that grew and were run again, of those that are remembered
}

// Paused reports whether the hunt is to begin no windows at now.
func (v HuntView) Paused(now time.Time) bool {
	return !v.PausedAt.IsZero() && (v.PauseUntil.IsZero() || now.Before(v.PauseUntil))
}

// Overview returns all hunts that the ledger knows, by name.
func (l *Ledger) Overview(ctx context.Context) (views map[string]HuntView, err error) {
	views = map[string]HuntView{}
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return views, err
	}
	err = l.read(ctx, func(tx *tx) error {
		err := tx.each(ctx, func(r row) error {
			var v HuntView
			var slot int64
			var paused, until *int64
			err := r.Scan(&v.Hunt, &v.Planned, &slot, &v.Watermark, &v.Pending, &paused, &until, &v.PauseReason, &v.Gaps,
				&v.Settling, &v.LateFailed, &v.Grown)
			v.Slot, v.PausedAt, v.PauseUntil = fromMilli(slot), timeOf(paused), timeOf(until)
			views[v.Hunt] = v
			return err
		}, `SELECT n.hunt_id, c.watermark IS NOT NULL, coalesce(h.last_slot,0), coalesce(c.watermark,0),
				(SELECT CAST(coalesce(sum(o.nevents),0) AS BIGINT) FROM outbox o JOIN run r ON r.run_id=o.run_id
					WHERE r.hunt_id=n.hunt_id AND o.ready=1),
				h.paused_at, h.pause_until, coalesce(h.pause_reason,''),
				(SELECT count(*) FROM gap g WHERE g.hunt_id=n.hunt_id AND g.waived_at IS NULL),
				(SELECT count(*) FROM settled s WHERE s.hunt_id=n.hunt_id AND s.counted<0),
				(SELECT count(*) FROM settled s WHERE s.hunt_id=n.hunt_id AND s.counted<0 AND EXISTS(
					SELECT 1 FROM run r WHERE r.hunt_id=s.hunt_id AND r.win_from=s.win_from AND r.lane='late' AND r.state='failed')),
				(SELECT count(*) FROM settled s WHERE s.hunt_id=n.hunt_id AND s.counted>0)
			FROM (SELECT hunt_id FROM hunt UNION SELECT hunt_id FROM run) n
				LEFT JOIN hunt h ON h.hunt_id=n.hunt_id
				LEFT JOIN checkpoint c ON c.hunt_id=n.hunt_id AND c.lane=?`, jobs.Live)
		if err != nil {
			return err
		}
		for name, v := range views {
			v.Last, err = scanRun(tx.one(ctx, "SELECT "+runColumns+` FROM run WHERE hunt_id=? AND state IN('succeeded','failed')
				ORDER BY finished_at DESC, run_id DESC LIMIT 1`, name))
			if v.Ended = err == nil; !v.Ended && !missing(err) {
				return err
			}
			if err := v.open(ctx, tx); err != nil {
				return err
			}
			if v.Gaps > 0 {
				if v.Gaps, err = openGaps(ctx, tx, name); err != nil {
					return err
				}
			}
			views[name] = v
		}
		return nil
	})
	return views, err
}

// openGaps counts the gaps of a hunt that nobody has waived and that no backfill
// has closed.
func openGaps(ctx context.Context, tx *tx, hunt string) (n int, err error) {
	c, err := coverageOf(ctx, tx, hunt)
	for _, g := range c.Gaps {
		if g.WaivedAt.IsZero() && !g.Closed {
			n++
		}
	}
	return n, err
}

// open looks for the hunt's open run.
func (v *HuntView) open(ctx context.Context, tx *tx) (err error) {
	// In the order of the index, which is what makes SQLite use it.
	err = tx.each(ctx, func(r row) error {
		run, err := scanRun(r)
		if v.Open.State == "" || run.Lane == jobs.Live {
			v.Open = run
		}
		return err
	}, "SELECT "+runColumns+` FROM run WHERE hunt_id=? AND state IN('queued','running','retry') ORDER BY lane, created_at`, v.Hunt)
	if err != nil || v.Open.State != jobs.Retry {
		return err
	}
	var ms int64
	err = tx.one(ctx, `SELECT due_at FROM run WHERE run_id=?`, v.Open.ID).Scan(&ms)
	if ms > 0 { // 0 is at once
		v.RetryAt = fromMilli(ms)
	}
	return err
}

// hasTables is false in the moment between the making of the file and that of
// its tables, when a view may see it.
func (l *Ledger) hasTables(ctx context.Context) (bool, error) {
	version := 0
	err := l.read(ctx, func(tx *tx) (err error) {
		if version, err = l.version(ctx, tx); err == nil && version > 0 {
			err = current(version)
		}
		return err
	})
	return version > 0, err
}

// Runs returns the runs of a hunt on a lane, oldest window first.
func (l *Ledger) Runs(ctx context.Context, hunt, lane string) (runs []jobs.Run, err error) {
	err = l.read(ctx, func(tx *tx) error {
		return tx.each(ctx, func(r row) error {
			run, err := scanRun(r)
			runs = append(runs, run)
			return err
		}, "SELECT "+runColumns+" FROM run WHERE hunt_id=? AND lane=? ORDER BY win_from, created_at, run_id", hunt, lane)
	})
	return runs, err
}

// OpenRuns returns how many runs are queued, running or waiting to be retried.
func (l *Ledger) OpenRuns(ctx context.Context) (n int, err error) {
	err = l.read(ctx, func(tx *tx) error {
		return tx.one(ctx, `SELECT count(*) FROM run WHERE state IN('queued','running','retry')`).Scan(&n)
	})
	return n, err
}

// History returns the newest runs of a hunt, newest first.
func (l *Ledger) History(ctx context.Context, hunt string, limit int) (runs []jobs.Run, err error) {
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return nil, err
	}
	err = l.read(ctx, func(tx *tx) error {
		return tx.each(ctx, func(r row) error {
			run, err := scanRun(r)
			runs = append(runs, run)
			return err
		}, "SELECT "+runColumns+" FROM run WHERE hunt_id=? ORDER BY created_at DESC, run_id DESC LIMIT ?", hunt, limit)
	})
	return runs, err
}
