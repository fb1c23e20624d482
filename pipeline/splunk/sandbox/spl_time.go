package sandbox

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

var errNoTime = errors.New("this is no time")

// The ways to write an instant other than epoch seconds and relative ones; the
// last is that of earliest= and latest= within a search.
var timeLayouts = [...]string{
	"2006-01-02T15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999-0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02",
	"01/02/2006:15:04:05",
}

// parseInstant reads a bound of a search's time: epoch seconds, a date, now, or
// a time relative to now such as -24h@h. Without a zone it is UTC.
func parseInstant(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if sec, ok := pipeline.ParseNumber(s); ok && !strings.HasPrefix(s, "+") && (!strings.HasPrefix(s, "-") || sec == 0) {
		if math.Abs(sec) > float64(farthest) {
			sec = float64(farthest)
		}
		if t, ok := pipeline.ParseTime(s); ok && t.Unix() < farthest {
			return t, nil
		}
		return time.Unix(int64(sec), 0).UTC(), nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return relative(s, now.UTC())
}

// relative reads now, -7d, -1h@h, @d+2h: steps and snaps, one behind another.
func relative(s string, t time.Time) (time.Time, error) {
	if s == "now" || s == "now()" {
		return t, nil
	}
	if s == "" {
		return t, errNoTime
	}
	for s != "" {
		sign := s[0]
		s = s[1:]
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		n := 1
		if digits > 0 && sign != '@' {
			var err error
			if n, err = strconv.Atoi(s[:digits]); err != nil || n > 1e7 {
				return t, errNoTime
			}
			s = s[digits:]
		}
		letters := strings.IndexAny(s, "+-@")
		if letters < 0 {
			letters = len(s)
		}
		unit := strings.ToLower(s[:letters])
		s = s[letters:]
		var ok bool
		switch sign {
		case '+', '-':
			if sign == '-' {
				n = -n
			}
			t, ok = stepTime(t, n, unit)
		case '@':
			t, ok = snapTime(t, unit)
		}
		if !ok {
			return t, errNoTime
		}
	}
	return t, nil
}

// timeUnit returns the letter that stands for a unit: s m h d w M q y.
func timeUnit(name string) byte {
	switch name {
	case "s", "sec", "secs", "second", "seconds":
		return 's'
	case "m", "min", "mins", "minute", "minutes":
		return 'm'
	case "h", "hr", "hrs", "hour", "hours":
		return 'h'
	case "d", "day", "days":
		return 'd'
	case "w", "week", "weeks":
		return 'w'
	case "mon", "month", "months":
		return 'M'
	case "q", "qtr", "qtrs", "quarter", "quarters":
		return 'q'
	case "y", "yr", "yrs", "year", "years":
		return 'y'
	}
	return 0
}

func stepTime(t time.Time, n int, unit string) (time.Time, bool) {
	switch timeUnit(unit) {
	case 's':
		return t.Add(time.Duration(n) * time.Second), true
	case 'm':
		return t.Add(time.Duration(n) * time.Minute), true
	case 'h':
		return t.Add(time.Duration(min(max(n, -1e6), 1e6)) * time.Hour), true
	case 'd':
		return t.AddDate(0, 0, min(max(n, -50000), 50000)), true
	case 'w':
		return t.AddDate(0, 0, min(max(n, -7000), 7000)*7), true
	case 'M':
		return t.AddDate(0, min(max(n, -1200), 1200), 0), true
	case 'q':
		return t.AddDate(0, min(max(n, -400), 400)*3, 0), true
	case 'y':
		return t.AddDate(min(max(n, -100), 100), 0, 0), true
	}
	return t, false
}

// snapTime goes back to where the unit that t is in began. w0 to w7 is a day
// of the week, Sunday being both w0 and w7.
func snapTime(t time.Time, unit string) (time.Time, bool) {
	y, m, d := t.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if len(unit) == 2 && unit[0] == 'w' && unit[1] >= '0' && unit[1] <= '7' {
		return day.AddDate(0, 0, -(int(t.Weekday())-int(unit[1]-'0')+7)%7), true
	}
	switch timeUnit(unit) {
	case 's':
		return t.Truncate(time.Second), true
	case 'm':
		return t.Truncate(time.Minute), true
	case 'h':
		return t.Truncate(time.Hour), true
	case 'd':
		return day, true
	case 'w':
		return day.AddDate(0, 0, -int(t.Weekday())), true
	case 'M':
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), true
	case 'q':
		return time.Date(y, m-(m-1)%3, 1, 0, 0, 0, 0, time.UTC), true
	case 'y':
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), true
	}
	return t, false
}
