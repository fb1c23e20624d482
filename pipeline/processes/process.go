package processes

import "time"

// A Process is what a record tells of the creation of a process. All texts are
// as they were recorded.
type Process struct {
	// Group keeps trees apart: the host, and whatever else must not be mixed.
	Group          string
	PID, ParentPID string
	Name           string
	ParentName     string // "" where the record does not name it
	GUID           string // "" where there is none
	ParentGUID     string
	Logon          string // the session; it only numbers inferred parents as MSTICPy does
	Time           time.Time
	HasParentName  bool // the layout names parents, so that "" means an unknown one
}

// None says that a node has no parent, or is no duplicate.
const None = -1

// A Node is the place of a process in its tree.
type Node struct {
	// Process is the number of the process that was given; for an inferred
	// parent the number of the first child that named it.
	Process  int
	Inferred bool
	// Duplicate is the number of the node that is the same process, or None.
	Duplicate int
	// Parent and Root are numbers of nodes; Parent is None for a root.
	Parent, Root int
	Level        int // 0 for a root
	Children     int
	// Index is the number of the process within its group, in order of time.
	Index int
}

// Limits say how lenient the linking is.
type Limits struct {
	// Slack is how much later than its child a parent may have been recorded.
	Slack time.Duration
}

// unknownName stands for the name of a parent that no record tells.
const unknownName = "unknown"
