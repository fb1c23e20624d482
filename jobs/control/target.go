package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
)

// TargetForms says how a target is written.
const TargetForms = "a hunt, backfill:ID or connection:NAME"

const connectionPrefix = "connection:"

// A target is what is paused or resumed. One of its fields is set.
type target struct {
	hunt       *hunt.Hunt
	backfill   string
	connection string
}

func (s Setup) parseTarget(text string) (t target, err error) {
	if id, ok, err := parseBackfill(text); ok {
		return target{backfill: id}, err
	}
	if name, ok := strings.CutPrefix(text, connectionPrefix); ok {
		if !slices.Contains(s.Connections, name) {
			return t, inputErrorf("no connection %q in %s", name, s.Path)
		}
		return target{connection: name}, nil
	}
	if t.hunt, err = s.FindHunt(text); err != nil {
		err = InputError{err}
	}
	return t, err
}

// parseBackfill returns the id in backfill:ID. ok is false if text has another form.
func parseBackfill(text string) (id string, ok bool, err error) {
	id, ok = jobs.BackfillOf(jobs.Lane(text)) // its lane is written the same
	if ok && id == "" {
		err = inputErrorf("%q names no backfill: write its id behind it, as huntd backfills shows it", text)
	}
	return id, ok, err
}

// A PauseLedger pauses hunts, backfills and connections.
type PauseLedger interface {
	Pause(ctx context.Context, hunt, reason string, until, now time.Time) error
	PauseBackfill(ctx context.Context, id, reason string, now time.Time) error
	PauseConnection(ctx context.Context, connection, reason string, until, now time.Time) error
}

// PauseTarget pauses a target for a span of time, or until it is resumed if that is zero.
// It returns when the pause ends by itself, zero for never.
func PauseTarget(ctx context.Context, l PauseLedger, s Setup, text, reason string, span time.Duration) (until time.Time, err error) {
	t, err := s.parseTarget(text)
	if err != nil {
		return until, err
	}
	now := time.Now()
	if span > 0 {
		until = now.Add(span)
	}
	switch {
	case t.backfill != "" && span > 0:
		return until, inputErrorf("--for is for hunts and connections: %s is paused until it is resumed", text)
	case t.backfill != "":
		return until, l.PauseBackfill(ctx, t.backfill, reason, now)
	case t.connection != "":
		return until, l.PauseConnection(ctx, t.connection, reason, until, now)
	}
	return until, l.Pause(ctx, t.hunt.Name, reason, until, now)
}

// A ResumeLedger resumes what a [PauseLedger] has paused.
type ResumeLedger interface {
	PlanLedger
	Unpause(ctx context.Context, hunt string, now time.Time) error
	ResumeBackfill(ctx context.Context, id string, now time.Time) error
	ResumeConnection(ctx context.Context, connection string, now time.Time) error
}

// ResumeTarget resumes a target, and plans what has become due.
func ResumeTarget(ctx context.Context, l ResumeLedger, s Setup, text string) error {
	t, err := s.parseTarget(text)
	if err != nil {
		return err
	}
	now := time.Now()
	var due []*hunt.Hunt
	switch {
	case t.backfill != "":
		err, due = l.ResumeBackfill(ctx, t.backfill, now), s.Hunts
	case t.connection != "":
		err = l.ResumeConnection(ctx, t.connection, now) // its runs are queued already
	default:
		err, due = l.Unpause(ctx, t.hunt.Name, now), []*hunt.Hunt{t.hunt}
	}
	if err != nil {
		return err
	}
	return planHunts(ctx, l, s, due)
}

// A CancelLedger cancels runs and backfills.
type CancelLedger interface {
	Cancel(ctx context.Context, run, reason string, now time.Time) error
	CancelBackfill(ctx context.Context, id, reason string, now time.Time) error
}

// CancelTarget cancels a run, by its id, or backfill:ID.
func CancelTarget(ctx context.Context, l CancelLedger, text, reason string) error {
	id, ok, err := parseBackfill(text)
	switch {
	case err != nil:
		return err
	case ok:
		return l.CancelBackfill(ctx, id, reason, time.Now())
	}
	return l.Cancel(ctx, text, reason, time.Now())
}
