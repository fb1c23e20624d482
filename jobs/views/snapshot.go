package views

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

// A Snapshot is what the ledger says of all hunts at one moment. The zero Snapshot
// is that of a state in which nothing has run yet.
type Snapshot struct {
	hunts   map[string]state.HuntView
	paused  map[string]state.Pause // by connection
	daemons []state.Daemon
	outbox  configs.Size
}

// A SnapshotLedger is read for a [Snapshot].
type SnapshotLedger interface {
	Overview(ctx context.Context, hunts ...string) (map[string]state.HuntView, error)
	PausedConnections(ctx context.Context, now time.Time) (map[string]state.Pause, error)
	Daemons(ctx context.Context, now time.Time) ([]state.Daemon, error)
	OutboxBytes(ctx context.Context) (int64, error)
}

// ReadSnapshot reads what the ledger says of hunts.
func ReadSnapshot(ctx context.Context, l SnapshotLedger, hunts []*hunt.Hunt, now time.Time) (s Snapshot, err error) {
	names := make([]string, len(hunts))
	for i, h := range hunts {
		names[i] = h.Name
	}
	if s.hunts, err = l.Overview(ctx, names...); err != nil {
		return s, err
	}
	if len(s.hunts) > 0 { // else the tables may not be there yet
		bytes, err := l.OutboxBytes(ctx)
		if err != nil {
			return s, err
		}
		s.outbox = configs.Size(bytes)
	}
	if s.paused, err = l.PausedConnections(ctx, now); err != nil {
		return s, err
	}
	s.daemons, err = l.Daemons(ctx, now)
	return s, err
}

// List returns a row for each hunt, and what holds back or concerns several of them,
// a line each. No run begins while the outbox holds more than spool.
func (s Snapshot) List(hunts []*hunt.Hunt, spool configs.Size, now time.Time) (rows []Hunt, notes []string) {
	full := ""
	if s.outbox > spool {
		full = fmt.Sprintf("the outbox is full: %s wait for HEC, limits.spool is %s: no run begins until some have left", s.outbox, spool)
		notes = append(notes, full)
	}
	notes = append(notes, describeDaemons(s.daemons)...)
	for _, h := range hunts {
		row := Hunt{
			Hunt: h.Name, Cron: h.Spec.Schedule.Cron, Timezone: h.Spec.Schedule.Timezone,
			Next: h.Schedule.NextSlot(now).UTC().Format(time.RFC3339), Held: cmp.Or(full, describeHold(s.daemons, h.Source.Connection)),
		}
		if v, ok := s.hunts[h.Name]; ok {
			row.addView(v, now)
		}
		if p, ok := s.paused[h.Source.Connection]; ok && row.Paused == "" {
			row.Paused, row.PausedUntil = FormatInstant(p.Since), FormatInstant(p.Until)
			row.PauseReason = fmt.Sprintf("connection %s: %s", h.Source.Connection, p.Reason)
		}
		rows = append(rows, row)
	}
	return rows, notes
}
