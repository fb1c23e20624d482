package expression

import (
	"time"

	"github.com/huntd/huntd/pipeline"
)

func timeFunction(name string) (function, bool) {
	switch name {
	case "date":
		return perScalar(1, 2, func(e *Evaluator, s string, rest []scalar) scalar { return e.date(s, rest) })
	case "duration":
		return perScalar(1, 1, func(e *Evaluator, s string, _ []scalar) scalar {
			d, err := time.ParseDuration(s)
			if err != nil {
				return e.notNumber()
			}
			return lazyNumber(d.Seconds())
		})
	}
	return function{}, false
}

// date returns epoch seconds, so that instants compare with _time and their
// difference is in seconds. Without a zone in the text UTC is meant.
func (e *Evaluator) date(s string, rest []scalar) scalar {
	layouts := []string{"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC1123, time.RFC1123Z, time.RFC850, time.RFC822}
	if len(rest) > 0 {
		layouts = []string{rest[0].text}
	} else if t, ok := pipeline.ParseTime(s); ok {
		return lazyNumber(epoch(t))
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return lazyNumber(epoch(t))
		}
	}
	return e.notNumber()
}

func epoch(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
