package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestParseInstant(t *testing.T) {
	now := time.Date(2026, 3, 18, 14, 45, 30, 500_000_000, time.UTC) // a Wednesday
	for _, test := range []struct{ in, want string }{
		{"0", "1970-01-01T00:00:00Z"},
		{"1767225600", "2026-01-01T00:00:00Z"},
		{"1767225600.25", "2026-01-01T00:00:00.25Z"},
		{"2147483647", "2038-01-19T03:14:07Z"},
		{"2026-01-01T02:00:00.000+02:00", "2026-01-01T00:00:00Z"},
		{"2026-01-01T00:00:00", "2026-01-01T00:00:00Z"},
		{"01/02/2026:03:04:05", "2026-01-02T03:04:05Z"},
		{"now", "2026-03-18T14:45:30.5Z"},
		{"-24h@h", "2026-03-17T14:00:00Z"},
		{"-15m", "2026-03-18T14:30:30.5Z"},
		{"-m@m", "2026-03-18T14:44:00Z"},
		{"@d", "2026-03-18T00:00:00Z"},
		{"-1d@d+2h", "2026-03-17T02:00:00Z"},
		{"@w0", "2026-03-15T00:00:00Z"},
		{"@w7", "2026-03-15T00:00:00Z"},
		{"@w1", "2026-03-16T00:00:00Z"},
		{"@w5", "2026-03-13T00:00:00Z"},
		{"-1mon@mon", "2026-02-01T00:00:00Z"},
		{"@q", "2026-01-01T00:00:00Z"},
		{"-1y@y", "2025-01-01T00:00:00Z"},
		{"+2hrs", "2026-03-18T16:45:30.5Z"},
	} {
		got, err := parseInstant(test.in, now)
		if err != nil || got.Format(time.RFC3339Nano) != test.want {
			t.Errorf("%s: %v %v, want %s", test.in, got.Format(time.RFC3339Nano), err, test.want)
		}
	}
	for _, in := range []string{"", "yesterday", "-", "-5x", "@", "@w8", "rt-5m", "-5", "1767225600s", "--1h"} {
		if got, err := parseInstant(in, now); err == nil {
			t.Errorf("%q: %v, want an error", in, got)
		}
	}
}

func TestGlobFind(t *testing.T) {
	for _, test := range []struct {
		glob, text string
		want       bool
	}{
		{"a", "a", true},
		{"a", "ab", false},
		{"a", "ba a", true},
		{"a*", "xa ab", true},
		{"a*c", "abc", true},
		{"a*c", "ab c", false},
		{"a*c", "abcd", false},
		{"a*b*c", "a.b.c", true},
		{"*b", "aab", true},
		{"*b*", "abc", true},
		{"*b c*", "ab cd", true},
		{"a b", "a b", true},
		{"-> x", "y-> x", true},
		{"é", "né", false},
		{"", "", true},
		{"aa", strings.Repeat("a", 1000), false},
	} {
		if got := newGlob(test.glob).find([]byte(test.text)); got != test.want {
			t.Errorf("%q in %.20q: %t, want %t", test.glob, test.text, got, test.want)
		}
	}
}
