package analyzers

import (
	"context"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[limitConfig]{
	Name:    "limit",
	Summary: "lets through the first records of a window and counts the rest",
	Doc: `
A guard against a hunt that finds far more than anybody reads. What is left out
is counted on the run as limit.left_out.
`,
	Config: limitConfig{Records: 1000},
	New: func(c limitConfig, _ *pipeline.Dict) (pipeline.Stage, error) {
		return &limitStage{left: c.Records}, nil
	},
	Example: `
-- config.yaml --
limit: 2
-- in.ndjson --
{"_time":1767225600,"user":"ann"}
{"_time":1767225601,"user":"bob"}
{"_time":1767225602,"user":"eve"}
-- out.ndjson --
{"_time":"1767225600","user":"ann"}
{"_time":"1767225601","user":"bob"}
`,
})

type limitConfig struct {
	Records int `koanf:"records" short:"true" min:"1" doc:"How many records of a window are let through."`
}

type limitStage struct {
	pipeline.Streaming
	left, over int
}

// Process implements [pipeline.Stage].
func (s *limitStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if b.Len() <= s.left {
		s.left -= b.Len()
		return b, nil
	}
	rows := make([]int, s.left)
	for i := range rows {
		rows[i] = i
	}
	s.over += b.Len() - s.left
	s.left = 0
	return b.Select(rows), nil
}

// Counts implements [pipeline.Counter].
func (s *limitStage) Counts() map[string]int { return map[string]int{"left_out": s.over} }
