package expression

import (
	"time"

	"github.com/huntd/huntd/pipeline"
)

func timeFunction(name string) (function, bool) {
	switch name {
	case "date":
		return perValue(1, 2, kindOther, func(e *Evaluator, s string, rest []scalar) any { return e.date(s, rest) })
	case "duration":
		return perValue(1, 1, kindOther, func(e *Evaluator, s string, _ []scalar) any {
			d, err := time.ParseDuration(s)
			if err != nil {
				e.notNumbers++
				return nil
			}
			return d.Seconds()
		})
	}
	return function{}, false
}

// date returns epoch seconds, so that instants compare with _time and their
// difference is in seconds. Without a zone in the text UTC is meant.
func (e *Evaluator) date(s string, rest []scalar) any {
	layouts := []string{"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC1123, time.RFC1123Z, time.RFC850, time.RFC822}
	if len(rest) > 0 {
		layouts = []string{rest[0].text}
	} else if t, ok := pipeline.ParseTime(s); ok {
		return epoch(t)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return epoch(t)
		}
	}
	e.notNumbers++
	return nil
}

func epoch(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
