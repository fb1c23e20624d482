package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// A LateLedger is what planning the late lane needs of the ledger.
type LateLedger interface {
	// Unsettled returns, of each hunt, the oldest window that ended by the given
	// epoch second and is yet to be looked at for late events. Hunts that are
	// paused at now, or have a run open on the late lane, are left out, and so are
	// windows whose look has failed for good: they wait for a person.
	Unsettled(ctx context.Context, ended map[string]int64, now time.Time) (map[string]pipeline.Window, error)
	// PlanLate queues runs on the late lane, unless their hunt has one open there
	// or the window is settled.
	PlanLate(ctx context.Context, runs []Run, now time.Time) error
}

// PlanLate queues for each hunt a look at its oldest window whose time to settle
// is over. Such a run first counts the events that were indexed late, and
// examines the window again only if there are any.
func PlanLate(ctx context.Context, l LateLedger, hunts []*hunt.Hunt, now time.Time) error {
	ended := map[string]int64{}
	for _, h := range hunts {
		if h.Window.Settle > 0 {
			ended[h.Name] = now.Add(-h.Window.Settle).Unix()
		}
	}
	if len(ended) == 0 {
		return nil
	}
	due, err := l.Unsettled(ctx, ended, now)
	if err != nil {
		return err
	}
	var runs []Run
	for _, h := range hunts {
		if w, ok := due[h.Name]; ok {
			runs = append(runs, NewRun(h, Late, time.Unix(w.To, 0), w)) // one slot: the window is looked at once
		}
	}
	if len(runs) == 0 {
		return nil
	}
	return l.PlanLate(ctx, runs, now)
}

// lateSlack is how much earlier than a search, at most, an event may have been
// indexed that the search did not see: Splunk stamps it a little before it can be
// found, and its clock need not be ours. The hunt's lag says how long Splunk takes
// to finish indexing, and bounds the slack too: within it lies no event that came
// in time. Events of the slack that were seen cost a window that is run again for
// nothing.
const lateSlack = 30 * time.Second

// indexedFrom is the epoch second from which on what was indexed counts as late.
func indexedFrom(h *hunt.Hunt, searched time.Time) int64 {
	return searched.Add(-min(h.Window.Lag, lateSlack)).Unix()
}

// noteLate counts, on a run of the late lane, the events that were indexed late.
const noteLate = "late.events"

// countLate asks how many events of the run's window were indexed after the live
// run had searched, and lets known compare with what that run has sent.
func (r *Runner) countLate(ctx context.Context, h *hunt.Hunt, run Run, known *knownEvents, onJob func(string)) (int, error) {
	if h.Window.By != hunt.ByEventTime {
		return 0, pipeline.Permanent(errors.New("the hunt does not cut its windows by event time any more"))
	}
	settling, err := r.Ledger.Settling(ctx, run)
	if err != nil {
		return 0, err
	}
	known.before = settling.Sent
	n, err := r.Count(ctx, h, run.Window, indexedFrom(h, settling.Searched), onJob)
	if err != nil {
		return 0, fmt.Errorf("count late events: %w", err)
	}
	return n, nil
}
