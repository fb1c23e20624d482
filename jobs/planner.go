package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// ErrSuperseded says that somebody else has taken the run over in the meantime.
var ErrSuperseded = errors.New("the run was taken over")

// ErrWatermark says that a lane's watermark does not stand where a run's window
// begins.
var ErrWatermark = errors.New("the watermark stands elsewhere")

// Plan queues the next piece of work on the live lanes of hunts, where any is
// due at now, and returns how many it queued. It may be called at any time, by
// anyone, for any number of hunts: it is one transaction. A watermark that is
// still to come is an error, beside which the other hunts are planned: the clock
// was set back, and the hunt waits until it has caught up.
func Plan(ctx context.Context, l PlanLedger, hunts []*hunt.Hunt, now time.Time) (int, error) {
	names := make([]string, len(hunts))
	for i, h := range hunts {
		names[i] = h.Name
	}
	lanes, err := l.Lanes(ctx, names, now)
	if err != nil {
		return 0, err
	}
	var intents []Intent
	var errs []error
	for _, h := range hunts {
		in, due, err := intentOf(h, lanes[h.Name], now)
		if errs = append(errs, err); due {
			intents = append(intents, in)
		}
	}
	if len(intents) == 0 {
		return 0, errors.Join(errs...)
	}
	queued, err := l.Plan(ctx, intents, now)
	return queued, errors.Join(append(errs, err)...)
}

// intentOf says what is to be done on a hunt's live lane at now, false if nothing
// is.
func intentOf(h *hunt.Hunt, lane LaneState, now time.Time) (in Intent, due bool, err error) {
	if !lane.Known {
		return firstIntent(h, now)
	}
	if lane.Open || lane.Paused {
		return in, false, nil // the end of either plans anew
	}
	if lane.Watermark > now.Unix() {
		return in, false, fmt.Errorf("hunt %s is covered until %s, which is still to come: the clock was set back, and the hunt waits",
			h.Name, time.Unix(lane.Watermark, 0).UTC().Format(time.RFC3339))
	}
	slot, skip := nextSlot(h, lane, now)
	if slot.IsZero() || lane.Failed && !slot.After(lane.Slot) {
		return in, false, nil // what failed for good in a slot is not tried again in it
	}
	in = Intent{Hunt: h.Name, Slot: slot}
	if skip > lane.Watermark {
		in.Skip, in.SkipReason = pipeline.Window{From: lane.Watermark, To: skip}, "missed while huntd was down or busy; catch_up is skip"
		lane.Watermark = skip
	}
	// The slot is the clock's even if the ledger knows a later one, from before
	// the clock was set back: no window may end beyond now.
	w := nextWindow(h, lane, slot)
	if w.Empty() {
		return in, slot.After(lane.Slot) || !in.Skip.Empty(), nil
	}
	run := NewRun(h, Live, slot, w)
	in.Run = &run
	return in, true, nil
}

// firstIntent is the first window of a hunt that the ledger does not know: it is
// due at once, in the newest slot that is past.
func firstIntent(h *hunt.Hunt, now time.Time) (in Intent, due bool, err error) {
	slot := h.Schedule.NewestSlot(now)
	if slot.IsZero() {
		return in, false, nil
	}
	report := max(0, h.WindowEnd(slot)-int64(h.Window.First/time.Second))
	in = Intent{Hunt: h.Name, Slot: slot, Begin: &Beginning{
		Watermark: max(0, report-int64(h.LookBack()/time.Second)), ReportFrom: report,
	}}
	if w := nextWindow(h, LaneState{Watermark: in.Begin.Watermark, ReportFrom: report}, slot); !w.Empty() {
		run := NewRun(h, Live, slot, w)
		in.Run = &run
	}
	return in, true, nil
}

// nextSlot is the slot that a lane is to be examined up to, zero if none is
// due. Where windows were missed and are to be skipped, the time from the
// watermark to skip is given up on.
func nextSlot(h *hunt.Hunt, lane LaneState, now time.Time) (slot time.Time, skip int64) {
	now = now.Add(-h.Jitter())
	newest := h.Schedule.NewestSlot(now)
	if newest.IsZero() || lane.Watermark >= h.WindowEnd(newest) && !newest.After(lane.Slot) {
		return time.Time{}, 0
	}
	switch h.Spec.Schedule.CatchUp {
	case hunt.CatchUpEach:
		return eachSlot(h, lane, newest), 0
	case hunt.CatchUpSkip:
		if before, missed := h.Schedule.SlotsBack(newest, 1, lane.Slot); missed {
			return newest, h.WindowEnd(before)
		}
	}
	return newest, 0
}

// eachSlot is the first slot that ends a window behind the watermark; of more
// than max_catch_up that were missed, the oldest become one.
func eachSlot(h *hunt.Hunt, lane LaneState, newest time.Time) time.Time {
	first := lane.Slot
	if oldest, more := h.Schedule.SlotsBack(newest, h.Spec.Schedule.MaxCatchUp, first); more {
		first = oldest
	}
	if lane.Failed && first.Equal(lane.Slot) {
		first = h.Schedule.NextSlot(first)
	}
	for h.WindowEnd(first) <= lane.Watermark && first.Before(newest) {
		first = h.Schedule.NextSlot(first)
	}
	if first.After(newest) {
		return newest // the clock was set back
	}
	return first
}

// NewRun returns a run that is not queued yet.
func NewRun(h *hunt.Hunt, lane Lane, slot time.Time, w pipeline.Window) Run {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // unreachable: the system's random source does not fail
	}
	return Run{
		ID: id.String(), Hunt: h.Name, Lane: lane, Connection: h.Source.Connection, Slot: slot, Window: w,
		SpecHash: h.SpecHash, State: Queued,
	}
}

// nextWindow is the first piece of what lies between the watermark and the
// slot's end. A window that warms up and one that is reported are never one.
func nextWindow(h *hunt.Hunt, lane LaneState, slot time.Time) pipeline.Window {
	w := pipeline.Window{From: lane.Watermark, To: h.WindowEnd(slot)}
	if lane.Watermark < lane.ReportFrom {
		w.To = min(w.To, lane.ReportFrom)
	}
	w.To = min(w.To, w.From+h.LongestWindow(lane.Pace))
	return w
}

// Covered reports whether a hunt's live lane has been examined up to the newest
// slot, so that nothing is due.
func Covered(ctx context.Context, l PlanLedger, h *hunt.Hunt, now time.Time) (bool, error) {
	lanes, err := l.Lanes(ctx, []string{h.Name}, now)
	lane := lanes[h.Name]
	if err != nil || !lane.Known || lane.Open {
		return false, err
	}
	return lane.Watermark >= h.WindowEnd(h.Schedule.NewestSlot(now.Add(-h.Jitter()))), nil
}
