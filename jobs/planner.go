package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/huntd/huntd/pipeline"
)

// ErrSuperseded says that somebody else has taken the run over in the meantime.
var ErrSuperseded = errors.New("the run was taken over")

// ErrWatermark says that a lane's watermark does not stand where a run's window
// begins.
var ErrWatermark = errors.New("the watermark stands elsewhere")

// Plan queues the next piece of work on a hunt's live lane, if any is due at
// now, and reports whether it did. It may be called at any time, by anyone. A
// watermark that is still to come is an error: the clock was set back, and the
// hunt waits until it has caught up.
func Plan(ctx context.Context, l PlanLedger, h *Hunt, now time.Time) (bool, error) {
	slot := h.Schedule.NewestSlot(now)
	if slot.IsZero() {
		return false, nil
	}
	lane, err := l.Lane(ctx, h.Name, Live)
	if err != nil {
		return false, err
	}
	if !lane.Known {
		start := max(0, windowEnd(h, slot)-int64(h.Window.First/time.Second))
		if err := l.Begin(ctx, h.Name, slot, start, now); err != nil {
			return false, fmt.Errorf("begin hunt %s: %w", h.Name, err)
		}
		if lane, err = l.Lane(ctx, h.Name, Live); err != nil {
			return false, err
		}
	}
	if lane.Open {
		return false, nil // its end plans anew
	}
	if lane.Watermark > now.Unix() {
		return false, fmt.Errorf("hunt %s is covered until %s, which is still to come: the clock was set back, and the hunt waits",
			h.Name, time.Unix(lane.Watermark, 0).UTC().Format(time.RFC3339))
	}
	// The slot is the clock's even if the ledger knows a later one, from before
	// the clock was set back: no window may end beyond now.
	w := nextWindow(h, lane.Watermark, slot)
	if w.Empty() {
		if slot.After(lane.Slot) {
			return false, l.Advance(ctx, h.Name, slot, now)
		}
		return false, nil
	}
	return l.Plan(ctx, NewRun(h, Live, slot, w), now)
}

// NewRun returns a run that is not queued yet.
func NewRun(h *Hunt, lane string, slot time.Time, w pipeline.Window) Run {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // unreachable: the system's random source does not fail
	}
	return Run{ID: id.String(), Hunt: h.Name, Lane: lane, Slot: slot, Window: w, SpecHash: h.SpecHash, State: Queued}
}

// windowEnd is where the windows of a slot end.
func windowEnd(h *Hunt, slot time.Time) int64 {
	return slot.Unix() - int64(h.Window.Lag/time.Second)
}

// nextWindow is the first piece of what lies between the watermark and the
// slot's end.
func nextWindow(h *Hunt, watermark int64, slot time.Time) pipeline.Window {
	w := pipeline.Window{From: watermark, To: windowEnd(h, slot)}
	if longest := int64(h.Window.Max / time.Second); w.To-w.From > longest {
		w.To = w.From + longest
	}
	return w
}

// ManualWindow is the window of a run by hand for which none was given: as far
// back from now, less the lag, as a first run looks.
func ManualWindow(h *Hunt, now time.Time) pipeline.Window {
	to := windowEnd(h, now)
	return pipeline.Window{From: max(0, to-int64(h.Window.First/time.Second)), To: to}
}

// Covered reports whether a hunt's live lane has been examined up to the newest
// slot, so that nothing is due.
func Covered(ctx context.Context, l PlanLedger, h *Hunt, now time.Time) (bool, error) {
	lane, err := l.Lane(ctx, h.Name, Live)
	if err != nil || !lane.Known || lane.Open {
		return false, err
	}
	return nextWindow(h, lane.Watermark, h.Schedule.NewestSlot(now)).Empty(), nil
}
