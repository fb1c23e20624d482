package pipeline_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
)

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]float64{
		"0": 0, "42": 42, "-1.5": -1.5, "+7": 7, ".5": 0.5, "5.": 5, "1e3": 1000, "1E-2": 0.01, "007": 7,
		"12345678901234567890": 12345678901234567890, "1e-400": 0,
		strings.Repeat("9", 64): 1e64,
	} {
		if got, ok := pipeline.ParseNumber(in); !ok || got != want {
			t.Errorf("%s: %v, %t", in, got, ok)
		}
	}
	for _, in := range []string{
		"", " 1", "1 ", "1\n", "0x10", "0b1", "0o7", "1_000", "1p3", "NaN", "nan", "Inf", "+Inf", "-infinity", "1e400", "-1e400",
		"1,5", "1.2.3", "-", "+", ".", "e5", "1e", "--1", "10.0.0.1", "٣", strings.Repeat("9", 65), "1f",
	} {
		if got, ok := pipeline.ParseNumber(in); ok {
			t.Errorf("%q is the number %v", in, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	at := func(sec, nano int64) time.Time { return time.Unix(sec, nano).UTC() }
	for in, want := range map[string]time.Time{
		"0": at(0, 0), "1763890000": at(1763890000, 0), "1763890000.25": at(1763890000, 250e6), "1763890000.": at(1763890000, 0),
		"+5": at(5, 0), "-1": at(-1, 0), "-0.5": at(-1, 500e6), "-1.25": at(-2, 750e6), ".5": at(0, 500e6),
		"1.123456789": at(1, 123456789), "1.1234567899999": at(1, 123456789), "1.000000001": at(1, 1),
		"1.7e9": at(1700000000, 0), "17E8": at(1700000000, 0), "1.7000000005e9": at(1700000000, 500e6),
		"-62167219200": at(-62167219200, 0), "253402300799.999999999": at(253402300799, 999999999),
		"2014-06-28T07:00:55.724-07:00":   at(1403964055, 724e6),
		"2026-11-23T10:00:00Z":            at(1795428000, 0),
		"2026-11-23T10:00:00.000+00:00":   at(1795428000, 0),
		"2026-11-23T10:00:00.1234567Z":    at(1795428000, 123456700),
		"1969-12-31T23:59:59.5Z":          at(-1, 500e6),
		"2026-11-23T10:00:00.9999999999Z": at(1795428000, 999999999),
	} {
		if got, ok := pipeline.ParseTime(in); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %t, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "noon", " 1", "1 ", "1.2.3", "1.x", "0x10", "NaN", "1e400", "1e15", "-1e15", "9e18", "-9223372036854775808", "9223372036854775807",
		"99999999999999999999", "253402300800", "-62167219201", "1763890000000", "2026-11-23", "2026-11-23 10:00:00", "2026-13-23T10:00:00Z",
		"2026-11-23T10:00:00", "2026-11-23T25:00:00Z", "2026-11-23T10:00:00+0000", "1,5",
	} {
		if got, ok := pipeline.ParseTime(in); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func TestFormatEpoch(t *testing.T) {
	for want, at := range map[string]time.Time{
		"0": time.Unix(0, 0), "1763890000": time.Unix(1763890000, 0), "1763890000.25": time.Unix(1763890000, 250e6),
		"1763890000.000000001": time.Unix(1763890000, 1), "-1": time.Unix(-1, 0), "-0.5": time.Unix(-1, 500e6),
		"-1.25": time.Unix(-2, 750e6), "-0.000000001": time.Unix(-1, 999999999), "253402300799": time.Unix(253402300799, 0),
	} {
		if got := pipeline.FormatEpoch(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzTimes(f *testing.F) {
	for _, sec := range []int64{0, -1, 1763890000, 253402300799, -62167219200} {
		f.Add(sec, int64(500e6), "1763890000.5")
	}
	f.Add(int64(1), int64(1), "-0.000000001")
	f.Add(int64(1), int64(0), "1.7e9")
	f.Add(int64(1), int64(0), "2026-11-23T10:00:00.250+01:00")
	f.Fuzz(func(t *testing.T, sec, nano int64, text string) {
		at := time.Unix(sec%253402300800, nano%1e9)
		if at.Year() >= 0 {
			s := pipeline.FormatEpoch(at)
			if back, ok := pipeline.ParseTime(s); !ok || !back.Equal(at) {
				t.Fatalf("%d.%09d was written as %s and read as %v", at.Unix(), at.Nanosecond(), s, back)
			}
			want := float64(at.Unix()) + float64(at.Nanosecond())/1e9
			if n, err := strconv.ParseFloat(s, 64); err != nil || math.Abs(n-want) > 1e-3 || strings.ContainsAny(s, "eE") {
				t.Fatalf("%v was written as %s", at, s)
			}
		}
		if at, ok := pipeline.ParseTime(text); ok {
			s := pipeline.FormatEpoch(at)
			if back, ok := pipeline.ParseTime(s); !ok || !back.Equal(at) {
				t.Fatalf("%q was read as %v, which is written as %s and read as %v", text, at, s, back)
			}
		}
	})
}
