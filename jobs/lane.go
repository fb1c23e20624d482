package jobs

import (
	"cmp"
	"strings"
)

// A Lane is a line of windows of one hunt. [LaneKinds] says what kinds there are
// and how they differ.
type Lane string

// The lanes without an id. That of a backfill is [BackfillLane] of its id.
const (
	Live   Lane = "live"
	Manual Lane = "manual"
	Late   Lane = "late" // windows that grew after they had been examined
)

const backfillKind = "backfill"

// A LaneKind says how the runs on the lanes of a kind are treated.
type LaneKind struct {
	Name string // the lane, or what stands before the colon of Name:ID
	IDs  bool   // its lanes have ids

	// Priority orders the runs that wait; 1 begins first, 4 last.
	Priority int
	// Tiles says that windows tile time from a watermark on, and that stages carry
	// what they remember from one to the next.
	Tiles bool
	// ByHand says that a person asks for each run. It may begin beside others of its
	// lane and while the hunt is paused. Any error fails it for good.
	ByHand bool
	// Suppresses says that findings are withheld, and remembered when reported.
	Suppresses bool
	// SuppressesOn is the lane that remembers, if that is not the run's own.
	SuppressesOn Lane
	// Settles says that late events of the windows are looked for later, if the hunt
	// asks for that. LooksBack says that the runs look for them.
	Settles, LooksBack bool
}

// LaneKinds returns the kinds of lanes. A new kind is one row here. Another kind by
// hand needs other indexes in the state, too.
func LaneKinds() []LaneKind {
	return []LaneKind{
		{Name: string(Live), Priority: 1, Tiles: true, Suppresses: true, Settles: true},
		{Name: string(Manual), Priority: 2, ByHand: true},
		{Name: string(Late), Priority: 3, Suppresses: true, SuppressesOn: Live, LooksBack: true},
		{Name: "retro", IDs: true, Priority: 3, Suppresses: true, SuppressesOn: Live},
		{Name: backfillKind, IDs: true, Priority: 4, Tiles: true, Suppresses: true},
	}
}

// Kind returns the kind of a lane, without a name if there is no such kind.
func (l Lane) Kind() LaneKind {
	name, id, found := strings.Cut(string(l), ":")
	for _, k := range LaneKinds() {
		if k.Name == name && k.IDs == found && (id != "") == found {
			return k
		}
	}
	return LaneKind{}
}

// Known reports whether there is a kind of the lane.
func (l Lane) Known() bool { return l.Kind().Name != "" }

// SuppressionLane returns the lane on which a run's findings are withheld and
// remembered: what came late belongs to the live lane.
func (l Lane) SuppressionLane() Lane { return cmp.Or(l.Kind().SuppressesOn, l) }

// BackfillLane returns the lane of a backfill.
func BackfillLane(id string) Lane { return Lane(backfillKind + ":" + id) }

// BackfillOf returns the backfill that a lane belongs to, false for other lanes.
func BackfillOf(l Lane) (id string, ok bool) { return strings.CutPrefix(string(l), backfillKind+":") }
