package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// Lanes returns what is known of the live lanes of hunts at now.
func (l *Ledger) Lanes(ctx context.Context, hunts []string, now time.Time) (map[string]jobs.LaneState, error) {
	states := map[string]jobs.LaneState{}
	err := l.read(ctx, func(tx *tx) error {
		args := []any{jobs.Live}
		for _, h := range hunts {
			args = append(args, h)
		}
		return tx.each(ctx, func(r row) error {
			s := jobs.LaneState{Known: true}
			var name string
			var slot int64
			var paused, until *int64
			err := r.Scan(&name, &slot, &paused, &until, &s.Watermark, &s.ReportFrom, &s.Pace, &s.Open, &s.Failed)
			s.Slot, s.Paused = fromMilli(slot), paused != nil && (until == nil || now.UnixMilli() < *until)
			states[name] = s
			return err
		}, `SELECT h.hunt_id, h.last_slot, h.paused_at, h.pause_until, c.watermark, c.report_from, c.pace, EXISTS(
				SELECT 1 FROM run r WHERE r.hunt_id=h.hunt_id AND r.lane=c.lane AND r.state IN('queued','running','retry')), EXISTS(
				SELECT 1 FROM run r WHERE r.hunt_id=h.hunt_id AND r.lane=c.lane AND r.slot_at=h.last_slot AND r.win_from=c.watermark
					AND r.state IN('failed','cancelled'))
			FROM hunt h JOIN checkpoint c ON c.hunt_id=h.hunt_id AND c.lane=? WHERE h.hunt_id IN(`+marks(len(hunts))+`)`, args...)
	})
	return states, err
}

// Plan does what is intended and returns how many runs it queued. A run whose
// window does not begin at the watermark is not queued: another planner was
// faster and its run is done by now.
func (l *Ledger) Plan(ctx context.Context, intents []jobs.Intent, now time.Time) (queued int, err error) {
	err = l.write(ctx, func(tx *tx) error {
		var orders []order
		for _, in := range intents {
			if in.Begin != nil {
				if err := begin(ctx, tx, in, now); err != nil {
					return err
				}
			}
			if err := advance(ctx, tx, in.Hunt, in.Slot, now); err != nil {
				return err
			}
			if !in.Skip.Empty() {
				if err := skip(ctx, tx, in.Hunt, in.Skip, in.SkipReason, now); err != nil {
					return err
				}
			}
			if in.Run == nil {
				continue
			}
			ok, err := insertTiling(ctx, tx, *in.Run, now)
			if err != nil {
				return err
			}
			if ok {
				orders = append(orders, orderOf(*in.Run, time.Time{}))
			}
		}
		queued = len(orders)
		return l.hand(ctx, tx, orders, now)
	})
	return queued, err
}

func begin(ctx context.Context, tx *tx, in jobs.Intent, now time.Time) error {
	if _, err := tx.exec(ctx, `INSERT INTO hunt(hunt_id, last_slot, updated_at) VALUES(?,?,?) ON CONFLICT DO NOTHING`,
		in.Hunt, in.Slot.UnixMilli(), now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO checkpoint(hunt_id, lane, watermark, began, report_from) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING`,
		in.Hunt, jobs.Live, in.Begin.Watermark, in.Begin.Watermark, in.Begin.ReportFrom)
	return err
}

func advance(ctx context.Context, tx *tx, hunt string, slot, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE hunt SET last_slot=?, updated_at=? WHERE hunt_id=? AND last_slot<?`,
		slot.UnixMilli(), now.UnixMilli(), hunt, slot.UnixMilli())
	return err
}

// insertTiling queues a run of a lane that tiles time, if its window begins at
// the watermark and nothing stands in its way.
func insertTiling(ctx context.Context, tx *tx, r jobs.Run, now time.Time) (bool, error) {
	var watermark int64
	// Locked: a run of the lane that is being committed right now would move it.
	err := tx.one(ctx, `SELECT watermark FROM checkpoint WHERE hunt_id=? AND lane=?`+tx.lock, r.Hunt, r.Lane).Scan(&watermark)
	if missing(err) || err == nil && watermark != r.Window.From {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return insertRun(ctx, tx, r, now)
}

func insertRun(ctx context.Context, tx *tx, r jobs.Run, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `INSERT INTO run(run_id, hunt_id, lane, connection, slot_at, win_from, win_to, spec_hash, state, created_at)
		VALUES(?,?,?,?,?,?,?,?,'queued',?) ON CONFLICT DO NOTHING`,
		r.ID, r.Hunt, r.Lane, r.Connection, r.Slot.UnixMilli(), r.Window.From, r.Window.To, r.SpecHash, now.UnixMilli())
	return n == 1, err
}

// Insert queues a manual run without a ticket, for the caller to claim.
func (l *Ledger) Insert(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		_, err := insertRun(ctx, tx, r, now)
		return err
	})
}

// Submit queues a manual run for whichever daemon is at work.
func (l *Ledger) Submit(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		if _, err := insertRun(ctx, tx, r, now); err != nil {
			return err
		}
		return l.hand(ctx, tx, []order{orderOf(r, time.Time{})}, now)
	})
}

func orderOf(r jobs.Run, at time.Time) order {
	return order{run: r.ID, hunt: r.Hunt, lane: r.Lane, line: r.Connection, at: at}
}

// hand gives each ordered run the ticket by which alone it can be claimed from
// now on.
func (l *Ledger) hand(ctx context.Context, tx *tx, orders []order, now time.Time) error {
	ids, err := l.queue.enqueue(ctx, tx, orders)
	if err != nil {
		return err
	}
	for i, o := range orders {
		if _, err := tx.exec(ctx, `UPDATE run SET ticket=?, ticketed_at=? WHERE run_id=?`, ids[i], now.UnixMilli(), o.run); err != nil {
			return err
		}
	}
	return nil
}

// skip gives a span up that begins at the live watermark: it becomes a gap.
func skip(ctx context.Context, tx *tx, hunt string, w pipeline.Window, reason string, now time.Time) error {
	n, err := tx.exec(ctx, `UPDATE checkpoint SET watermark=?, version=version+1 WHERE hunt_id=? AND lane=? AND watermark=?`,
		w.To, hunt, jobs.Live, w.From)
	if err != nil || n == 0 {
		return err // another planner was faster
	}
	_, err = tx.exec(ctx, `INSERT INTO gap(hunt_id, win_from, win_to, reason, at) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING`,
		hunt, w.From, w.To, reason, now.UnixMilli())
	return err
}
