package jobs

import (
	"context"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// The lanes that exist so far.
const (
	Live   = "live"
	Manual = "manual"
)

// The states of a run.
const (
	Queued    = "queued"
	Running   = "running"
	Retry     = "retry"
	Succeeded = "succeeded"
	Failed    = "failed"
)

// A Run is one execution of a hunt over one window, as the ledger knows it.
type Run struct {
	ID       string
	Hunt     string
	Lane     string
	Slot     time.Time // the instant of the schedule that the run belongs to
	Window   pipeline.Window
	SpecHash string // the version of the hunt file that it was planned or, in the end, examined by
	State    string
	Fence    int64 // grows with every claim; a commit with an older one fails
	Attempts int
	SID      string // the search job at Splunk, while one is known; in a claimed run, its last owner's
	Result
	Error string
}

// A Result is what a run has to show.
type Result struct {
	RecordsIn, RecordsOut int
	Findings              int
	Suppressed            int
	// Notes count what stages left out or cut short, by "stage.what".
	Notes map[string]int
	// Delivered and Dead count the run's events that HEC confirmed, and those
	// that it will never take and that were put aside.
	Delivered, Dead int
}

// A LaneState is what the ledger knows of a lane.
type LaneState struct {
	Known     bool
	Slot      time.Time // the newest slot that was planned
	Watermark int64     // the lane is covered up to here, in epoch seconds
	Open      bool      // a run is queued, running or waiting to be retried
}

// A Body is a ready HEC request that a run leaves in the outbox.
type Body struct {
	Dest   string // the name of the connection
	Data   []byte // gzip'd, one JSON event a line
	Events int
}

// A Suppression remembers that a finding was reported, in times of evidence.
type Suppression struct {
	Key          string
	Shown, Until int64 // epoch seconds
}

// A Commit is all that a successful run changes, at once or not at all.
type Commit struct {
	Run    Run
	Result Result
	Shown  []Suppression
	// Forget drops suppressions that ended by then, in epoch seconds: no later
	// window can ask for them.
	Forget int64
}

// A PlanLedger is what planning needs of the ledger.
type PlanLedger interface {
	// Lane returns what is known of a hunt's lane.
	Lane(ctx context.Context, hunt, lane string) (LaneState, error)
	// Begin makes a hunt known, with its first slot and watermark. If it is
	// known by now, nothing changes.
	Begin(ctx context.Context, hunt string, slot time.Time, watermark int64, now time.Time) error
	// Plan stores the slot and queues a run, unless the slot has had a run that
	// began at the same second, the lane has an open run, or its watermark does
	// not stand where the window begins; then it returns false.
	Plan(ctx context.Context, r Run, now time.Time) (bool, error)
	// Advance stores a slot that has nothing to examine.
	Advance(ctx context.Context, hunt string, slot, now time.Time) error
}

// A RunLedger is what the run loop needs of the ledger. Each method that
// changes a run does so only if the run's fence is still the newest and
// returns [ErrSuperseded] if it is not.
type RunLedger interface {
	// Heartbeat prolongs the lease.
	Heartbeat(ctx context.Context, r Run, until time.Time) error
	// SetSID notes the search job that works for the run.
	SetSID(ctx context.Context, r Run, sid string) error
	// Stage stores bodies that become sendable with the commit.
	Stage(ctx context.Context, r Run, seq int, bodies []Body, now time.Time) error
	// Suppressions returns what was reported on the hunt's lane and counts
	// until later than the given epoch second.
	Suppressions(ctx context.Context, hunt, lane string, after int64) (map[string]Suppression, error)
	// Commit closes the run, moves the watermark and makes the staged bodies
	// sendable, all at once. It returns [ErrWatermark] if the watermark does not
	// stand where the run's window begins.
	Commit(ctx context.Context, c Commit, now time.Time) error
	// Fail ends the attempt; the run is tried again at the given time, or has
	// failed for good if that is zero.
	Fail(ctx context.Context, r Run, reason string, again, now time.Time) error
	// GiveBack ends the attempt as if it had not been.
	GiveBack(ctx context.Context, r Run, now time.Time) error
}
