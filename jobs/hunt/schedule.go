package hunt

import (
	"fmt"
	"time"
	_ "time/tzdata" // hosts without a zone database read schedules the same way

	"github.com/robfig/cron/v3"
)

// minEvery is the shortest @every: cron's own floor is a second, which is a
// typing mistake in a hunt.
const minEvery = time.Minute

// A Schedule is a parsed cron line in its time zone. Its slots are whole
// seconds. Where the clocks are set, robfig/cron passes over a time of day that
// does not exist and fires twice at one that exists twice; the windows tile all
// the same, for they are cut from the watermark on.
type Schedule struct {
	cron.Schedule

	zone *time.Location
}

// ParseSchedule reads a cron line of five fields, or @hourly and its kin, or
// @every of a minute or more. What never fires, or would fire other than it
// reads, is refused with the reason; robfig/cron itself takes several such
// lines, and panics on some.
func ParseSchedule(line, timezone string) (s Schedule, err error) {
	if timezone == "" {
		timezone = "UTC"
	}
	zone, err := time.LoadLocation(timezone)
	if err != nil || timezone == "Local" {
		return s, fmt.Errorf("no time zone %q: write one of the IANA database such as Europe/Berlin", timezone)
	}
	s.Schedule, err = parseLine(line, zone)
	if err == nil && s.Next(time.Now()).IsZero() {
		err = fmt.Errorf("cron line %q never fires: there is no such day", line)
	}
	if err != nil {
		return Schedule{}, err
	}
	s.zone = zone
	return s, nil
}

// NewestSlot returns the newest instant at or before now at which the schedule
// fires, zero if it has not fired within seven years.
func (s Schedule) NewestSlot(now time.Time) time.Time {
	if every, ok := s.Schedule.(cron.ConstantDelaySchedule); ok {
		// @every has no anchor of its own: count from the year 1 in UTC, as
		// Truncate does, so that a restart does not shift it.
		return now.Truncate(every.Delay)
	}
	for back := time.Hour; back < 10*366*24*time.Hour; back *= 4 {
		var newest time.Time
		for t := s.Next(now.Add(-back)); !t.IsZero() && !t.After(now); t = s.Next(t) {
			newest = t
		}
		if !newest.IsZero() {
			return newest
		}
	}
	return time.Time{}
}

// NextSlot returns the first instant after t at which the schedule fires.
func (s Schedule) NextSlot(t time.Time) time.Time {
	if every, ok := s.Schedule.(cron.ConstantDelaySchedule); ok {
		return t.Truncate(every.Delay).Add(every.Delay)
	}
	return s.Next(t)
}

// SlotsBack returns the n-th slot before one, false if that is not later than after.
func (s Schedule) SlotsBack(slot time.Time, n int, after time.Time) (time.Time, bool) {
	for back := time.Hour; back < 40*366*24*time.Hour; back *= 4 {
		before := slotsIn(s, slot.Add(-back), back)
		if len(before) >= n {
			nth := before[len(before)-n]
			return nth, nth.After(after)
		}
		if !slot.Add(-back).After(after) {
			break
		}
	}
	return time.Time{}, false
}
