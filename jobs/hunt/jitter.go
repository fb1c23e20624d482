package hunt

import (
	"hash/fnv"
	"time"
)

const (
	longestJitter = 5 * time.Minute
	jitterShare   = 10 // of the time between slots, a tenth
)

// Jitter is how much later than its slots the hunt starts: always the same, and
// another for each name.
func (h *Hunt) Jitter() time.Duration { return h.jitter }

func (h *Hunt) fixedJitter() time.Duration {
	most := min(h.period()/jitterShare, longestJitter)
	if j := h.Spec.Schedule.Jitter; j != nil {
		most = *j
	}
	if most <= 0 {
		return 0
	}
	sum := fnv.New64a()
	sum.Write([]byte(h.Name))
	return time.Duration(sum.Sum64()%uint64(most/time.Millisecond+1)) * time.Millisecond
}

// period is the shortest of some spans between slots that follow each other.
func (h *Hunt) period() time.Duration {
	const looks = 50
	shortest := longestJitter * jitterShare
	at := h.Schedule.NextSlot(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)) // any day: the answer must not depend on it
	for range looks {
		next := h.Schedule.NextSlot(at)
		if next.IsZero() {
			break
		}
		shortest, at = min(shortest, next.Sub(at)), next
	}
	return shortest
}
