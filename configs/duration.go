package configs

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// durationPattern is what a duration looks like, also for the JSON Schema.
const durationPattern = `^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+$`

var (
	durationForm = regexp.MustCompile(durationPattern)
	durationPart = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w)`)
)

// ParseDuration reads a duration such as 90s, 1h30m, 7d or 2w: what
// [time.ParseDuration] reads, and days of 24 hours and weeks of 7 days. Each
// number has a unit, zero too.
func ParseDuration(s string) (time.Duration, error) {
	if !durationForm.MatchString(s) {
		return 0, fmt.Errorf("%s is no duration: write a number with a unit, such as 90s, 1h30m or 7d", quote(s))
	}
	var sum time.Duration
	for _, part := range durationPart.FindAllStringSubmatch(s, -1) {
		d, err := durationOf(part[1], part[2])
		if err != nil || sum > math.MaxInt64-d {
			return 0, fmt.Errorf("%s is too long a duration: the longest is about 292 years", quote(s))
		}
		sum += d
	}
	if strings.HasPrefix(s, "-") {
		sum = -sum
	}
	return sum, nil
}

// durationOf reads one number with its unit.
func durationOf(number, unit string) (time.Duration, error) {
	scale := map[string]time.Duration{"d": day, "w": week}[unit]
	if scale == 0 {
		return time.ParseDuration(number + unit)
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		if n > int64(math.MaxInt64/scale) {
			return 0, strconv.ErrRange
		}
		return time.Duration(n) * scale, nil
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, err
	}
	if f *= float64(scale); f >= math.MaxInt64 {
		return 0, strconv.ErrRange
	}
	return time.Duration(f), nil
}

// FormatDuration writes a duration as a person would: 90s becomes 1m30s, an
// hour 1h, two days and more whole days. [ParseDuration] reads it back.
func FormatDuration(d time.Duration) string {
	if d >= 2*day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
