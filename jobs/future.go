package jobs

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// A FutureError says that a window has not ended yet by the clock of the Splunk
// that was searched: events of it are still to be indexed. The run is tried
// again when it has.
type FutureError struct {
	Window     pipeline.Window
	Connection string
	Behind     time.Duration // by how much that clock is behind the host's
	After      time.Duration // how long the window still lasts by it
}

// Error writes which window it is, and whose clock.
func (e *FutureError) Error() string {
	return fmt.Sprintf("the window %s ends in %s by the clock of connection %s, which is %s behind this host's: set both clocks by NTP",
		e.Window, e.After.Round(time.Second), e.Connection, e.Behind.Round(time.Second))
}

// examineEnded examines the run's window if it has ended by Splunk's clock, as
// far as that is known before the search, and is said by the search's replies.
func (r *Runner) examineEnded(ctx context.Context, h *hunt.Hunt, run *Run, log *zap.Logger) (Commit, error) {
	searched := time.Now()
	if !run.Lane.Kind().ByHand { // which fails for good: what is known may be minutes old
		if err := r.checkEnded(h, *run, searched); err != nil {
			return Commit{Run: *run}, err
		}
	}
	commit, err := r.examineWhole(ctx, h, run, log)
	if err == nil {
		err = r.checkEnded(h, *run, searched)
	}
	return commit, err
}

func (r *Runner) checkEnded(h *hunt.Hunt, run Run, searched time.Time) error {
	if r.Ended == nil {
		return nil
	}
	return r.Ended(h, run, searched)
}
