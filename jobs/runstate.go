package jobs

import "slices"

// A RunState is how far a run has come. [RunStates] says what follows from it.
type RunState string

// The states of a run.
const (
	Queued    RunState = "queued"
	Running   RunState = "running"
	Retry     RunState = "retry"
	Succeeded RunState = "succeeded"
	Failed    RunState = "failed"
	Cancelled RunState = "cancelled"
)

// A StateKind says what follows from a run's state.
type StateKind struct {
	State RunState
	Shown string // what people read
	Open  bool   // the window is yet to be examined; a run that is not open has ended
	Waits bool   // a worker may claim the run
	// Tells says that the newest such run tells how its hunt fares.
	Tells bool
	// Revives says that the run may be queued again, though it has ended.
	Revives bool
}

// RunStates returns the states of a run. A new one needs a row here and a step of
// the schema, which lists them.
func RunStates() []StateKind {
	return []StateKind{
		{State: Queued, Shown: "queued", Open: true, Waits: true},
		{State: Running, Shown: "running", Open: true},
		{State: Retry, Shown: "retrying", Open: true, Waits: true},
		{State: Succeeded, Shown: "succeeded", Tells: true},
		{State: Failed, Shown: "failed", Tells: true, Revives: true},
		{State: Cancelled, Shown: "cancelled", Revives: true},
	}
}

func (s RunState) is(what func(StateKind) bool) bool {
	return slices.ContainsFunc(RunStates(), func(k StateKind) bool { return k.State == s && what(k) })
}

// Open reports whether the run is queued, running or waiting to be retried.
func (s RunState) Open() bool { return s.is(func(k StateKind) bool { return k.Open }) }

// Ended reports whether the run is over.
func (s RunState) Ended() bool { return s.is(func(k StateKind) bool { return !k.Open }) }

// Shown returns what people read of a state, "" for none.
func (s RunState) Shown() (text string) {
	s.is(func(k StateKind) bool { text = k.Shown; return true })
	return text
}
