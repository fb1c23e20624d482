package pipeline

import (
	"encoding/json"
	"slices"
	"time"
)

// Severities are what a finding's severity may be, mildest first.
func Severities() []string {
	return []string{"informational", "low", "medium", "high", "critical"}
}

// SeverityScore is the score of a finding whose hunt gives none: 10, 30, 50,
// 70 or 90.
func SeverityScore(severity string) float64 {
	return float64(10 + 20*slices.Index(Severities(), severity))
}

// A Finding is what a hunt reports: one thing found in one window, with the
// records that show it.
type Finding struct {
	Title    string              `json:"title"`
	Severity string              `json:"severity"`
	Score    float64             `json:"score"`
	Hunt     string              `json:"hunt"`
	Window   Window              `json:"window"`
	Entities map[string][]string `json:"-"`
	Attack   []string            `json:"attack"`
	// Evidence are the records, as JSON objects.
	Evidence []json.RawMessage `json:"evidence"`
	// Omitted counts evidence beyond what one event may hold.
	Omitted int `json:"evidence_omitted,omitempty"`

	Key  string    `json:"-"` // tells it from the window's other findings
	Time time.Time `json:"-"` // the newest _time in its evidence; zero if none
}

// MarshalJSON writes the finding as an event's body. An entity with one value
// is a text, with several a list of texts.
func (f Finding) MarshalJSON() ([]byte, error) {
	type plain Finding
	entities := map[string]any{}
	for name, values := range f.Entities {
		switch len(values) {
		case 0:
		case 1:
			entities[name] = values[0]
		default:
			entities[name] = values
		}
	}
	p := plain(f)
	if p.Attack == nil {
		p.Attack = []string{}
	}
	if p.Evidence == nil {
		p.Evidence = []json.RawMessage{}
	}
	return json.Marshal(struct {
		plain
		Entities map[string]any `json:"entities"`
	}{p, entities})
}
