package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
)

// TestWindowInTheFuture: what had not ended by Splunk's clock is neither searched,
// where that is known, nor committed, and is tried again when it has ended.
func TestWindowInTheFuture(t *testing.T) {
	future := &FutureError{Window: findingWindow, Connection: "main", Behind: 10 * time.Minute, After: 9 * time.Minute}
	for _, tt := range []struct {
		name     string
		lane     Lane
		known    int // before so many looks at Splunk's clock it says nothing
		searched bool
		again    time.Duration
	}{
		{"known before the search", Live, 0, false, 9 * time.Minute},
		{"said by the search's replies", Live, 1, true, 9 * time.Minute},
		{"known before a manual search", Manual, 0, true, 0},
	} {
		b, run := newBench(ranRecords...), ranRun
		run.Lane = tt.lane
		looks, first := 0, time.Time{}
		b.Ended = func(h *hunt.Hunt, run Run, searched time.Time) error {
			if h.Name != "finder" || run.Window != findingWindow {
				t.Errorf("%s: asked of %s %s", tt.name, h.Name, run.Window)
			}
			if looks++; looks == 1 {
				first = searched
			}
			if !searched.Equal(first) {
				t.Errorf("%s: the window is judged by the end of the search, not by its beginning", tt.name)
			}
			if looks > tt.known {
				return future
			}
			return nil
		}
		_, err := b.Do(context.Background(), parseHunt(t, findingHunt), run)
		var got *FutureError
		if !errors.As(err, &got) || len(b.ledger.commits) != 0 {
			t.Errorf("%s: %v, %d commits", tt.name, err, len(b.ledger.commits))
		}
		if searched := len(b.ledger.sids) > 0; searched != tt.searched {
			t.Errorf("%s: searched is %v", tt.name, searched)
		}
		if len(b.ledger.fails) != 1 || b.ledger.fails[0].again != tt.again {
			t.Errorf("%s: noted %+v, want the next try in %s", tt.name, b.ledger.fails, tt.again)
		}
	}
	b := newBench(ranRecords...)
	b.Ended = func(*hunt.Hunt, Run, time.Time) error { return nil }
	if _, err := b.Do(context.Background(), parseHunt(t, findingHunt), ranRun); err != nil || len(b.ledger.commits) != 1 {
		t.Errorf("a window that has ended: %v, %d commits", err, len(b.ledger.commits))
	}
}
