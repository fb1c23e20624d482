package pipeline

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseNumber reads a decimal number such as "42", "-1.5" or "1e3". Splunk
// sends numbers as text; anything that is not wholly a finite number (hex,
// "NaN", surrounding blanks) is text.
func ParseNumber(s string) (float64, bool) {
	if n, ok := smallInteger(s); ok {
		return n, true
	}
	if s == "" || len(s) > 64 {
		return 0, false
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
	default:
		return 0, false
	}
	if strings.ContainsAny(s, "xXpP_nN") {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(n, 0) {
		return 0, false
	}
	return n, true
}

// smallInteger reads what most numbers are: digits, few enough to be exact.
func smallInteger(s string) (float64, bool) {
	if s == "" || len(s) > 15 {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int64(digit)
	}
	return float64(n), true
}

// splunkTime is how Splunk's REST results write _time.
const splunkTime = "2006-01-02T15:04:05.999999999Z07:00"

// The years that RFC 3339 can write, 0 to 9999, in epoch seconds. A number
// beyond them is no time, or one in milliseconds.
const (
	firstSecond = -62_167_219_200
	lastSecond  = 253_402_300_799
)

// ParseTime reads an instant as records bear it: epoch seconds with an
// optional fraction, or RFC 3339 as in Splunk's results. Digits beyond the
// nanosecond are cut, in exponent notation those beyond the microsecond are
// rounded.
func ParseTime(s string) (time.Time, bool) {
	if len(s) > 10 && s[4] == '-' && s[7] == '-' {
		t, err := time.Parse(splunkTime, s)
		return t.UTC(), err == nil
	}
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	nano, ok := fraction(frac)
	if err != nil || !ok {
		n, ok := ParseNumber(s) // 1.7e9 and the like
		if !ok || n < firstSecond || n > lastSecond {
			return time.Time{}, false
		}
		return time.UnixMicro(int64(math.Round(n * 1e6))).UTC(), true
	}
	if sec < firstSecond || sec > lastSecond {
		return time.Time{}, false
	}
	if strings.HasPrefix(whole, "-") {
		nano = -nano
	}
	return time.Unix(sec, nano).UTC(), true
}

func fraction(digits string) (nanos int64, ok bool) {
	scale := int64(100_000_000)
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		nanos += int64(c-'0') * scale
		scale /= 10
	}
	return nanos, true
}

// FormatEpoch writes an instant as epoch seconds, with as many decimals as it
// needs and never in exponent notation, which HEC refuses.
func FormatEpoch(t time.Time) string {
	sec, nano := t.Unix(), t.Nanosecond()
	if nano == 0 {
		return strconv.FormatInt(sec, 10)
	}
	if sec < 0 { // -1.25 is sec -2, nano 750 000 000
		sec, nano = sec+1, 1_000_000_000-nano
		s := strconv.FormatInt(sec, 10)
		if sec == 0 {
			s = "-0"
		}
		return s + "." + decimals(nano)
	}
	return strconv.FormatInt(sec, 10) + "." + decimals(nano)
}

func decimals(nano int) string {
	s := strconv.Itoa(1_000_000_000 + nano)[1:]
	return strings.TrimRight(s, "0")
}
