package jobs

import (
	"time"

	"github.com/huntd/huntd/jobs/outbox"
)

// An Observer follows runs and their bodies, for metrics. Its methods are called
// after what they report, by several goroutines, which wait for them.
type Observer interface {
	outbox.Observer
	// Planned reports that runs were queued.
	Planned(runs int)
	// Offered reports that runs were offered to the workers.
	Offered(runs int)
	// Claimed reports that a worker of this process begins an attempt.
	Claimed(r Run)
	// Searching reports that the id of a search job was noted.
	Searching(r Run)
	// Searched reports that a window was read and went through the pipeline.
	Searched(r Run, res Result, took time.Duration)
	// Staged reports that bodies of a run were stored before its commit.
	Staged(r Run, bodies []Body)
	// Committing reports a step of a commit, whose transaction is still open: "run
	// closed", "memory kept" or "runs offered".
	Committing(r Run, step string)
	// Committed reports that a run succeeded. It took that long to commit.
	Committed(c Commit, took time.Duration)
	// Retried reports that an attempt failed, and after which pause the next begins.
	Retried(r Run, pause time.Duration, err error)
	// Failed reports that a run failed for good.
	Failed(r Run, err error)
	// LeaseLost reports that a run was cancelled or taken over during an attempt.
	LeaseLost(r Run)
}

// A NopObserver does nothing. Embedded, it makes an [Observer] of a type with only
// some of the methods.
type NopObserver struct{}

var _ Observer = NopObserver{}

// Planned implements [Observer].
func (NopObserver) Planned(int) {}

// Offered implements [Observer].
func (NopObserver) Offered(int) {}

// Claimed implements [Observer].
func (NopObserver) Claimed(Run) {}

// Searching implements [Observer].
func (NopObserver) Searching(Run) {}

// Searched implements [Observer].
func (NopObserver) Searched(Run, Result, time.Duration) {}

// Staged implements [Observer].
func (NopObserver) Staged(Run, []Body) {}

// Committing implements [Observer].
func (NopObserver) Committing(Run, string) {}

// Committed implements [Observer].
func (NopObserver) Committed(Commit, time.Duration) {}

// Retried implements [Observer].
func (NopObserver) Retried(Run, time.Duration, error) {}

// Failed implements [Observer].
func (NopObserver) Failed(Run, error) {}

// LeaseLost implements [Observer].
func (NopObserver) LeaseLost(Run) {}

// Taken implements [outbox.Observer].
func (NopObserver) Taken([]outbox.Item) {}

// Sent implements [outbox.Observer].
func (NopObserver) Sent(outbox.Item, time.Duration, error) {}

// Confirmed implements [outbox.Observer].
func (NopObserver) Confirmed(outbox.Item) {}
