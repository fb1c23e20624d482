package control

import (
	"context"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// A PlanLedger queues windows, and knows which clocks differ.
type PlanLedger interface {
	jobs.PlanLedger
	jobs.BackfillLedger
	DaemonLedger
	// ClockOffset returns by how much the database's clock is ahead of this host's,
	// give or take bound.
	ClockOffset(ctx context.Context) (offset, bound time.Duration, err error)
}

// planHunts queues what is due of hunts, so that a daemon at work need not look first.
func planHunts(ctx context.Context, l PlanLedger, s Setup, hunts []*hunt.Hunt) error {
	hunts, err := selectPlannable(ctx, l, s, hunts)
	if err != nil || len(hunts) == 0 {
		return err
	}
	now := time.Now()
	if _, err := jobs.Plan(ctx, l, hunts, now); err != nil {
		return err
	}
	named := map[string]*hunt.Hunt{}
	for _, h := range hunts {
		named[h.Name] = h
	}
	return jobs.PlanBackfills(ctx, l, named, now)
}

// selectPlannable returns those of hunts whose windows may be cut here: this host's clock
// agrees with the database's, and no daemon has found another to differ. The others
// are left to the daemons.
func selectPlannable(ctx context.Context, l PlanLedger, s Setup, hunts []*hunt.Hunt) (may []*hunt.Hunt, err error) {
	offset, bound, err := l.ClockOffset(ctx)
	if err != nil || offset.Abs()-bound > s.ClockSkew {
		return nil, err
	}
	daemons, err := l.Daemons(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	for _, h := range hunts {
		if !slices.ContainsFunc(daemons, func(d state.Daemon) bool { return d.SkewFor(h.Source.Connection) != nil }) {
			may = append(may, h)
		}
	}
	return may, nil
}

// A SkipLedger gives up on time of a hunt.
type SkipLedger interface {
	PlanLedger
	Skip(ctx context.Context, hunt string, to int64, reason string, now time.Time) (pipeline.Window, error)
}

// SkipTime gives up on the time between a hunt's watermark and to, and plans what has
// become due behind it. It returns the gap, also where that could not be planned;
// the gap is empty if there is none.
func SkipTime(ctx context.Context, l SkipLedger, s Setup, h *hunt.Hunt, to int64, reason string) (gap pipeline.Window, err error) {
	now := time.Now()
	if to > now.Unix() {
		return gap, inputErrorf("--to lies in the future: there is nothing to give up on yet")
	}
	gap, err = l.Skip(ctx, h.Name, to, reason, now)
	if err != nil {
		return pipeline.Window{}, err
	}
	return gap, planHunts(ctx, l, s, []*hunt.Hunt{h})
}
