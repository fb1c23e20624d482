package hunt

import "testing"

func TestWords(t *testing.T) {
	for line, want := range map[string]string{
		"* * * * *":               "every minute, every day",
		"*/5 * * * *":             "every 5 minutes, every day",
		"2-59/15 * * * *":         "every 15 minutes from minute 2 on, every day",
		"*/7 * * * *":             "at minute 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour, every day",
		"*/59 * * * *":            "at minute 0 and 59 of every hour, every day",
		"5 * * * *":               "at minute 5 of every hour, every day",
		"@hourly":                 "at minute 0 of every hour, every day",
		"@daily":                  "at 00:00, every day",
		"@weekly":                 "at 00:00, on Sunday",
		"@yearly":                 "at 00:00, on day 1 of the month, in January",
		"30 2,14 * * *":           "at 02:30 and 14:30, every day",
		"*/10 8-17 * * MON-FRI":   "every 10 minutes in the hours 08 to 17, on Monday to Friday",
		"0,30 0,6,7 * * *":        "at 00:00, 00:30, 06:00, 06:30, 07:00 and 07:30, every day",
		"1,2,3,30 */12 * * 0,3":   "at minute 1 to 3 and 30 in the hours 00 and 12, on Sunday and Wednesday",
		"0 0 1,15 * *":            "at 00:00, on day 1 and 15 of the month",
		"0 0 1 * MON":             "at 00:00, on day 1 of the month, and on every Monday too: either is enough",
		"0 0 1-31 * MON":          "at 00:00, on day 1 to 31 of the month, and on every Monday too: either is enough, which makes it every day",
		"0 0 * jan-mar,DEC ?":     "at 00:00, every day, in January to March and December",
		"@every 15m":              "every 15m, counted from a fixed instant in UTC: neither a restart nor the time zone shifts it",
		"@every 1h30m":            "every 1h30m, counted from a fixed instant in UTC: neither a restart nor the time zone shifts it",
		"@every 2h":               "every 2h, counted from a fixed instant in UTC: neither a restart nor the time zone shifts it",
		"@every 90s":              "every 1m30s, counted from a fixed instant in UTC: neither a restart nor the time zone shifts it",
		"0,1,2,10,11,20 12 * * *": "at 12:00, 12:01, 12:02, 12:10, 12:11 and 12:20, every day",
	} {
		s, err := ParseSchedule(line, "Europe/Berlin")
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if got := s.Words(); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
		if either := line == "0 0 1 * MON" || line == "0 0 1-31 * MON"; s.EitherDay() != either {
			t.Errorf("%q: either day is %v, want %v", line, s.EitherDay(), either)
		}
	}
}
