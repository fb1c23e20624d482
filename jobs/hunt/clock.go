package hunt

import (
	"time"

	"github.com/robfig/cron/v3"
)

// A ClockChange is an instant at which the clocks of a schedule's time zone are
// set, and what that does to the schedule.
type ClockChange struct {
	At     time.Time // as the zone's clocks show it afterwards
	Before time.Time // the same instant, as they would have shown it
	// Missing are the times of day, by the clocks of before, at which the schedule
	// would fire and that do not exist.
	Missing []time.Time
	// Twice are the slots, of before, whose time of day comes again.
	Twice []time.Time
	// Last and Next are the slots around the change; zero if there is none.
	Last, Next time.Time
}

// Zone is the time zone that the schedule is read in.
func (s Schedule) Zone() *time.Location { return s.zone }

// ClockChanges returns when the clocks are set after from and up to until, in
// order, most of them at most.
func (s Schedule) ClockChanges(from, until time.Time, most int) (changes []ClockChange) {
	for at := from.In(s.zone); len(changes) < most; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(until) {
			break
		}
		at = end.In(s.zone)
		if shift := shiftAt(at); shift != 0 {
			changes = append(changes, s.clockChange(at, shift))
		}
	}
	return changes
}

// shiftAt is by how much the clocks are set forward at an instant.
func shiftAt(at time.Time) time.Duration {
	_, before := at.Add(-time.Second).Zone()
	_, after := at.Zone()
	return time.Duration(after-before) * time.Second
}

func (s Schedule) clockChange(at time.Time, shift time.Duration) ClockChange {
	_, offset := at.Add(-time.Second).Zone()
	old := time.FixedZone("", offset)
	c := ClockChange{At: at, Before: at.In(old)}
	if spec, ok := s.Schedule.(*cron.SpecSchedule); ok {
		if shift > 0 {
			unset := *spec // the same schedule, by clocks that are not set
			unset.Location = old
			c.Missing = slotsIn(Schedule{&unset, old}, at, shift)
		} else {
			c.Twice = s.twice(at, -shift)
		}
	}
	c.Last, c.Next = s.NewestSlot(at.Add(-time.Second)), s.NextSlot(at.Add(-time.Second))
	return c
}

// twice returns the slots less than span before at whose time of day fires again
// after it.
func (s Schedule) twice(at time.Time, span time.Duration) (twice []time.Time) {
	again := map[int64]bool{}
	for _, t := range slotsIn(s, at, span) {
		again[t.Add(-span).Unix()] = true // the clocks were set back by span
	}
	for _, t := range slotsIn(s, at.Add(-span), span) {
		if again[t.Unix()] {
			twice = append(twice, t)
		}
	}
	return twice
}

// slotsIn returns the slots in the span that begins at from.
func slotsIn(s Schedule, from time.Time, span time.Duration) (slots []time.Time) {
	for t := s.NextSlot(from.Add(-time.Second)); !t.IsZero() && t.Before(from.Add(span)); t = s.NextSlot(t) {
		slots = append(slots, t.In(s.zone))
	}
	return slots
}
