package state

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
)

// Shrink lets the window of a run end earlier; see [jobs.RunLedger]. Whoever
// takes the run over finds the shorter window, and the commit moves the
// watermark to its end: the planner goes on from there. The lane's pace becomes
// half of the window's length, since the commit doubles it.
func (l *Ledger) Shrink(ctx context.Context, r jobs.Run, to int64, _ time.Time) error {
	if !r.Lane.Kind().Tiles || to <= r.Window.From || to >= r.Window.To {
		return fmt.Errorf("the window %s of lane %s cannot be made to end at %d", r.Window, r.Lane, to)
	}
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		if err := held(ctx, tx, r, "win_to=?, splunk_sid=''", to); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `UPDATE checkpoint SET pace=? WHERE hunt_id=? AND lane=?`, (to-r.Window.From+1)/2, r.Hunt, r.Lane); err != nil {
			return err
		}
		return dropStaged(ctx, tx, r.ID)
	})
}

// OutboxBytes returns how many bytes of bodies the outbox holds, those included
// that runs have staged.
func (l *Ledger) OutboxBytes(ctx context.Context) (n int64, err error) {
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(ctx, `SELECT CAST(coalesce(sum(nbytes),0) AS BIGINT) FROM outbox`).Scan(&n)
	})
	return n, err
}
