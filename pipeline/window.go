package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// A Window is the half-open span of time [From, To), in whole epoch seconds,
// that one run examines.
type Window struct {
	From, To int64
}

// Empty reports whether no second lies within the window.
func (w Window) Empty() bool { return w.To <= w.From }

// Span returns the window's length.
func (w Window) Span() time.Duration { return time.Duration(w.To-w.From) * time.Second }

// String writes both ends in RFC 3339, UTC.
func (w Window) String() string { return fmt.Sprintf("[%s, %s)", stamp(w.From), stamp(w.To)) }

// MarshalJSON writes {"from":…,"to":…}, both in RFC 3339, UTC.
func (w Window) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		From string `json:"from"`
		To   string `json:"to"`
	}{stamp(w.From), stamp(w.To)})
}

func stamp(sec int64) string { return time.Unix(sec, 0).UTC().Format(time.RFC3339) }

// ParseInstant reads what people type for an instant: RFC 3339 or epoch
// seconds. Windows are of whole seconds: a fraction is refused.
func ParseInstant(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 {
			return 0, fmt.Errorf("%q lies before 1970", s)
		}
		return n, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no instant: write RFC 3339 such as 2026-01-31T08:00:00Z, or epoch seconds", s)
	case t.Nanosecond() != 0:
		return 0, fmt.Errorf("%q has a fraction: windows are of whole seconds", s)
	}
	return t.Unix(), nil
}
