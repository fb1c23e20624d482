package jobs

import (
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// fewSlots is how many missed slots a forecast shows one by one.
const fewSlots = 20

// A Fire is what the planner will make of a slot.
type Fire struct {
	Slot  time.Time
	Start time.Time // when: the slot and the hunt's jitter, or at once
	// Gap is given up on, by catch_up skip.
	Gap pipeline.Window
	// Cuts are what is examined, none if nothing has become due.
	Cuts []Cut
	// Several says that this stands for further missed slots too, each with a run
	// of its own.
	Several bool
}

// A Cut is a span of time that is examined window by window.
type Cut struct {
	Span    pipeline.Window
	Windows int  // how many
	WarmUp  bool // whether it only warms up what the stages remember
}

// Forecast says what a hunt will do from now on, if every run succeeds: what is
// due at once, and at each of the next n fires. The error is the planner's.
func Forecast(h *hunt.Hunt, lane LaneState, now time.Time, n int) (due, next []Fire, err error) {
	lane.Open = false
	if due, err = planFires(h, &lane, now); err != nil {
		return nil, nil, err
	}
	slot := now.Add(-h.Jitter())
	for range n {
		if slot = h.Schedule.NextSlot(slot); slot.IsZero() {
			break
		}
		start := slot.Add(h.Jitter())
		dealt, err := planFires(h, &lane, start)
		if err != nil {
			return nil, nil, err
		}
		if len(dealt) == 0 {
			dealt = []Fire{{Slot: slot, Start: start}}
		}
		next = append(next, dealt...)
	}
	return due, next, nil
}

// planFires plans all that is due at a moment, and moves the lane as its runs would.
func planFires(h *hunt.Hunt, lane *LaneState, at time.Time) (fires []Fire, err error) {
	for begun := false; ; {
		in, due, err := intentOf(h, *lane, at)
		if err != nil || !due {
			return fires, err
		}
		fire := Fire{Slot: in.Slot, Start: at, Gap: in.Skip}
		if len(fires) == fewSlots {
			fire.Slot, fire.Several = h.Schedule.NewestSlot(at.Add(-h.Jitter())), true
		}
		moveLane(h, lane, in, &fire)
		if n := len(fires); n == 1 && begun {
			fires[0].extend(fire)
			continue
		}
		begun = in.Begin != nil
		fires = append(fires, fire)
	}
}

// extend adds what follows the first window of a new hunt, which alone does not
// heed the jitter.
func (f *Fire) extend(next Fire) {
	for _, c := range next.Cuts {
		if last := len(f.Cuts) - 1; last >= 0 && f.Cuts[last].WarmUp == c.WarmUp {
			f.Cuts[last].Span.To = c.Span.To
			f.Cuts[last].Windows += c.Windows
			continue
		}
		f.Cuts = append(f.Cuts, c)
	}
}

// moveLane moves the lane over a fire's windows.
func moveLane(h *hunt.Hunt, lane *LaneState, in Intent, fire *Fire) {
	if in.Begin != nil {
		*lane = LaneState{Known: true, Watermark: in.Begin.Watermark, ReportFrom: in.Begin.ReportFrom}
	}
	if !in.Skip.Empty() {
		lane.Watermark = in.Skip.To
	}
	if fire.Slot.After(lane.Slot) {
		lane.Slot = fire.Slot
	}
	lane.Failed = false
	end := h.WindowEnd(fire.Slot)
	if in.Begin != nil && in.Run != nil {
		end = in.Run.Window.To
	}
	if to := min(end, lane.ReportFrom); lane.Watermark < to {
		fire.Cuts = append(fire.Cuts, cutSpan(h, lane, to, true))
	}
	if lane.Watermark < end {
		fire.Cuts = append(fire.Cuts, cutSpan(h, lane, end, false))
	}
}

// cutSpan moves the lane over a span that [nextWindow] cuts into windows.
func cutSpan(h *hunt.Hunt, lane *LaneState, to int64, warmUp bool) Cut {
	span, longest := pipeline.Window{From: lane.Watermark, To: to}, int64(h.Window.Max/time.Second)
	lane.Watermark = to
	return Cut{Span: span, Windows: int((span.To - span.From + longest - 1) / longest), WarmUp: warmUp}
}
