package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

// TestClock: what a sandbox stamps, shows and searches by is its own clock.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const behind = 10 * time.Minute
		s := sandbox.New(sandbox.Config{Clock: func() time.Time { return time.Now().Add(-behind) }})
		defer s.Close()
		time.Sleep(time.Until(time.Unix(base, 0).Add(behind))) // no event is of the future
		if err := collectorOf(t, s).Send(t.Context(), body("0")); err != nil {
			t.Fatal(err)
		}
		client := clientOf(t, s, nil)
		stamped := time.Now().Add(-behind).Unix()
		for from, want := range map[int64]int{stamped: 1, stamped + 1: 0} {
			seen := map[int]int{}
			src := client.Search(pipeline.Search{Query: "search index=a", MaxEventAge: time.Hour})
			if err := fetch(t.Context(), src, pipeline.Window{From: from, To: from + 60}, seen); err != nil {
				t.Fatal(err)
			}
			if len(seen) != want {
				t.Errorf("%d events were indexed from %d on, want %d", len(seen), from, want)
			}
		}
		if got, ok := client.Clock(time.Now()); !ok || (got.Offset+behind).Abs() > got.Bound {
			t.Errorf("its clock is read as %s ± %s, %v", got.Offset, got.Bound, ok)
		}
	})
}
