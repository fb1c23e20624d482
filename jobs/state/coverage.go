package state

import (
	"cmp"
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
	Closed       bool // a backfill has examined all of it since
}

// A LaneCoverage is what a lane has examined and reported on, gaps included.
type LaneCoverage struct {
	Lane   jobs.Lane
	Window pipeline.Window
}

// A Coverage is which time a hunt has covered.
type Coverage struct {
	Lanes []LaneCoverage
	Gaps  []Gap
	// Covered are the spans that were examined on some lane, in order, those that
	// touch joined.
	Covered []pipeline.Window
	// Missing is what lies between the first and the last second that any lane has
	// come by and was examined on none.
	Missing []pipeline.Window
}

// Gaps returns the gaps of a hunt, oldest first, those included that a backfill
// has closed since.
func (l *Ledger) Gaps(ctx context.Context, hunt string) ([]Gap, error) {
	c, err := l.Coverage(ctx, hunt)
	return c.Gaps, err
}

// Coverage says which time a hunt has covered, by what the commits of its runs
// left behind: it does not depend on how much history is kept.
func (l *Ledger) Coverage(ctx context.Context, hunt string) (c Coverage, err error) {
	if begun, err := l.hasTables(ctx); err != nil || !begun {
		return c, err
	}
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		covers, err := coverages(ctx, tx, []string{hunt})
		c = *covers[hunt]
		return err
	})
	return c, err
}

// coverages returns which time each of some hunts has covered.
func coverages(ctx context.Context, tx *tx, hunts []string) (covers map[string]*Coverage, err error) {
	covers = map[string]*Coverage{}
	for _, hunt := range hunts {
		covers[hunt] = &Coverage{}
	}
	if len(hunts) == 0 {
		return covers, nil
	}
	names := listed(hunts)
	if err := tx.each(ctx, func(r row) error {
		var hunt string
		var g Gap
		var at int64
		var waived *int64
		err := r.Scan(&hunt, &g.Window.From, &g.Window.To, &g.Reason, &at, &waived, &g.WaivedReason)
		g.At, g.WaivedAt = fromMilli(at), timeOf(waived)
		covers[hunt].Gaps = append(covers[hunt].Gaps, g)
		return err
	}, `SELECT hunt_id, win_from, win_to, reason, at, waived_at, waived_reason FROM gap
		WHERE hunt_id IN(`+marks(len(names))+`) ORDER BY hunt_id, win_from`, names...); err != nil {
		return covers, err
	}
	err = tx.each(ctx, func(r row) error {
		var hunt string
		var lane LaneCoverage
		err := r.Scan(&hunt, &lane.Lane, &lane.Window.From, &lane.Window.To)
		if !lane.Window.Empty() {
			covers[hunt].Lanes = append(covers[hunt].Lanes, lane)
		}
		return err
	}, `SELECT hunt_id, lane, report_from, watermark FROM checkpoint
		WHERE hunt_id IN(`+marks(len(names))+`) ORDER BY hunt_id, report_from, lane`, names...)
	for _, c := range covers {
		c.addUp()
	}
	return covers, err
}

// addUp works out what all lanes together have covered.
func (c *Coverage) addUp() {
	var spans, all []pipeline.Window
	for _, lane := range c.Lanes {
		all = append(all, lane.Window)
		if lane.Lane == jobs.Live {
			spans = append(spans, without(lane.Window, c.Gaps)...)
		} else {
			spans = append(spans, lane.Window)
		}
	}
	c.Covered = joined(spans)
	if all = joined(all); len(all) > 0 {
		c.Missing = between(pipeline.Window{From: all[0].From, To: all[len(all)-1].To}, c.Covered)
	}
	for i, g := range c.Gaps {
		c.Gaps[i].Closed = slices.ContainsFunc(c.Covered, func(w pipeline.Window) bool {
			return w.From <= g.Window.From && g.Window.To <= w.To
		})
	}
}

// joined are spans in order, those that touch or overlap made one.
func joined(spans []pipeline.Window) (all []pipeline.Window) {
	slices.SortFunc(spans, func(a, b pipeline.Window) int { return cmp.Compare(a.From, b.From) })
	for _, s := range spans {
		if last := len(all) - 1; last >= 0 && s.From <= all[last].To {
			all[last].To = max(all[last].To, s.To)
			continue
		}
		all = append(all, s)
	}
	return all
}

// between is what is left of a span without others, which are in order.
func between(w pipeline.Window, others []pipeline.Window) (rest []pipeline.Window) {
	for _, o := range others {
		before := pipeline.Window{From: w.From, To: min(o.From, w.To)}
		if !before.Empty() {
			rest = append(rest, before)
		}
		w.From = max(w.From, o.To)
	}
	if !w.Empty() {
		rest = append(rest, w)
	}
	return rest
}

// without is what is left of a span without its gaps, which are in order.
func without(w pipeline.Window, gaps []Gap) []pipeline.Window {
	spans := make([]pipeline.Window, len(gaps))
	for i, g := range gaps {
		spans[i] = g.Window
	}
	return between(w, spans)
}
