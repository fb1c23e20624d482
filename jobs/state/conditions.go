package state

import (
	"fmt"
	"strings"

	"github.com/huntd/huntd/jobs"
)

// The lanes without an id, as literals.
const (
	liveLane   = `'` + string(jobs.Live) + `'`
	manualLane = `'` + string(jobs.Manual) + `'`
	lateLane   = `'` + string(jobs.Late) + `'`
)

// These follow the state of a run.
var (
	isOpen      = stateIn(func(k jobs.StateKind) bool { return k.Open })
	isWaiting   = stateIn(func(k jobs.StateKind) bool { return k.Waits })
	hasEnded    = stateIn(func(k jobs.StateKind) bool { return !k.Open })
	isTelling   = stateIn(func(k jobs.StateKind) bool { return k.Tells })
	isRevivable = stateIn(func(k jobs.StateKind) bool { return k.Revives })
)

const (
	// isIndexed follows the lane of a run. Only a statement that says it uses the
	// indexes of slots and of open runs.
	isIndexed = `<>` + manualLane
	// isPaused is of a hunt or a connection; its argument is the present.
	isPaused = `paused_at IS NOT NULL AND (pause_until IS NULL OR pause_until>?)`
	// isUnfinished follows the state of a backfill.
	isUnfinished = ` IN('active','paused','failed')`
	// atWatermark is of a run whose window begins where its lane stands.
	atWatermark = `win_from=(SELECT watermark FROM checkpoint c WHERE c.hunt_id=run.hunt_id AND c.lane=run.lane)`
	// whereWatermark finds a lane if it stands at its last argument.
	whereWatermark = ` WHERE hunt_id=? AND lane=? AND watermark=?`
)

var (
	// isUnoffered is of a run that waits and was not offered.
	isUnoffered = `state` + isWaiting + ` AND offered_at IS NULL`
	// laneIsFree is of a run whose lane has no open one. laneIsOpen is of a checkpoint c
	// whose lane has one.
	laneIsFree = `NOT EXISTS(SELECT 1 FROM run o WHERE o.hunt_id=run.hunt_id AND o.lane=run.lane AND o.state` + isOpen + `)`
	laneIsOpen = `EXISTS(SELECT 1 FROM run r WHERE r.hunt_id=c.hunt_id AND r.lane=c.lane AND r.state` + isOpen + `)`
	// mayGoOn is of a run r whose hunt is not paused and whose backfill is active; its
	// argument is the present.
	mayGoOn = `(r.lane=` + manualLane + ` OR NOT EXISTS(SELECT 1 FROM hunt h WHERE h.hunt_id=r.hunt_id AND ` + isPaused + `))
		AND NOT EXISTS(SELECT 1 FROM backfill b WHERE b.backfill_id=` + backfillOfRun + ` AND b.state<>'active')`

	// isHeld is of a run r that may not begin: its hunt, backfill or connection is held
	// back. Its two arguments are the present.
	isHeld = `(NOT(` + mayGoOn + `) OR EXISTS(SELECT 1 FROM connection c WHERE c.connection=r.connection AND ` + isPaused + `))`

	// laneOfBackfill is the lane of a backfill b, and backfillOfRun the backfill that a
	// run r is of.
	laneOfBackfill = fmt.Sprintf(`'%s'||b.backfill_id`, jobs.BackfillLane(""))
	backfillOfRun  = fmt.Sprintf(`substr(r.lane,%d)`, len(jobs.BackfillLane(""))+1)
)

// queueAnew is how a run begins again that has ended.
const queueAnew = `UPDATE run SET state='queued', attempts=0, started_at=NULL, due_at=0, finished_at=NULL WHERE `

func stateIn(are func(jobs.StateKind) bool) string {
	var states []string
	for _, k := range jobs.RunStates() {
		if are(k) {
			states = append(states, `'`+string(k.State)+`'`)
		}
	}
	return ` IN(` + strings.Join(states, ",") + `)`
}
