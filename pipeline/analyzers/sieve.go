package analyzers

import (
	"context"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

// A sieve lets through the records for which a condition has a certain answer.
type sieve struct {
	pipeline.Streaming
	where *expression.Evaluator
	want  bool
}

func newSieve(where string, want bool, dict *pipeline.Dict) (*sieve, error) {
	e, err := expression.Condition(where, dict)
	if err != nil {
		return nil, err
	}
	return &sieve{where: e, want: want}, nil
}

// Process implements [pipeline.Stage].
func (s *sieve) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	rows := make([]int, 0, b.Len())
	for row := range b.Len() {
		holds, err := s.where.Holds(b, row)
		if err != nil {
			return nil, err
		}
		if holds == s.want {
			rows = append(rows, row)
		}
	}
	if len(rows) == b.Len() {
		return b, nil
	}
	return b.Select(rows), nil
}

// Counts implements [pipeline.Counter].
func (s *sieve) Counts() map[string]int {
	return map[string]int{notNumbers: s.where.NotNumbers()}
}

// notNumbers is the name of the count of arithmetic on what is no number.
const notNumbers = "not_numbers"
