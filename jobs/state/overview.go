package state

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// Overview returns what the ledger has to say of hunts, by name: of those that are
// named, of all that it knows if none is. Its cost does not grow with the history.
func (l *Ledger) Overview(ctx context.Context, hunts ...string) (map[string]HuntView, error) {
	views := map[string]HuntView{}
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return views, err
	}
	err := l.read(ctx, func(ctx context.Context, tx *tx) error {
		all, err := overviewOf(ctx, tx, hunts)
		for hunt, v := range all {
			views[hunt] = *v
		}
		return err
	})
	return views, err
}

// namesAtOnce bounds how many hunts or keys a statement names.
const namesAtOnce = 1024

func overviewOf(ctx context.Context, tx *tx, hunts []string) (views map[string]*HuntView, err error) {
	if len(hunts) == 0 {
		if hunts, err = knownHunts(ctx, tx); err != nil {
			return nil, err
		}
	}
	o := overview{tx: tx, views: map[string]*HuntView{}}
	for some := range slices.Chunk(hunts, namesAtOnce) {
		o.hunts = listed(some)
		for _, read := range []func(context.Context) error{o.lanes, o.newest, o.open, o.counts, o.gaps} {
			if err := read(ctx); err != nil {
				return nil, err
			}
		}
	}
	return o.views, nil
}

// knownHunts returns the hunts that have a lane or a run. Those that were run by
// hand only have no row in hunt: of the index of runs, one entry a hunt is read.
func knownHunts(ctx context.Context, tx *tx) (hunts []string, err error) {
	err = tx.each(ctx, func(r row) error {
		var hunt string
		err := r.Scan(&hunt)
		hunts = append(hunts, hunt)
		return err
	}, `WITH RECURSIVE ran(hunt_id) AS (SELECT min(hunt_id) FROM run
			UNION ALL SELECT (SELECT min(r.hunt_id) FROM run r WHERE r.hunt_id>ran.hunt_id) FROM ran WHERE ran.hunt_id IS NOT NULL)
		SELECT hunt_id FROM hunt UNION SELECT hunt_id FROM ran WHERE hunt_id IS NOT NULL`)
	return hunts, err
}

// An overview fills in the views of some hunts, of each kind of thing by one
// statement for all of them.
type overview struct {
	tx    *tx
	hunts []any // for a list of arguments
	views map[string]*HuntView
}

func (o *overview) of(hunt string) *HuntView {
	v := o.views[hunt]
	if v == nil {
		v = &HuntView{Hunt: hunt}
		o.views[hunt] = v
	}
	return v
}

// each calls scan for every row of a query that names the hunts in place of %s.
func (o *overview) each(ctx context.Context, scan func(row) error, query string) error {
	return o.tx.each(ctx, scan, fmt.Sprintf(query, marks(len(o.hunts))), o.hunts...)
}

func (o *overview) lanes(ctx context.Context) error {
	return o.each(ctx, func(r row) error {
		var hunt, reason string
		var slot int64
		var watermark, paused, until *int64
		if err := r.Scan(&hunt, &slot, &watermark, &paused, &until, &reason); err != nil {
			return err
		}
		v := o.of(hunt)
		v.Slot, v.PausedAt, v.PauseUntil, v.PauseReason = fromMilli(slot), timeOf(paused), timeOf(until), reason
		if v.Planned = watermark != nil; v.Planned {
			v.Watermark = *watermark
		}
		return nil
	}, `SELECT h.hunt_id, h.last_slot, c.watermark, h.paused_at, h.pause_until, h.pause_reason
		FROM hunt h LEFT JOIN checkpoint c ON c.hunt_id=h.hunt_id AND c.lane=`+liveLane+` WHERE h.hunt_id IN(%s)`)
}

// newest reads the run of each hunt that ended last.
func (o *overview) newest(ctx context.Context) error {
	named := strings.Repeat(",(?)", len(o.hunts))[1:]
	return o.tx.each(ctx, func(r row) error {
		run, err := scanRun(r)
		v := o.of(run.Hunt)
		v.Last, v.Ended = run, true
		return err
	}, `WITH named(hunt_id) AS (VALUES`+named+`) SELECT `+runColumns+` FROM run WHERE run_id IN(SELECT (
		SELECT r.run_id FROM run r WHERE r.hunt_id=n.hunt_id AND r.state`+isTelling+`
		ORDER BY r.finished_at DESC, r.run_id DESC LIMIT 1) FROM named n)`, o.hunts...)
}

func (o *overview) open(ctx context.Context) error {
	return o.each(ctx, func(r row) error {
		var retryAt int64
		run, err := scanRun(r, &retryAt)
		v := o.of(run.Hunt)
		if v.Open.State != "" && run.Lane != jobs.Live {
			return err
		}
		v.Open, v.RetryAt = run, time.Time{}
		if run.State == jobs.Retry && retryAt > 0 { // 0 is at once
			v.RetryAt = fromMilli(retryAt)
		}
		return err
	}, "SELECT "+runColumns+`, due_at FROM run WHERE state`+isOpen+` AND hunt_id IN(%s)
		ORDER BY hunt_id, lane, created_at`)
}

func (o *overview) counts(ctx context.Context) error {
	for _, c := range []struct {
		of    func(*HuntView) *int
		query string
	}{
		{func(v *HuntView) *int { return &v.Pending }, `SELECT hunt_id, CAST(sum(nevents) AS BIGINT) FROM outbox
			WHERE ready=1 AND hunt_id IN(%s) GROUP BY hunt_id`},
		{func(v *HuntView) *int { return &v.Settling }, `SELECT hunt_id, count(*) FROM settled WHERE counted<0 AND hunt_id IN(%s) GROUP BY hunt_id`},
		{func(v *HuntView) *int { return &v.Grown }, `SELECT hunt_id, count(*) FROM settled WHERE counted>0 AND hunt_id IN(%s) GROUP BY hunt_id`},
		{func(v *HuntView) *int { return &v.LateFailed }, `SELECT r.hunt_id, count(*) FROM run r
			JOIN settled s ON s.hunt_id=r.hunt_id AND s.win_from=r.win_from AND s.counted<0
			WHERE r.lane=` + lateLane + ` AND r.state='failed' AND r.hunt_id IN(%s) GROUP BY r.hunt_id`},
	} {
		err := o.each(ctx, func(r row) error {
			var hunt string
			n := 0
			err := r.Scan(&hunt, &n)
			*c.of(o.of(hunt)) = n
			return err
		}, c.query)
		if err != nil {
			return err
		}
	}
	return nil
}

// gaps counts the gaps that nobody has waived and that no backfill has closed.
func (o *overview) gaps(ctx context.Context) error {
	var with []string
	err := o.each(ctx, func(r row) error {
		var hunt string
		err := r.Scan(&hunt)
		with = append(with, hunt)
		return err
	}, `SELECT DISTINCT hunt_id FROM gap WHERE waived_at IS NULL AND hunt_id IN(%s)`)
	if err != nil {
		return err
	}
	covers, err := coverages(ctx, o.tx, with)
	for hunt, c := range covers {
		for _, g := range c.Gaps {
			if g.WaivedAt.IsZero() && !g.Closed {
				o.of(hunt).Gaps++
			}
		}
	}
	return err
}
