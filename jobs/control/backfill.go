package control

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// tellPause is the least time between two reports on a backfill.
const tellPause = 2 * time.Second

// A BackfillLedger queues backfills, and tells what becomes of them.
type BackfillLedger interface {
	jobs.BackfillLedger
	DaemonLedger
	Backfill(ctx context.Context, id string) (jobs.Backfill, error)
	BackfillView(ctx context.Context, id string) (state.BackfillView, error)
	// Backfills returns the backfills of a hunt, newest first.
	Backfills(ctx context.Context, hunt string) ([]state.BackfillView, error)
	// StartBackfill refuses a backfill that overlaps with another of its hunt.
	StartBackfill(ctx context.Context, b jobs.Backfill, now time.Time) error
	ResumeBackfill(ctx context.Context, id string, now time.Time) error
}

// NewBackfill returns a backfill that no ledger knows yet. It refuses time that is
// the live lane's.
func NewBackfill(h *hunt.Hunt, w pipeline.Window, warmUp bool, now time.Time) (b jobs.Backfill, err error) {
	if latest := now.Add(-h.Window.Lag).UTC(); w.To > latest.Unix() {
		return b, inputErrorf("--to lies behind %s, which is now less the hunt's lag: that time is the live lane's", latest.Format(time.RFC3339))
	}
	return jobs.NewBackfill(h, uuid.NewString()[:8], w, warmUp), nil
}

// BeginBackfill makes a backfill known, or returns the one over the same window that
// was begun before and is not over, or has events that are still to be sent. What
// another process begins at this moment is found the second time.
func BeginBackfill(ctx context.Context, l BackfillLedger, b jobs.Backfill) (jobs.Backfill, error) {
	for again := false; ; again = true {
		views, err := l.Backfills(ctx, b.Hunt)
		if err != nil {
			return b, err
		}
		for _, v := range views {
			switch {
			case v.Window != b.Window:
			case v.State == jobs.BackfillFailed:
				return v.Backfill, l.ResumeBackfill(ctx, v.ID, time.Now())
			case v.State == jobs.BackfillActive, v.State == jobs.BackfillDone && v.Pending > 0:
				return v.Backfill, nil
			}
		}
		if err = l.StartBackfill(ctx, b, time.Now()); err == nil || again {
			return b, err
		}
	}
}

// HandOverBackfill begins a backfill of a hunt, and leaves it to a daemon.
func HandOverBackfill(ctx context.Context, l BackfillLedger, h *hunt.Hunt, b jobs.Backfill) (v state.BackfillView, err error) {
	if b, err = BeginBackfill(ctx, l, b); err != nil {
		return v, err
	}
	if err := jobs.PlanBackfills(ctx, l, map[string]*hunt.Hunt{h.Name: h}, time.Now()); err != nil {
		return v, err
	}
	return l.BackfillView(ctx, b.ID)
}

// FollowBackfill waits until a daemon has done a backfill and, for as long as wait
// says, until its events are confirmed or put aside. Now and then it calls tell with
// what is done. It returns the backfill as it was seen last, also beside an error.
func FollowBackfill(ctx context.Context, l BackfillLedger, v state.BackfillView, wait time.Duration, tell func(state.BackfillView)) (state.BackfillView, error) {
	last, done := time.Now(), time.Time{}
	err := followDaemon(ctx, l, func() (bool, error) {
		b, err := l.Backfill(ctx, v.ID)
		going := b.State == jobs.BackfillActive || b.State == jobs.BackfillPaused
		if err != nil || going && time.Since(last) < tellPause {
			return err != nil, err
		}
		seen, err := l.BackfillView(ctx, v.ID)
		if err != nil {
			return true, err
		}
		switch v = seen; v.State {
		case jobs.BackfillDone:
			if done.IsZero() {
				done = time.Now()
			}
			return isDelivered(v.Pending, done, wait)
		case jobs.BackfillFailed, jobs.BackfillCancelled:
			return true, v.StopError()
		}
		tell(v)
		last = time.Now()
		return false, nil
	})
	return v, err
}
