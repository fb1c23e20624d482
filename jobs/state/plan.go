package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// Lane returns what is known of a hunt's lane.
func (l *Ledger) Lane(ctx context.Context, hunt, lane string) (s jobs.LaneState, err error) {
	err = l.read(ctx, func(tx *tx) error {
		var slot int64
		err := tx.one(ctx, `SELECT h.last_slot, c.watermark, EXISTS(
				SELECT 1 FROM run r WHERE r.hunt_id=h.hunt_id AND r.lane=c.lane AND r.state IN('queued','running','retry'))
			FROM hunt h JOIN checkpoint c ON c.hunt_id=h.hunt_id AND c.lane=? WHERE h.hunt_id=?`,
			lane, hunt).Scan(&slot, &s.Watermark, &s.Open)
		if missing(err) {
			return nil
		}
		s.Known, s.Slot = err == nil, fromMilli(slot)
		return err
	})
	return s, err
}

// Begin makes a hunt known, with its first slot and watermark.
func (l *Ledger) Begin(ctx context.Context, hunt string, slot time.Time, watermark int64, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, `INSERT INTO hunt(hunt_id, last_slot, updated_at) VALUES(?,?,?) ON CONFLICT DO NOTHING`,
			hunt, slot.UnixMilli(), now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO checkpoint(hunt_id, lane, watermark) VALUES(?,?,?) ON CONFLICT DO NOTHING`,
			hunt, jobs.Live, watermark)
		return err
	})
}

// Plan stores the slot and queues the run; see [jobs.PlanLedger]. A run whose
// window does not begin at the watermark is not queued: another planner was
// faster and its run is done by now.
func (l *Ledger) Plan(ctx context.Context, r jobs.Run, now time.Time) (queued bool, err error) {
	err = l.write(ctx, func(tx *tx) error {
		if err := advance(ctx, tx, r.Hunt, r.Slot, now); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `INSERT INTO run(run_id, hunt_id, lane, slot_at, win_from, win_to, spec_hash, state, created_at)
			SELECT ?,?,?,?,?,?,?,'queued',? WHERE EXISTS(
				SELECT 1 FROM checkpoint WHERE hunt_id=? AND lane=? AND watermark=?) ON CONFLICT DO NOTHING`,
			r.ID, r.Hunt, r.Lane, r.Slot.UnixMilli(), r.Window.From, r.Window.To, r.SpecHash, now.UnixMilli(),
			r.Hunt, r.Lane, r.Window.From)
		queued = n == 1
		return err
	})
	return queued, err
}

// Advance stores a slot that has nothing to examine.
func (l *Ledger) Advance(ctx context.Context, hunt string, slot, now time.Time) error {
	return l.write(ctx, func(tx *tx) error { return advance(ctx, tx, hunt, slot, now) })
}

func advance(ctx context.Context, tx *tx, hunt string, slot, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE hunt SET last_slot=?, updated_at=? WHERE hunt_id=? AND last_slot<?`,
		slot.UnixMilli(), now.UnixMilli(), hunt, slot.UnixMilli())
	return err
}

// Insert queues a manual run.
func (l *Ledger) Insert(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.write(ctx, func(tx *tx) error {
		_, err := tx.exec(ctx, `INSERT INTO run(run_id, hunt_id, lane, slot_at, win_from, win_to, spec_hash, state, created_at)
			VALUES(?,?,?,?,?,?,?,'queued',?)`,
			r.ID, r.Hunt, r.Lane, r.Slot.UnixMilli(), r.Window.From, r.Window.To, r.SpecHash, now.UnixMilli())
		return err
	})
}

func fromMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
