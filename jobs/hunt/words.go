package hunt

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/huntd/huntd/configs"
)

// starBit is how robfig/cron marks a field that leaves nothing out.
const starBit = 1 << 63

// fewTimes is how many times of day are spelled out one by one.
const fewTimes = 6

// Words says in English when the schedule fires. It is made of what was parsed
// and not of the line, so that it tells what will happen.
func (s Schedule) Words() string {
	switch c := s.Schedule.(type) {
	case cron.ConstantDelaySchedule:
		return fmt.Sprintf("every %s, counted from a fixed instant in UTC: neither a restart nor the time zone shifts it", configs.FormatDuration(c.Delay))
	case *cron.SpecSchedule:
		words := timesOfDay(c) + ", " + days(c)
		if months := values(c.Month, 1, 12); len(months) < 12 {
			words += ", in " + listed(months, func(m int) string { return time.Month(m).String() })
		}
		return words
	}
	return ""
}

// EitherDay reports whether both day of month and day of week are restricted,
// so that a day on which either matches is enough.
func (s Schedule) EitherDay() bool {
	c, ok := s.Schedule.(*cron.SpecSchedule)
	return ok && c.Dom&starBit == 0 && c.Dow&starBit == 0
}

func timesOfDay(c *cron.SpecSchedule) string {
	minutes, hours := values(c.Minute, 0, 59), values(c.Hour, 0, 23)
	if len(minutes)*len(hours) <= fewTimes {
		var times []string
		for _, h := range hours {
			for _, m := range minutes {
				times = append(times, fmt.Sprintf("%02d:%02d", h, m))
			}
		}
		return "at " + enumerated(times)
	}
	var words string
	whole := true // whether it can do without a word on hours
	switch step := minutes[min(1, len(minutes)-1)] - minutes[0]; {
	case len(minutes) == 60:
		words = "every minute"
	case step > 0 && len(minutes)*step == 60 && minutes[len(minutes)-1]-minutes[0] == 60-step && even(minutes, step):
		words = fmt.Sprintf("every %d minutes", step)
		if minutes[0] > 0 {
			words += fmt.Sprintf(" from minute %d on", minutes[0])
		}
	default:
		words, whole = "at minute "+listed(minutes, func(m int) string { return fmt.Sprint(m) }), false
	}
	switch {
	case len(hours) < 24:
		return words + " in the hours " + listed(hours, func(h int) string { return fmt.Sprintf("%02d", h) })
	case whole:
		return words
	}
	return words + " of every hour"
}

func even(sorted []int, step int) bool {
	for i := range sorted[1:] {
		if sorted[i+1]-sorted[i] != step {
			return false
		}
	}
	return true
}

func days(c *cron.SpecSchedule) string {
	dom, dow := values(c.Dom, 1, 31), values(c.Dow, 0, 6)
	month := "day " + listed(dom, func(d int) string { return fmt.Sprint(d) }) + " of the month"
	week := listed(dow, func(d int) string { return time.Weekday(d).String() })
	allMonth, allWeek := c.Dom&starBit != 0, c.Dow&starBit != 0
	switch {
	case allMonth && allWeek:
		return "every day"
	case allWeek:
		return "on " + month
	case allMonth:
		return "on " + week
	case len(dom) == 31 || len(dow) == 7:
		return fmt.Sprintf("on %s, and on every %s too: either is enough, which makes it every day", month, week)
	}
	return fmt.Sprintf("on %s, and on every %s too: either is enough", month, week)
}

// values are the numbers whose bits are set.
func values(bits uint64, from, to int) (set []int) {
	for v := from; v <= to; v++ {
		if bits&(1<<v) != 0 {
			set = append(set, v)
		}
	}
	return set
}

// listed writes values, three and more in a row as a range.
func listed(values []int, name func(int) string) string {
	var parts []string
	for i := 0; i < len(values); {
		j := i
		for j+1 < len(values) && values[j+1] == values[j]+1 {
			j++
		}
		if j-i >= 2 {
			parts = append(parts, name(values[i])+" to "+name(values[j]))
			i = j + 1
			continue
		}
		parts = append(parts, name(values[i]))
		i++
	}
	return enumerated(parts)
}

// enumerated writes a, b and c.
func enumerated(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
