package hunt

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClockChanges(t *testing.T) {
	const shown = "2006-01-02 15:04 -07:00"
	for _, tt := range []struct {
		name, line, zone, from string
		want                   []string // change, missing, twice, slots around
	}{
		{"02:30 is missing, and does not come twice", "30 2 * * *", "America/New_York", "2026-01-01T00:00:00Z", []string{
			"2026-03-08 03:00 -04:00 missing [02:30] twice [] around 2026-03-07 02:30 -05:00 2026-03-09 02:30 -04:00",
			"2026-11-01 01:00 -05:00 missing [] twice [] around 2026-10-31 02:30 -04:00 2026-11-01 02:30 -05:00",
		}},
		{"02:00 is missing, the edge of what does not exist", "0 2 * * *", "America/New_York", "2026-01-01T00:00:00Z", []string{
			"2026-03-08 03:00 -04:00 missing [02:00] twice [] around 2026-03-07 02:00 -05:00 2026-03-09 02:00 -04:00",
			"2026-11-01 01:00 -05:00 missing [] twice [] around 2026-10-31 02:00 -04:00 2026-11-01 02:00 -05:00",
		}},
		{"03:00 is there", "0 3 * * *", "America/New_York", "2026-01-01T00:00:00Z", []string{
			"2026-03-08 03:00 -04:00 missing [] twice [] around 2026-03-07 03:00 -05:00 2026-03-08 03:00 -04:00",
			"2026-11-01 01:00 -05:00 missing [] twice [] around 2026-10-31 03:00 -04:00 2026-11-01 03:00 -05:00",
		}},
		{"01:30 comes twice", "30 1 * * *", "America/New_York", "2026-06-01T00:00:00Z", []string{
			"2026-11-01 01:00 -05:00 missing [] twice [01:30] around 2026-11-01 01:30 -04:00 2026-11-01 01:30 -05:00",
			"2027-03-14 03:00 -04:00 missing [] twice [] around 2027-03-14 01:30 -05:00 2027-03-15 01:30 -04:00",
		}},
		{"every half hour goes on", "*/30 * * * *", "Australia/Lord_Howe", "2026-01-01T00:00:00Z", []string{
			"2026-04-05 01:30 +10:30 missing [] twice [01:30] around 2026-04-05 01:30 +11:00 2026-04-05 01:30 +10:30",
			"2026-10-04 02:30 +11:00 missing [02:00] twice [] around 2026-10-04 01:30 +10:30 2026-10-04 02:30 +11:00",
		}},
		{"midnight is missing in Beirut", "0 0 * * *", "Asia/Beirut", "2026-01-01T00:00:00Z", []string{
			"2026-03-29 01:00 +03:00 missing [00:00] twice [] around 2026-03-28 00:00 +02:00 2026-03-30 00:00 +03:00",
			"2026-10-24 23:00 +02:00 missing [] twice [] around 2026-10-24 00:00 +03:00 2026-10-25 00:00 +02:00",
		}},
		{"midnight was missing in São Paulo", "0 0 * * *", "America/Sao_Paulo", "2018-10-01T00:00:00Z", []string{
			"2018-11-04 01:00 -02:00 missing [00:00] twice [] around 2018-11-03 00:00 -03:00 2018-11-05 00:00 -02:00",
			"2019-02-16 23:00 -03:00 missing [] twice [] around 2019-02-16 00:00 -02:00 2019-02-17 00:00 -03:00",
		}},
		{"a week is missing in Cairo", "0 0 * * FRI", "Africa/Cairo", "2026-01-01T00:00:00Z", []string{
			"2026-04-24 01:00 +03:00 missing [00:00] twice [] around 2026-04-17 00:00 +02:00 2026-05-01 00:00 +03:00",
			"2026-10-29 23:00 +02:00 missing [] twice [] around 2026-10-23 00:00 +03:00 2026-10-30 00:00 +02:00",
		}},
		{"no clock is set", "0 2 * * *", "Asia/Tokyo", "2026-01-01T00:00:00Z", nil},
		{"@every knows no clocks", "@every 1h", "Europe/Berlin", "2026-06-01T00:00:00Z", []string{
			"2026-10-25 02:00 +01:00 missing [] twice [] around 2026-10-25 02:00 +02:00 2026-10-25 02:00 +01:00",
			"2027-03-28 03:00 +02:00 missing [] twice [] around 2027-03-28 01:00 +01:00 2027-03-28 03:00 +02:00",
		}},
	} {
		s, err := ParseSchedule(tt.line, tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		from := instant(t, tt.from)
		clocks := func(times []time.Time) (all []string) {
			for _, at := range times {
				all = append(all, at.Format("15:04"))
			}
			return all
		}
		var got []string
		for _, c := range s.ClockChanges(from, from.AddDate(1, 0, 0), 2) {
			got = append(got, fmt.Sprintf("%s missing %v twice %v around %s %s", c.At.Format(shown), clocks(c.Missing), clocks(c.Twice),
				c.Last.In(s.Zone()).Format(shown), c.Next.In(s.Zone()).Format(shown)))
			if !c.At.Equal(c.Before) {
				t.Errorf("%s: %s is another instant than %s", tt.name, c.Before, c.At)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
