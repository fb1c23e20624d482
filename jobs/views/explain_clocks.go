package views

import (
	"fmt"
	"strings"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
)

// newClockChange returns what a change of the clocks does to a schedule.
func newClockChange(s hunt.Schedule, c hunt.ClockChange) ClockChange {
	zone := s.Zone()
	r := ClockChange{
		At: FormatInstant(c.At), Before: c.Before.Format(time.RFC3339), After: c.At.Format(time.RFC3339), Missing: []string{}, Twice: []string{},
	}
	for _, t := range c.Missing {
		r.Missing = append(r.Missing, formatTimeOfDay(t))
	}
	for _, t := range c.Twice {
		r.Twice = append(r.Twice, formatTimeOfDay(t))
	}
	var effects []string
	switch {
	case len(c.Missing) > 0:
		effects = append(effects, describeMissing(c))
	case len(c.Twice) > 1:
		effects = append(effects, fmt.Sprintf("%s, %s to %s, come twice and fire twice", FormatCount(len(c.Twice), "slot"), r.Twice[0], r.Twice[len(r.Twice)-1]))
	case len(c.Twice) == 1:
		effects = append(effects, r.Twice[0]+" comes twice and fires twice")
	default:
		effects = append(effects, "no slot is lost or comes twice")
	}
	if !c.Last.IsZero() && !c.Next.IsZero() {
		r.Last, r.Next = formatLocal(c.Last, zone), formatLocal(c.Next, zone)
		effects = append(effects, fmt.Sprintf("the slots around it, %s and %s, are %s apart", r.Last, r.Next, configs.FormatDuration(c.Next.Sub(c.Last))))
	}
	r.Effect = strings.Join(effects, "; ")
	return r
}

// describeMissing says which times of day do not exist.
func describeMissing(c hunt.ClockChange) string {
	first, last := formatTimeOfDay(c.Missing[0]), formatTimeOfDay(c.Missing[len(c.Missing)-1])
	if len(c.Missing) == 1 {
		return first + " does not exist and is passed over"
	}
	return fmt.Sprintf("%s, %s to %s, do not exist and are passed over", FormatCount(len(c.Missing), "slot"), first, last)
}

// describeSlot says what the clocks have to do with a slot, "" for nothing.
func describeSlot(s hunt.Schedule, before, slot time.Time) string {
	if before.IsZero() {
		return ""
	}
	// A time of day that has come before the change comes again after it; no
	// clocks are set by more than a day.
	for _, c := range s.ClockChanges(before.AddDate(0, 0, -2), slot.AddDate(0, 0, 2), MaxFires) {
		inBetween := c.At.After(before) && !c.At.After(slot)
		for _, t := range c.Twice {
			switch {
			case t.Equal(slot):
				return formatTimeOfDay(t) + " comes twice: the first"
			case slot.Equal(t.Add(backwardStep(c))):
				return formatTimeOfDay(t) + " comes twice: the second"
			}
		}
		if inBetween && len(c.Missing) > 0 {
			return describeMissing(c) + " on " + c.Before.Format(time.DateOnly)
		}
	}
	return ""
}

// backwardStep is by how much the clocks are set back.
func backwardStep(c hunt.ClockChange) time.Duration {
	_, before := c.Before.Zone()
	_, after := c.At.Zone()
	return time.Duration(before-after) * time.Second
}

func formatLocal(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }

func formatTimeOfDay(t time.Time) string {
	if t.Second() != 0 {
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}
