package state

import (
	"context"
	"slices"
	"time"
)

// longestSettle is longer than any window waits to be looked at for late events.
const longestSettle = 31 * 24 * time.Hour

// A Retention says for how long things are kept that are over.
type Retention struct {
	// Runs is for runs that have ended, for what is known of late events, and for
	// what is remembered of hunts that no daemon has any more.
	Runs        time.Duration
	DeadLetters time.Duration
}

// Prune forgets what ended longer ago than it is to be kept, oldest first and at
// most limit rows of a kind, and returns how many rows it forgot. Any daemon may
// call it at any time.
//
// A run stays that events in the outbox belong to, or a backfill that is not
// over, or a window that is yet to be looked at for late events; that failed
// where its lane still stands, for it says what became of its slot; or that is
// its hunt's newest. Gaps, checkpoints, backfills and suppressions are no
// history: what a hunt has covered and what it withholds do not change.
func (l *Ledger) Prune(ctx context.Context, keep Retention, now time.Time, limit int) (n int, err error) {
	runs, letters := now.Add(-keep.Runs).UnixMilli(), now.Add(-keep.DeadLetters).UnixMilli()
	for _, p := range []struct {
		stmt string
		args []any
	}{
		{pruneRuns, []any{runs, limit}},
		{pruneDeadLetters, []any{letters, limit}},
		{pruneFindings, []any{runs, limit}},
		{pruneSettled, []any{runs, now.Add(-keep.Runs - longestSettle).UnixMilli(), limit}},
		{pruneSuppressions, []any{runs, limit}},
		{pruneCarry, []any{runs, limit}},
	} {
		var gone int64
		err := l.write(ctx, func(ctx context.Context, tx *tx) (err error) {
			gone, err = tx.exec(ctx, p.stmt, p.args...)
			return err
		})
		if err != nil {
			return n, err
		}
		n += int(gone)
	}
	return n, nil
}

var pruneRuns = `DELETE FROM run WHERE run_id IN(SELECT run_id FROM run r
	WHERE finished_at<? AND state` + hasEnded + `
		AND finished_at<(SELECT max(n.finished_at) FROM run n WHERE n.hunt_id=r.hunt_id AND n.state` + isTelling + `)
		AND NOT EXISTS(SELECT 1 FROM outbox o WHERE o.run_id=r.run_id)
		AND NOT EXISTS(SELECT 1 FROM checkpoint c WHERE c.hunt_id=r.hunt_id AND c.lane=r.lane AND c.watermark=r.win_from)
		AND NOT EXISTS(SELECT 1 FROM backfill b WHERE b.hunt_id=r.hunt_id AND r.lane=` + laneOfBackfill + ` AND b.state` + isUnfinished + `)
		AND NOT EXISTS(SELECT 1 FROM settled s WHERE s.hunt_id=r.hunt_id AND s.win_from=r.win_from AND s.counted<0)
	ORDER BY finished_at LIMIT ?)`

const pruneDeadLetters = `DELETE FROM dead_letter WHERE id IN(SELECT id FROM dead_letter WHERE at<? ORDER BY at LIMIT ?)`

// pruneFindings forgets what was sent of windows that nobody will compare with
// it any more: a window is looked at once, and then run again at most.
var pruneFindings = `DELETE FROM finding WHERE (hunt_id, win_from, id) IN(SELECT hunt_id, win_from, id FROM finding f
	WHERE at<? AND NOT EXISTS(SELECT 1 FROM settled s WHERE s.hunt_id=f.hunt_id AND s.win_from=f.win_from AND s.counted<0)
		AND NOT EXISTS(SELECT 1 FROM run r WHERE r.hunt_id=f.hunt_id AND r.lane=` + lateLane + ` AND r.win_from=f.win_from AND r.state` + isOpen + `)
	ORDER BY at LIMIT ?)`

// pruneSettled forgets windows that were looked at, and those that nobody came
// to look at, for their hunt is gone.
const pruneSettled = `DELETE FROM settled WHERE (hunt_id, win_from) IN(SELECT hunt_id, win_from FROM settled
	WHERE counted>=0 AND at<? OR at<? ORDER BY at LIMIT ?)`

// lanesThatEnded are those that have no next window.
var lanesThatEnded = `(SELECT b.hunt_id, ` + laneOfBackfill + ` AS lane FROM backfill b WHERE b.state IN('done','cancelled')
	UNION ALL SELECT c.hunt_id, c.lane FROM hunt h JOIN checkpoint c ON c.hunt_id=h.hunt_id WHERE h.seen_at<?) e`

var pruneSuppressions = `DELETE FROM suppression WHERE (hunt_id, lane, key) IN(SELECT s.hunt_id, s.lane, s.key
	FROM ` + lanesThatEnded + ` JOIN suppression s ON s.hunt_id=e.hunt_id AND s.lane=e.lane LIMIT ?)`

var pruneCarry = `UPDATE checkpoint SET carry=NULL WHERE (hunt_id, lane) IN(SELECT c.hunt_id, c.lane
	FROM ` + lanesThatEnded + ` JOIN checkpoint c ON c.hunt_id=e.hunt_id AND c.lane=e.lane WHERE c.carry IS NOT NULL LIMIT ?)`

// seenPause is for how long a hunt that was seen need not be noted again.
const seenPause = time.Hour

// MarkSeen notes that hunts are in the configuration of a daemon.
func (l *Ledger) MarkSeen(ctx context.Context, hunts []string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		for some := range slices.Chunk(hunts, namesAtOnce) {
			names := listed(some)
			if _, err := tx.exec(ctx, `UPDATE hunt SET seen_at=? WHERE (seen_at<? OR seen_at>?) AND hunt_id IN(`+marks(len(names))+`)`,
				append([]any{now.UnixMilli(), now.Add(-seenPause).UnixMilli(), now.UnixMilli()}, names...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// PruneQueue deletes jobs of the queue that have ended or lost their worker. Any
// daemon may call it at any time; without it the queue grows with every run.
func (l *Ledger) PruneQueue(ctx context.Context, now time.Time) error {
	if l.queue == nil {
		return errViewOnly
	}
	return l.call(ctx, func(ctx context.Context) error { return unreachable(l.queue.Prune(ctx, now)) })
}

// Tidy gives back space that is free inside the state, a little at a time, while
// no run is under way.
func (l *Ledger) Tidy(ctx context.Context) error {
	busy := false
	if err := l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(ctx, `SELECT EXISTS(SELECT 1 FROM run WHERE state='running')`).Scan(&busy)
	}); err != nil || busy {
		return err
	}
	return l.db.tidy(ctx)
}
