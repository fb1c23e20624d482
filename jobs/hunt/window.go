package hunt

import (
	"time"

	"github.com/huntd/huntd/pipeline"
)

// WindowEnd returns where the windows of a slot end, in epoch seconds.
func (h *Hunt) WindowEnd(slot time.Time) int64 {
	return slot.Unix() - int64(h.Window.Lag/time.Second)
}

// LongestWindow returns the longest window in seconds, at a lane's pace.
func (h *Hunt) LongestWindow(pace int64) int64 {
	longest := int64(h.Window.Max / time.Second)
	if pace > 0 {
		return min(longest, pace)
	}
	return longest
}

// ManualWindow returns the window of a manual run for which none was given: as far
// back from now, less the lag, as a first run looks.
func (h *Hunt) ManualWindow(now time.Time) pipeline.Window {
	to := h.WindowEnd(now)
	return pipeline.Window{From: max(0, to-int64(h.Window.First/time.Second)), To: to}
}

// LookBack returns how much time before its first window a lane must have drawn
// through the pipeline for its answers to count; zero if no stage remembers.
func (h *Hunt) LookBack() time.Duration { return h.lookBack }

// lookBack returns how much time the steps must have seen for their answers to count.
func lookBack(steps []pipeline.Step) (longest time.Duration) {
	for _, step := range steps {
		if s, ok := step.Stage.(pipeline.Stateful); ok {
			longest = max(longest, s.LookBack())
		}
	}
	return longest
}

// WarmUp returns how much time a lane that carries nothing must see before it finds
// what one that was there all the time would: as long as a stage looks back, or
// a finding is withheld.
func (h *Hunt) WarmUp() time.Duration {
	longest := h.lookBack
	if h.Findings != nil && h.Findings.Suppress != nil {
		longest = max(longest, h.Findings.Suppress.For)
	}
	return longest
}
