package hunt

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseScheduleRefuses(t *testing.T) {
	for _, tt := range []struct{ line, zone, want string }{
		{"TZ=UTC", "", "a key of its own, timezone"},
		{"CRON_TZ=UTC", "", "a key of its own, timezone"},
		{"CRON_TZ=", "", "a key of its own, timezone"},
		{"TZ= * * * * *", "", "a key of its own, timezone"},
		{"CRON_TZ=Europe/Berlin 0 5 * * *", "", "a key of its own, timezone"},
		{"0 0 30 2 *", "", "never fires"},
		{"0 0 31 4 *", "", "never fires"},
		{"0 0 31 4,6,9,11 *", "", "never fires"},
		{", * * * *", "", "empty part"},
		{"1,,2 * * * *", "", "empty part"},
		{"@every 0s", "", "a minute or more"},
		{"@every -1h", "", "a minute or more"},
		{"@every 1ms", "", "a minute or more"},
		{"@every 59s", "", "a minute or more"},
		{"@every 90.5s", "", "whole seconds"},
		{"@every", "", "such as @every 15m"},
		{"@every soon", "", "such as @every 15m"},
		{"@reboot", "", "@hourly or @every"},
		{"@Hourly", "", "@hourly or @every"},
		{"@daily 5", "", "@hourly or @every"},
		{"*/61 * * * *", "", "steps by 61 of 60"},
		{"*/60 * * * *", "", "fire at the first only"},
		{"*/99999999999 * * * *", "", "fire at the first only"},
		{"*/99999999999999999999999 * * * *", "", "minute"},
		{"0 */24 * * *", "", "fire at the first only"},
		{"*/0 * * * *", "", "minute"},
		{"50/15 * * * *", "", "would fire at the first only"},
		{"10-15/6 * * * *", "", "would fire at the first only"},
		{"0 0 * * SAT/2", "", "would fire at the first only"},
		{"* * * * 7", "", "Sunday is 0, not 7"},
		{"* * * * FRI-SUN", "", "do not wrap around"},
		{"* * * * 1-7", "", "Sunday is 0, not 7"},
		{"* * * * FRI-MON", "", "do not wrap around"},
		{"50-10 * * * *", "", "do not wrap around"},
		{"* * L * *", "", "day of month \"L\": it takes 1 to 31"},
		{"* * 15W * *", "", "day of month"},
		{"* * * * MON#2", "", "day of week"},
		{"* * * * 5L", "", "day of week"},
		{"H/5 * * * *", "", "minute"},
		{"H * * * *", "", "minute \"H\": it takes 0 to 59"},
		{"60 * * * *", "", "0 to 59"},
		{"* 24 * * *", "", "0 to 23"},
		{"* * 0 * *", "", "1 to 31"},
		{"* * * 13 *", "", "1 to 12 or JAN to DEC"},
		{"*-5 * * * *", "", "minute"},
		{"1-2-3 * * * *", "", "minute"},
		{"-1 * * * *", "", "minute"},
		{"0 0 */2 * MON", "", "to some crons"},
		{"0 0 1 * */2", "", "to some crons"},
		{"* * * * * *", "", "6 fields, want 5: minute hour"},
		{"* * * *", "", "4 fields"},
		{"", "", "0 fields"},
		{"* * * * *", "Mars/Olympus", "IANA"},
		{"* * * * *", "Local", "IANA"},
		{"* * * * *", "../../etc/passwd", "IANA"},
	} {
		s, err := ParseSchedule(tt.line, tt.zone)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseSchedule(%q, %q) = %v, want an error with %q", tt.line, tt.zone, err, tt.want)
		}
		if s.Schedule != nil {
			t.Errorf("ParseSchedule(%q, %q) returned a schedule beside its error", tt.line, tt.zone)
		}
		if err != nil && strings.Contains(err.Error(), "failed to") {
			t.Errorf("ParseSchedule(%q): the library speaks: %v", tt.line, err)
		}
	}
}

func TestNextSlot(t *testing.T) {
	const from = "2026-03-01T00:00:00Z" // a Sunday
	for _, tt := range []struct {
		line, zone string
		want       []string
	}{
		{"*/20 * * * *", "", []string{"2026-03-01T00:20:00Z", "2026-03-01T00:40:00Z", "2026-03-01T01:00:00Z"}},
		{"@hourly", "", []string{"2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z"}},
		{"@daily", "Europe/Berlin", []string{"2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z"}},
		{"@weekly", "Asia/Kolkata", []string{"2026-03-07T18:30:00Z"}},
		{" 5 4 * * mon ", "", []string{"2026-03-02T04:05:00Z"}},
		{"0 0 1,15 * ?", "", []string{"2026-03-15T00:00:00Z", "2026-04-01T00:00:00Z"}},
		// Where both days are restricted either will do, as cron(8) has it.
		{"0 0 5 * MON", "", []string{"2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z", "2026-03-09T00:00:00Z"}},
		{"0 0 */1 * MON", "", []string{"2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"}},
		{"30 2 * * *", "America/New_York", []string{"2026-03-01T07:30:00Z", "2026-03-02T07:30:00Z"}},
		{"45/5 0 1 4 *", "", []string{"2026-04-01T00:45:00Z", "2026-04-01T00:50:00Z", "2026-04-01T00:55:00Z", "2027-04-01T00:45:00Z"}},
		{"0 0 29 2 *", "", []string{"2028-02-29T00:00:00Z"}},
		// @every counts from midnight and not from whenever the daemon began.
		{"@every 15m", "", []string{"2026-03-01T00:15:00Z", "2026-03-01T00:30:00Z"}},
		{"@every  1h30m", "Asia/Tokyo", []string{"2026-03-01T01:30:00Z", "2026-03-01T03:00:00Z"}},
	} {
		s, err := ParseSchedule(tt.line, tt.zone)
		if err != nil {
			t.Errorf("%q: %v", tt.line, err)
			continue
		}
		var got []string
		at := instant(t, from)
		for range tt.want {
			at = s.NextSlot(at)
			got = append(got, at.UTC().Format(time.RFC3339))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q %s: slots (-want +got):\n%s", tt.line, tt.zone, diff)
		}
	}
}

func TestNewestSlot(t *testing.T) {
	for _, tt := range []struct{ line, now, want string }{
		{"*/5 * * * *", "2026-03-01T10:04:59Z", "2026-03-01T10:00:00Z"},
		{"*/5 * * * *", "2026-03-01T10:05:00Z", "2026-03-01T10:05:00Z"},
		{"*/5 * * * *", "2026-03-01T10:05:00.000000001Z", "2026-03-01T10:05:00Z"},
		{"0 3 * * *", "2026-03-01T02:59:59Z", "2026-02-28T03:00:00Z"},
		{"0 0 1 1 *", "2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"0 0 29 2 *", "2027-12-31T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"* 0 29 2 *", "2027-12-31T00:00:00Z", "2024-02-29T00:59:00Z"},
		{"@every 7m", "2026-03-01T10:05:00Z", "2026-03-01T10:00:00Z"},
	} {
		s, err := ParseSchedule(tt.line, "UTC")
		if err != nil {
			t.Fatal(err)
		}
		now := instant(t, tt.now)
		got := s.NewestSlot(now)
		if got.UTC().Format(time.RFC3339) != tt.want {
			t.Errorf("%q at %s: newest slot %s, want %s", tt.line, tt.now, got.UTC().Format(time.RFC3339), tt.want)
		}
		if next := s.NextSlot(got); !next.After(now) {
			t.Errorf("%q at %s: %s comes after the newest slot %s and is past too", tt.line, tt.now, next, got)
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, seed := range []string{
		"*/5 * * * *", "@every 15m", "TZ=UTC", "CRON_TZ=", ", * * * *", "0 0 30 2 *", "* * * * FRI-MON", "0 0 29 2 *", "@", "?/1 *-1 1/ , -",
	} {
		f.Add(seed, "America/New_York")
	}
	f.Fuzz(func(t *testing.T, line, zone string) {
		s, err := ParseSchedule(line, zone)
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 1, 5, 59, 59, 0, time.UTC)
		next := s.NextSlot(now)
		if !next.After(now) {
			t.Errorf("%q %q: after %s comes %s", line, zone, now, next)
		}
		if newest := s.NewestSlot(now); newest.After(now) {
			t.Errorf("%q %q: %s is not past at %s", line, zone, newest, now)
		}
	})
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
