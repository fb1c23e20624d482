package state

import (
	"context"

	"github.com/huntd/huntd/jobs"
)

// hasTables is false in the moment between the making of the file and that of
// its tables, when a view may see it.
func (l *Ledger) hasTables(ctx context.Context) (bool, error) {
	version := 0
	err := l.read(ctx, func(ctx context.Context, tx *tx) (err error) {
		if version, err = l.version(ctx, tx); err == nil && version > 0 {
			err = current(version)
		}
		return err
	})
	return version > 0, err
}

// Runs returns the runs of a hunt on a lane, oldest window first.
func (l *Ledger) Runs(ctx context.Context, hunt string, lane jobs.Lane) (runs []jobs.Run, err error) {
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
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
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(ctx, `SELECT count(*) FROM run WHERE state`+isOpen).Scan(&n)
	})
	return n, err
}

// History returns the newest runs of a hunt, newest first.
func (l *Ledger) History(ctx context.Context, hunt string, limit int) (runs []jobs.Run, err error) {
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return nil, err
	}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			run, err := scanRun(r)
			runs = append(runs, run)
			return err
		}, "SELECT "+runColumns+" FROM run WHERE hunt_id=? ORDER BY created_at DESC, run_id DESC LIMIT ?", hunt, limit)
	})
	return runs, err
}
