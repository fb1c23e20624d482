package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// TestBackfillIsBegunOnce: two commands that ask for the same backfill at the same
// moment follow the same one.
func TestBackfillIsBegunOnce(t *testing.T) {
	l, err := state.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	type answer struct {
		id  string
		err error
	}
	for round := range int64(30) {
		answers := make(chan answer)
		for i := range 2 {
			go func() {
				span := pipeline.Window{From: round * 1000, To: round*1000 + 500}
				b, err := begun(t.Context(), l, jobs.Backfill{ID: fmt.Sprint(round, "-", i), Hunt: "h", Window: span, WarmFrom: span.From})
				answers <- answer{b.ID, err}
			}()
		}
		if one, other := <-answers, <-answers; one.err != nil || other.err != nil || one.id != other.id {
			t.Errorf("round %d: %+v and %+v, want the same backfill", round, one, other)
		}
	}
}
