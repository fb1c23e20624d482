package state

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs"
)

// A BackfillView is a backfill with the sums of its runs.
type BackfillView struct {
	jobs.Backfill
	Created, Ended time.Time // Ended is zero while it is not over
	Runs           int       // windows that were examined, warm-up included
	Result         jobs.Result
	Pending        int    // events that wait in the outbox
	Error          string // of the run that holds it up
}

// Backfills returns the backfills of a hunt, of all hunts if that is "", newest
// first.
func (l *Ledger) Backfills(ctx context.Context, hunt string) (views []BackfillView, err error) {
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return nil, err
	}
	return l.backfills(ctx, `?='' OR b.hunt_id=?`, hunt, hunt)
}

// BackfillView returns a backfill.
func (l *Ledger) BackfillView(ctx context.Context, id string) (v BackfillView, err error) {
	views, err := l.backfills(ctx, `b.backfill_id=?`, id)
	if err == nil && len(views) == 0 {
		err = nothing("there is no backfill:%s", id)
	}
	if err != nil {
		return v, err
	}
	return views[0], nil
}

func (l *Ledger) backfills(ctx context.Context, where string, args ...any) (views []BackfillView, err error) {
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		views = nil
		if err := tx.each(ctx, func(r row) error {
			var v BackfillView
			var created int64
			var ended *int64
			err := r.Scan(append(backfillFields(&v.Backfill), &created, &ended)...)
			v.Created, v.Ended = fromMilli(created), timeOf(ended)
			views = append(views, v)
			return err
		}, `SELECT `+backfillColumns+`, b.created_at, b.ended_at`+backfillLane+`WHERE `+where+`
			ORDER BY b.created_at DESC, b.backfill_id`, args...); err != nil {
			return err
		}
		for some := range slices.Chunk(views, namesAtOnce) {
			if err := sumBackfills(ctx, tx, some); err != nil {
				return err
			}
		}
		return nil
	})
	return views, err
}

// sumBackfills adds up the runs of backfills. That a lane is not the manual one
// lets the index of the others be used.
func sumBackfills(ctx context.Context, tx *tx, views []BackfillView) error {
	byID := map[string]*BackfillView{}
	for i := range views {
		byID[views[i].ID] = &views[i]
	}
	args := listed(slices.Collect(maps.Keys(byID)))
	in := `IN(` + marks(len(args)) + `)`
	if err := tx.each(ctx, func(r row) error {
		var id string
		var runs int
		var res jobs.Result
		err := r.Scan(&id, &runs, &res.RecordsIn, &res.RecordsOut, &res.Findings, &res.Suppressed, &res.Delivered, &res.Dead)
		if err == nil {
			byID[id].Runs, byID[id].Result = runs, res
		}
		return err
	}, `SELECT b.backfill_id, count(*), CAST(sum(r.rows_in) AS BIGINT), CAST(sum(r.rows_out) AS BIGINT), CAST(sum(r.findings) AS BIGINT),
			CAST(sum(r.suppressed) AS BIGINT), CAST(sum(r.delivered) AS BIGINT), CAST(sum(r.dead) AS BIGINT)
		FROM backfill b JOIN run r ON r.hunt_id=b.hunt_id AND r.lane=`+laneOfBackfill+` AND r.lane`+isIndexed+`
		WHERE b.backfill_id `+in+` AND r.state='succeeded' GROUP BY b.backfill_id`, args...); err != nil {
		return err
	}
	if err := tx.each(ctx, func(r row) error {
		var lane jobs.Lane
		var pending int
		err := r.Scan(&lane, &pending)
		id, _ := jobs.BackfillOf(lane)
		if v := byID[id]; v != nil { // else it is another lane of these hunts
			v.Pending = pending
		}
		return err
	}, `SELECT r.lane, CAST(sum(o.nevents) AS BIGINT) FROM outbox o JOIN run r ON r.run_id=o.run_id
		WHERE o.ready=1 AND o.hunt_id IN(SELECT hunt_id FROM backfill WHERE backfill_id `+in+`) GROUP BY r.lane`, args...); err != nil {
		return err
	}
	return tx.each(ctx, func(r row) error {
		var id, reason string
		err := r.Scan(&id, &reason)
		if err == nil {
			byID[id].Error = reason
		}
		return err
	}, `SELECT b.backfill_id, r.error FROM backfill b JOIN checkpoint c ON c.hunt_id=b.hunt_id AND c.lane=`+laneOfBackfill+`
			JOIN run r ON r.hunt_id=c.hunt_id AND r.lane=c.lane AND r.win_from=c.watermark
		WHERE b.backfill_id `+in+` AND r.error<>''`, args...)
}
