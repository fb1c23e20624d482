package sandbox_test

import (
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// TestCountLate: a window by event time is asked for what was indexed late.
func TestCountLate(t *testing.T) {
	c := clientOf(t, numbered(t, 600), nil)
	w := pipeline.Window{From: base + 100, To: base + 400}
	for _, from := range []int64{0, base + 100, base + 400, base + 650, base + 2000} {
		want := 0
		for i := range int64(600) {
			if at := base + i; at >= w.From && at < w.To && at+i*7919%300 >= from {
				want++
			}
		}
		if got, err := c.CountLate(t.Context(), pipeline.Search{Query: "search index=a | head 1", IndexedFrom: from}, w); err != nil || got != want {
			t.Errorf("indexed from %d on: %d, %v, want %d", from-base, got, err, want)
		}
	}
}
