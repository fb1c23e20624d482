package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// ErrLedgerUnreachable is [outbox.ErrUnreachable], of the ledger.
var ErrLedgerUnreachable = outbox.ErrUnreachable

// ErrUndelivered says that a run is done but its events are not at HEC yet: they
// stay in the outbox for a daemon.
var ErrUndelivered = errors.New("events wait in the outbox")

// A Run is one execution of a hunt over one window, as the ledger knows it.
type Run struct {
	ID         string
	Hunt       string
	Lane       Lane
	Connection string    // the Splunk that it searches
	Slot       time.Time // the instant of the schedule that the run belongs to
	Window     pipeline.Window
	SpecHash   string // the version of the hunt file that it was planned or, in the end, examined by
	State      RunState
	Fence      int64 // grows with every claim; a commit with an older one fails
	Attempts   int
	Started    time.Time // when the first of the attempts began
	SID        string    // the search job at Splunk, while one is known; in a claimed run, its last owner's
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
	// ReportFrom is where windows begin to be reported; those before it warm up.
	ReportFrom int64
	Failed     bool // in the newest slot, what begins at the watermark has failed for good
	Open       bool // a run is queued, running or waiting to be retried
	Paused     bool // the hunt is, by now
	// Pace bounds the next window's length in seconds, 0 for no bound: a window
	// before it held too much.
	Pace int64
}

// A Memory is what a lane carries from window to window.
type Memory struct {
	// Began is where the lane's first window began, in epoch seconds.
	Began int64
	// ReportFrom is where windows begin to be reported, in epoch seconds; those
	// before it only warm up what the stages and the suppression remember.
	ReportFrom int64
	// Carry is what the stages saved at the end of the window before.
	Carry []byte
	// Pace bounds the window's length in seconds, for one before it had to be
	// halved; 0 is no bound.
	Pace int64
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

// A Sent is an event that a window has come to, for comparison should the window
// be run again.
type Sent struct {
	ID string
	// Digest tells versions of the event apart. That of a finding which was
	// withheld says until when; records have none.
	Digest string
}

// A Settling is what the ledger knows of a window that is to be looked at for
// late events.
type Settling struct {
	Searched time.Time         // when the live run had begun to search
	Sent     map[string]string // digests by id
}

// A Commit is all that a successful run changes, at once or not at all.
type Commit struct {
	Run    Run
	Result Result
	// Bodies are those that were not staged before; Staged is how many were.
	Bodies []Body
	Staged int
	Shown  []Suppression
	// Forget drops suppressions that ended by then, in epoch seconds: no later
	// window can ask for them.
	Forget int64
	// Carry is what the next window of the lane begins with, and Pace the bound
	// of its length in seconds, 0 for none.
	Carry []byte
	Pace  int64
	// Searched is when a live run began to search whose window is to be looked at
	// for late events, and Sent what it has come to; zero for others.
	Searched time.Time
	Sent     []Sent
	// Late is, of a run on the late lane, how many events of its window were
	// indexed late. If there were none, the window was not examined again: the
	// run leaves nothing behind.
	Late int
}

// An Intent is what planning makes of one hunt at one moment.
type Intent struct {
	Hunt string
	Slot time.Time // the newest slot that is dealt with
	// Begin makes the hunt known, if it is not by now.
	Begin *Beginning
	// Skip is given up on, with a reason, before the run is queued: it becomes a
	// gap, and the watermark moves over it.
	Skip       pipeline.Window
	SkipReason string
	// Run is queued, unless the slot has had a run that began at the same second,
	// the lane has an open one, or its watermark does not stand where the window
	// begins. Nil if there is nothing to examine.
	Run *Run
}

// A Beginning is where a hunt's live lane starts, in epoch seconds.
type Beginning struct {
	Watermark  int64
	ReportFrom int64
}

// A PlanLedger is what planning needs of the ledger.
type PlanLedger interface {
	// Lanes returns what is known of the live lanes of hunts at now.
	Lanes(ctx context.Context, hunts []string, now time.Time) (map[string]LaneState, error)
	// Plan does what is intended, all in one transaction, and returns how many
	// runs it queued.
	Plan(ctx context.Context, intents []Intent, now time.Time) (int, error)
}

// A RunLedger is what the run loop needs of the ledger. Each method that
// changes a run does so only if the run's fence is still the newest and
// returns [ErrSuperseded] if it is not.
type RunLedger interface {
	// Heartbeat prolongs the lease, from now on.
	Heartbeat(ctx context.Context, r Run, lease time.Duration, now time.Time) error
	// SetSID notes the search job that works for the run.
	SetSID(ctx context.Context, r Run, sid string) error
	// Stage stores bodies that become sendable with the commit.
	Stage(ctx context.Context, r Run, seq int, bodies []Body, now time.Time) error
	// Shrink lets the run's window end earlier, and drops what was staged of it.
	// It is for lanes whose windows tile time: the next one begins there.
	Shrink(ctx context.Context, r Run, to int64, now time.Time) error
	// Memory returns what the run's lane carries.
	Memory(ctx context.Context, r Run) (Memory, error)
	// Settling returns what is known of the window of a run on the late lane.
	Settling(ctx context.Context, r Run) (Settling, error)
	// Suppressions returns, by key, what was reported under some keys on the hunt's
	// lane and counts until later than the given epoch second.
	Suppressions(ctx context.Context, hunt string, lane Lane, keys []string, after int64) (map[string]Suppression, error)
	// Commit closes the run, moves the watermark and makes the staged bodies
	// sendable, all at once. It returns [ErrWatermark] if the watermark does not
	// stand where the run's window begins.
	Commit(ctx context.Context, c Commit, now time.Time) error
	// Fail ends the attempt; the run is tried again at the given time, or has
	// failed for good if that is zero.
	Fail(ctx context.Context, r Run, reason string, again, now time.Time) error
	// GiveBack ends the attempt as if it had not been.
	GiveBack(ctx context.Context, r Run, now time.Time) error
	// StateOf returns the run's state by now, for a worker that does not know
	// whether a call of its own was carried out.
	StateOf(ctx context.Context, r Run) (state RunState, err error)
}
