package configs

import (
	"testing"
	"time"
)

func TestNearest(t *testing.T) {
	known := []string{"schedule", "source", "window", "pipeline", "findings", "deliver", "by", "lag", "first_seen", "description"}
	for word, want := range map[string]string{
		"shedule": "schedule", "schedlue": "schedule", "Schedule": "schedule", "scedul": "schedule",
		"sorce": "source", "lga": "lag", "lagg": "lag", "first-seen": "first_seen", "firstseen": "first_seen",
		"desc": "description", "finding": "findings", "BY": "by",
		"": "", "x": "", "bx": "", "completely": "", "lag_of_the_whole_thing": "", "window_function": "",
	} {
		got, ok := Nearest(word, known)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", word, got, ok, want)
		}
	}
	if got, ok := Nearest("fin", []string{"findings", "final"}); ok {
		t.Errorf("two words begin so, got %q", got)
	}
	if got, ok := Nearest("lag", nil); ok {
		t.Errorf("nothing known, got %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"ca", "abc", 3}, // two edits if a place might be edited twice
		{"kitten", "sitting", 3},
		{"é", "e", 1},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "7d": 168 * time.Hour, "2w": 336 * time.Hour,
		"1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour, "0s": 0, "-5s": -5 * time.Second, "250ms": 250 * time.Millisecond,
		"3µs": 3 * time.Microsecond, "3us": 3 * time.Microsecond, "4ns": 4, "106751d": 106751 * day,
	} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
		if back, err := ParseDuration(FormatDuration(want)); err != nil || back != want {
			t.Errorf("%s: written as %s, read as %s, %v", want, FormatDuration(want), back, err)
		}
	}
	for _, text := range []string{"", "90", "0", "s", "1 h", "1y", "1h-5m", "+5s", "106752d", "1e3s", "300y", "99999999999999999999d", "200000d200000d", "9999999999999999999h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %s", text, got)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", time.Hour: "1h", 90 * time.Minute: "1h30m", day: "24h", 2 * day: "2d",
		week: "7d", 36 * time.Hour: "36h", 10 * time.Minute: "10m", -time.Hour: "-1h", 1500 * time.Millisecond: "1.5s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
}
