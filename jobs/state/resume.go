package state

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Resume lets live runs begin at once whose fault a person may have mended by
// starting or reloading the daemon; specs are its hunts, with the versions of their
// files. These are the runs that failed for good at the watermark in the newest
// slot, and those that wait for their next try while their hunt's file, or what the
// hunts in mended depend on, is another one by now. Other runs wait on: a server may
// have asked for the pause.
func (l *Ledger) Resume(ctx context.Context, specs map[string]string, mended map[string]bool, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		waiting, err := hurryWaiting(ctx, tx, specs, mended)
		if err != nil {
			return err
		}
		failed, err := reviveFailed(ctx, tx, specs)
		if err != nil {
			return err
		}
		return l.requeue(ctx, tx, append(waiting, failed...), now)
	})
}

// hurryWaiting ends the pauses of runs before their next try, and returns the runs.
// They take on the new version of their hunt's file, so that it hurries them once,
// whichever daemon sees it first.
func hurryWaiting(ctx context.Context, tx *tx, specs map[string]string, mended map[string]bool) (hurried []string, err error) {
	var pairs []any // of a run and its hunt's version
	if err := tx.each(ctx, func(r row) error {
		var id, hunt, hash string
		err := r.Scan(&id, &hunt, &hash)
		if spec, ok := specs[hunt]; ok && (spec != hash || mended[hunt]) {
			pairs = append(pairs, id, spec)
		}
		return err
	}, `SELECT run_id, hunt_id, spec_hash FROM run WHERE state`+isOpen+` AND state='retry' AND lane=`+liveLane); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(pairs, 2*namesAtOnce) {
		ids, err := stringsOf(ctx, tx, `WITH spec(id, hash) AS (VALUES`+strings.Repeat(",(?,?)", len(some)/2)[1:]+`)
			UPDATE run SET due_at=0, spec_hash=spec.hash FROM spec WHERE run_id=spec.id AND state='retry' RETURNING run_id`, some...)
		if err != nil {
			return nil, err
		}
		hurried = append(hurried, ids...)
	}
	return hurried, nil
}

// reviveFailed queues the runs that failed for good where their lane stands, unless
// the lane has another one, and returns them.
func reviveFailed(ctx context.Context, tx *tx, specs map[string]string) (revived []string, err error) {
	var failed []string
	// Locked, so that no planner inserts a run beside one of them meanwhile.
	if err := tx.each(ctx, func(r row) error {
		var id, hunt string
		err := r.Scan(&id, &hunt)
		if _, ok := specs[hunt]; ok {
			failed = append(failed, id)
		}
		return err
	}, `SELECT r.run_id, r.hunt_id FROM hunt h JOIN checkpoint c ON c.hunt_id=h.hunt_id AND c.lane=`+liveLane+`
		JOIN run r ON r.hunt_id=h.hunt_id AND r.lane=`+liveLane+` AND r.lane`+isIndexed+` AND r.slot_at=h.last_slot AND r.win_from=c.watermark
		WHERE r.state='failed'`+tx.skip); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(failed, namesAtOnce) {
		args := listed(some)
		ids, err := stringsOf(ctx, tx, queueAnew+`run_id IN(`+marks(len(args))+`) AND state='failed' AND `+laneIsFree+` RETURNING run_id`, args...)
		if err != nil {
			return nil, err
		}
		revived = append(revived, ids...)
	}
	return revived, nil
}
