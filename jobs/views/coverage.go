package views

import (
	"fmt"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// A Coverage is which time a hunt has covered.
type Coverage struct {
	Hunt    string            `json:"hunt"`
	Covered []pipeline.Window `json:"covered"`
	Missing []pipeline.Window `json:"missing"`
	Lanes   []Lane            `json:"lanes"`
	Gaps    []Gap             `json:"gaps"`
}

// A Lane is what a lane has examined and reported on.
type Lane struct {
	Lane   jobs.Lane       `json:"lane"`
	Window pipeline.Window `json:"window"`
}

// A Gap is time that was given up on.
type Gap struct {
	Window       pipeline.Window `json:"window"`
	Reason       string          `json:"reason"`
	At           string          `json:"at"`
	WaivedAt     string          `json:"waived_at,omitempty"`
	WaivedReason string          `json:"waived_reason,omitempty"`
	Closed       bool            `json:"closed"` // by a backfill
}

// NewCoverage returns the coverage of a hunt.
func NewCoverage(hunt string, c state.Coverage) Coverage {
	v := Coverage{
		Hunt: hunt, Covered: append([]pipeline.Window{}, c.Covered...), Missing: append([]pipeline.Window{}, c.Missing...),
		Lanes: []Lane{}, Gaps: []Gap{},
	}
	for _, l := range c.Lanes {
		v.Lanes = append(v.Lanes, Lane(l))
	}
	for _, g := range c.Gaps {
		v.Gaps = append(v.Gaps, Gap{g.Window, g.Reason, FormatInstant(g.At), FormatInstant(g.WaivedAt), g.WaivedReason, g.Closed})
	}
	return v
}

// String says why the time was given up on, and what has become of the gap.
func (g Gap) String() string {
	line := fmt.Sprintf("%s: %s", g.At, g.Reason)
	if g.WaivedAt != "" {
		line += fmt.Sprintf("; waived %s: %s", g.WaivedAt, g.WaivedReason)
	}
	if g.Closed {
		line += "; closed by a backfill since"
	}
	return line
}
