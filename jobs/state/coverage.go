package state

import (
	"context"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// A Gap is time of a hunt that was given up on.
type Gap struct {
	Window       pipeline.Window
	Reason       string
	At           time.Time
	WaivedAt     time.Time // zero if nobody has said yet that it may stay
	WaivedReason string
}

// A LaneCoverage is what a lane has examined and reported on, gaps included.
type LaneCoverage struct {
	Lane   string
	Window pipeline.Window
}

// A Coverage is which time a hunt has covered.
type Coverage struct {
	Lanes []LaneCoverage
	Gaps  []Gap
	// Covered are the spans that were examined on some lane, in order, those that
	// touch joined.
	Covered []pipeline.Window
	// Missing is what lies between the first and the last second of Covered and
	// was examined on no lane.
	Missing []pipeline.Window
}

// Gaps returns the gaps of a hunt, oldest first, those included that a backfill
// has closed since.
func (l *Ledger) Gaps(ctx context.Context, hunt string) (gaps []Gap, err error) {
	err = l.read(ctx, func(tx *tx) error {
		gaps, err = gapsOf(ctx, tx, hunt)
		return err
	})
	return gaps, err
}

func gapsOf(ctx context.Context, tx *tx, hunt string) (gaps []Gap, err error) {
	err = tx.each(ctx, func(r row) error {
		var g Gap
		var at int64
		var waived *int64
		err := r.Scan(&g.Window.From, &g.Window.To, &g.Reason, &at, &waived, &g.WaivedReason)
		g.At, g.WaivedAt = fromMilli(at), timeOf(waived)
		gaps = append(gaps, g)
		return err
	}, `SELECT win_from, win_to, reason, at, waived_at, waived_reason FROM gap WHERE hunt_id=? ORDER BY win_from`, hunt)
	return gaps, err
}

// Coverage says which time a hunt has covered, by what the commits of its runs
// left behind: it does not depend on how much history is kept.
func (l *Ledger) Coverage(ctx context.Context, hunt string) (c Coverage, err error) {
	err = l.read(ctx, func(tx *tx) error {
		c = Coverage{}
		if c.Gaps, err = gapsOf(ctx, tx, hunt); err != nil {
			return err
		}
		return tx.each(ctx, func(r row) error {
			var lane LaneCoverage
			err := r.Scan(&lane.Lane, &lane.Window.From, &lane.Window.To)
			if !lane.Window.Empty() {
				c.Lanes = append(c.Lanes, lane)
			}
			return err
		}, `SELECT lane, report_from, watermark FROM checkpoint WHERE hunt_id=? ORDER BY report_from, lane`, hunt)
	})
	if err == nil {
		c.addUp()
	}
	return c, err
}

// addUp works out what all lanes together have covered.
func (c *Coverage) addUp() {
	var spans []pipeline.Window
	for _, lane := range c.Lanes {
		if lane.Lane == jobs.Live {
			spans = append(spans, without(lane.Window, c.Gaps)...)
		} else {
			spans = append(spans, lane.Window)
		}
	}
	slices.SortFunc(spans, func(a, b pipeline.Window) int { return int(a.From - b.From) })
	for _, s := range spans {
		last := len(c.Covered) - 1
		if last >= 0 && s.From <= c.Covered[last].To {
			c.Covered[last].To = max(c.Covered[last].To, s.To)
			continue
		}
		if last >= 0 {
			c.Missing = append(c.Missing, pipeline.Window{From: c.Covered[last].To, To: s.From})
		}
		c.Covered = append(c.Covered, s)
	}
}

// without is what is left of a span without its gaps, which are in order.
func without(w pipeline.Window, gaps []Gap) (rest []pipeline.Window) {
	for _, g := range gaps {
		before := pipeline.Window{From: w.From, To: min(g.Window.From, w.To)}
		if !before.Empty() {
			rest = append(rest, before)
		}
		w.From = max(w.From, g.Window.To)
	}
	if !w.Empty() {
		rest = append(rest, w)
	}
	return rest
}
