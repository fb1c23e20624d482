package state

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// unsettled is what the column counted says of a window that is yet to be looked
// at for late events; at is then when it was searched, and afterwards when it was
// looked at.
const unsettled = -1

// Unsettled returns the windows that are next to be looked at; see
// [jobs.LateLedger].
func (l *Ledger) Unsettled(ctx context.Context, ended map[string]int64, now time.Time) (map[string]pipeline.Window, error) {
	due := map[string]pipeline.Window{}
	err := l.read(ctx, func(ctx context.Context, tx *tx) error {
		for hunt, by := range ended {
			var w pipeline.Window
			err := tx.one(ctx, `SELECT win_from, win_to FROM settled s WHERE hunt_id=? AND counted<0 AND win_to<=?
					AND NOT EXISTS(SELECT 1 FROM run r WHERE r.hunt_id=s.hunt_id AND r.lane=`+lateLane+` AND r.state`+isOpen+`)
					AND NOT EXISTS(SELECT 1 FROM run r WHERE r.hunt_id=s.hunt_id AND r.lane=`+lateLane+` AND r.win_from=s.win_from AND r.state`+isRevivable+`)
					AND NOT EXISTS(SELECT 1 FROM hunt h WHERE h.hunt_id=s.hunt_id AND `+isPaused+`)
				ORDER BY win_to LIMIT 1`, hunt, by, now.UnixMilli()).Scan(&w.From, &w.To)
			if missing(err) {
				continue
			}
			if err != nil {
				return err
			}
			due[hunt] = w
		}
		return nil
	})
	return due, err
}

// PlanLate queues runs on the late lane; see [jobs.LateLedger].
func (l *Ledger) PlanLate(ctx context.Context, runs []jobs.Run, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		var connections []string
		for _, r := range runs {
			var one int
			err := tx.one(ctx, `SELECT 1 FROM settled WHERE hunt_id=? AND win_from=? AND win_to=? AND counted<0`+tx.skip,
				r.Hunt, r.Window.From, r.Window.To).Scan(&one)
			if missing(err) {
				continue // another planner was faster
			}
			if err != nil {
				return err
			}
			ok, err := insertRun(ctx, tx, r, now)
			if err != nil {
				return err
			}
			if ok {
				connections = append(connections, r.Connection)
			}
		}
		return l.offer(ctx, tx, now, connections...)
	})
}

// Settling returns what is known of the window of a run on the late lane.
func (l *Ledger) Settling(ctx context.Context, r jobs.Run) (s jobs.Settling, err error) {
	s.Sent = map[string]string{}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		var at int64
		err := tx.one(ctx, `SELECT at FROM settled WHERE hunt_id=? AND win_from=? AND counted<0`, r.Hunt, r.Window.From).Scan(&at)
		if missing(err) {
			return pipeline.Permanent(nothing("the window %s of hunt %s is not to be looked at for late events any more", r.Window, r.Hunt))
		}
		if err != nil {
			return err
		}
		s.Searched = fromMilli(at)
		return tx.each(ctx, func(r row) error {
			var id, digest string
			err := r.Scan(&id, &digest)
			s.Sent[id] = digest
			return err
		}, `SELECT id, digest FROM finding WHERE hunt_id=? AND win_from=?`, r.Hunt, r.Window.From)
	})
	return s, err
}

// settle notes, with the commit of a live run, that its window is to be looked
// at for late events, and with that of a run on the late lane, that it was.
func settle(ctx context.Context, tx *tx, c jobs.Commit, now time.Time) error {
	switch r := c.Run; {
	case r.Lane.Kind().LooksBack:
		return settled(ctx, tx, c, now)
	case c.Searched.IsZero():
		return nil
	default:
		if _, err := tx.exec(ctx, `INSERT INTO settled(hunt_id, win_from, win_to, counted, at) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING`,
			r.Hunt, r.Window.From, r.Window.To, unsettled, c.Searched.UnixMilli()); err != nil {
			return err
		}
		return keepSent(ctx, tx, c, now)
	}
}

// keepSent keeps what a window has sent until it is settled, in the order of the
// table's key: a hunt that sends all records may have half a million.
func keepSent(ctx context.Context, tx *tx, c jobs.Commit, now time.Time) error {
	sent := slices.SortedFunc(slices.Values(c.Sent), func(a, b jobs.Sent) int { return strings.Compare(a.ID, b.ID) })
	rows := bulk{insert: `INSERT INTO finding(hunt_id, win_from, id, digest, at)`, conflict: `ON CONFLICT DO NOTHING`, columns: 5}
	return rows.write(ctx, tx, len(sent), func(i int) []any {
		return []any{c.Run.Hunt, c.Run.Window.From, sent[i].ID, sent[i].Digest, now.UnixMilli()}
	})
}

// settled closes a window: nobody will compare with what was sent of it any
// more. A run that found nothing late leaves nothing behind.
func settled(ctx context.Context, tx *tx, c jobs.Commit, now time.Time) error {
	r := c.Run
	if _, err := tx.exec(ctx, `UPDATE settled SET counted=?, at=? WHERE hunt_id=? AND win_from=? AND counted<0`,
		c.Late, now.UnixMilli(), r.Hunt, r.Window.From); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM finding WHERE hunt_id=? AND win_from=?`, r.Hunt, r.Window.From); err != nil || c.Late > 0 {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM run WHERE run_id=?`, r.ID)
	return err
}
