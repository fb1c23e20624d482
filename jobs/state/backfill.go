package state

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
)

// StartBackfill makes a backfill known. It refuses one of a hunt whose windows
// another that is not over would examine too.
func (l *Ledger) StartBackfill(ctx context.Context, b jobs.Backfill, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		// There is no row yet by which two that begin at once could meet.
		if err := l.db.serialize(ctx, tx, "backfills of "+b.Hunt); err != nil {
			return err
		}
		var other string
		err := tx.one(ctx, `SELECT backfill_id FROM backfill WHERE hunt_id=? AND state`+isUnfinished+` AND win_from<? AND win_to>?
			LIMIT 1`, b.Hunt, b.Window.To, b.Window.From).Scan(&other)
		if err == nil {
			return fmt.Errorf("backfill:%s of hunt %s examines some of that time already: let it end, or cancel it", other, b.Hunt)
		}
		if !missing(err) {
			return err
		}
		if _, err := tx.exec(ctx, `INSERT INTO backfill(backfill_id, hunt_id, win_from, win_to, warm_from, state, created_at)
			VALUES(?,?,?,?,?,'active',?)`, b.ID, b.Hunt, b.Window.From, b.Window.To, b.WarmFrom, now.UnixMilli()); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO checkpoint(hunt_id, lane, watermark, began, report_from) VALUES(?,?,?,?,?)`,
			b.Hunt, jobs.BackfillLane(b.ID), b.WarmFrom, b.WarmFrom, b.Window.From)
		return err
	})
}

// lockBackfill returns the hunt and the state of a backfill, neither of which
// changes before the transaction ends. Whatever reads the state and acts by it
// begins with this, before it locks a run.
func lockBackfill(ctx context.Context, tx *tx, id string) (hunt, state string, err error) {
	err = tx.one(ctx, `UPDATE backfill SET state=state WHERE backfill_id=? RETURNING hunt_id, state`, id).Scan(&hunt, &state)
	if missing(err) {
		err = nothing("there is no backfill:%s", id)
	}
	return hunt, state, err
}

var backfillColumns = `b.backfill_id, b.hunt_id, b.win_from, b.win_to, b.warm_from, c.watermark, c.pace, b.state, b.reason, ` + laneIsOpen

// backfillLane joins a backfill's checkpoint.
var backfillLane = ` FROM backfill b JOIN checkpoint c ON c.hunt_id=b.hunt_id AND c.lane=` + laneOfBackfill + ` `

func backfillFields(b *jobs.Backfill) []any {
	return []any{&b.ID, &b.Hunt, &b.Window.From, &b.Window.To, &b.WarmFrom, &b.Watermark, &b.Pace, &b.State, &b.Reason, &b.Open}
}

// ActiveBackfills returns the backfills that are to go on at now, oldest first.
// Those whose window has failed for good wait for a person from then on.
func (l *Ledger) ActiveBackfills(ctx context.Context, now time.Time) (active []jobs.Backfill, err error) {
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var b jobs.Backfill
			err := r.Scan(backfillFields(&b)...)
			active = append(active, b)
			return err
		}, `SELECT `+backfillColumns+backfillLane+`LEFT JOIN hunt h ON h.hunt_id=b.hunt_id
			WHERE b.state='active' AND NOT(`+isPaused+`) ORDER BY b.created_at, b.backfill_id`, now.UnixMilli())
	})
	return active, err
}

// PlanBackfill queues the next run of a backfill that is active; see
// [Ledger.Plan]. A window that has failed for good makes the backfill wait for a
// person.
func (l *Ledger) PlanBackfill(ctx context.Context, r jobs.Run, now time.Time) (queued bool, err error) {
	id, _ := jobs.BackfillOf(r.Lane)
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		queued = false
		_, state, err := lockBackfill(ctx, tx, id)
		if err != nil || state != jobs.BackfillActive {
			return err
		}
		connections, err := insertTiling(ctx, tx, []jobs.Run{r}, now)
		if err != nil {
			return err
		}
		if queued = len(connections) == 1; queued {
			return l.offer(ctx, tx, now, connections...)
		}
		var reason string
		err = tx.one(ctx, `SELECT error FROM run WHERE hunt_id=? AND lane=? AND win_from=? AND state`+isRevivable+` LIMIT 1`,
			r.Hunt, r.Lane, r.Window.From).Scan(&reason)
		if missing(err) {
			return nil // another planner was faster
		}
		if err == nil {
			_, err = tx.exec(ctx, `UPDATE backfill SET state='failed', reason=? WHERE backfill_id=?`, reason, id)
		}
		return err
	})
	return queued, err
}

// EndBackfill closes a backfill whose last window is done.
func (l *Ledger) EndBackfill(ctx context.Context, id string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, `UPDATE backfill SET state='done', ended_at=? WHERE backfill_id=? AND state='active'`, now.UnixMilli(), id)
		return err
	})
}

// Backfill returns a backfill as planning sees it.
func (l *Ledger) Backfill(ctx context.Context, id string) (b jobs.Backfill, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		err := tx.one(ctx, `SELECT `+backfillColumns+backfillLane+`WHERE b.backfill_id=?`, id).Scan(backfillFields(&b)...)
		if missing(err) {
			return nothing("there is no backfill:%s", id)
		}
		return err
	})
	return b, err
}
