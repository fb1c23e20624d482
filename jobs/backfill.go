package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// The states of a backfill.
const (
	BackfillActive    = "active"
	BackfillPaused    = "paused"
	BackfillDone      = "done"
	BackfillFailed    = "failed"
	BackfillCancelled = "cancelled"
)

// A Backfill examines time that lies before a hunt, or that it has a gap in,
// on a lane of its own.
type Backfill struct {
	ID     string
	Hunt   string
	Window pipeline.Window // what is reported on
	// WarmFrom is where its lane begins: from there to the window, stages and
	// suppression only remember.
	WarmFrom  int64
	Watermark int64
	Pace      int64 // see [LaneState]
	State     string
	Reason    string
	Open      bool // a run is queued, running or waiting to be retried
}

// NewBackfill returns a backfill that the ledger does not know yet. It warms up
// over what the hunt's stages and its suppression remember, so that it finds
// what a live run over the same windows would have found. One thing can differ:
// where findings of a key come one after the other with no pause as long as
// suppress.for, which of them is the first, and so reported, depends on where the
// lane began.
func NewBackfill(h *hunt.Hunt, id string, w pipeline.Window, warmUp bool) Backfill {
	b := Backfill{ID: id, Hunt: h.Name, Window: w, WarmFrom: w.From, State: BackfillActive}
	if warmUp {
		b.WarmFrom = max(0, w.From-int64(h.WarmUp()/time.Second))
	}
	b.Watermark = b.WarmFrom
	return b
}

// Next is the backfill's next window, cut where the live lane would cut it:
// at the hunt's slots, less the lag. It is empty at the end.
func (b Backfill) Next(h *hunt.Hunt) (pipeline.Window, time.Time) {
	w := pipeline.Window{From: b.Watermark, To: b.Window.To}
	lag := int64(h.Window.Lag / time.Second)
	slot := h.Schedule.NextSlot(time.Unix(b.Watermark+lag, 0))
	if !slot.IsZero() {
		w.To = min(w.To, h.WindowEnd(slot))
	}
	if b.Watermark < b.Window.From {
		w.To = min(w.To, b.Window.From)
	}
	w.To = min(w.To, w.From+h.LongestWindow(b.Pace))
	return w, slot
}

// StopError says that the backfill does not go on, and why.
func (b Backfill) StopError() error {
	return fmt.Errorf("backfill:%s is %s: %s", b.ID, b.State, b.Reason)
}

// A BackfillLedger is what planning backfills needs of the ledger.
type BackfillLedger interface {
	// ActiveBackfills returns the backfills that are to go on at now; those of
	// paused hunts are not among them.
	ActiveBackfills(ctx context.Context, now time.Time) ([]Backfill, error)
	// PlanBackfill queues the next run of a backfill as [PlanLedger] does.
	PlanBackfill(ctx context.Context, r Run, now time.Time) (bool, error)
	// EndBackfill closes a backfill whose last window is done.
	EndBackfill(ctx context.Context, id string, now time.Time) error
}

// PlanBackfills queues the next window of each active backfill of the hunts that
// has none under way.
func PlanBackfills(ctx context.Context, l BackfillLedger, hunts map[string]*hunt.Hunt, now time.Time) error {
	active, err := l.ActiveBackfills(ctx, now)
	if err != nil {
		return err
	}
	for _, b := range active {
		h := hunts[b.Hunt]
		if h == nil || b.Open {
			continue
		}
		if err := planBackfill(ctx, l, h, b, now); err != nil {
			return fmt.Errorf("backfill %s: %w", b.ID, err)
		}
	}
	return nil
}

func planBackfill(ctx context.Context, l BackfillLedger, h *hunt.Hunt, b Backfill, now time.Time) error {
	w, slot := b.Next(h)
	if w.Empty() {
		return l.EndBackfill(ctx, b.ID, now)
	}
	_, err := l.PlanBackfill(ctx, NewRun(h, BackfillLane(b.ID), slot, w), now)
	return err
}
