package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/huntd/huntd/jobs/state"
)

// A status is what the service manager shows of the daemon.
type status struct {
	hunts, running int
	paused         []string // connections
	outboxFull     bool
	unreachable    time.Time // since when the ledger is; zero if it answers
	skews          []state.ClockSkew
}

// String writes the status on one line, what needs attention behind the counts.
func (s status) String() string {
	parts := []string{fmt.Sprintf("%d hunts, %d running", s.hunts, s.running)}
	if !s.unreachable.IsZero() {
		parts = append(parts, "ledger unreachable since "+s.unreachable.UTC().Format(time.RFC3339))
	}
	for _, skew := range s.skews {
		parts = append(parts, skew.String())
	}
	if s.outboxFull {
		parts = append(parts, "outbox full")
	}
	if len(s.paused) > 0 {
		parts = append(parts, "paused: "+strings.Join(s.paused, ", "))
	}
	return strings.Join(parts, "; ")
}

// A statusBoard keeps what the status is made of and nothing else knows.
type statusBoard struct {
	mu     sync.Mutex
	paused []string
	shown  string
}

// status is the daemon's as far as it is known: the ledger is not asked.
func (d *Daemon) status() status {
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	since, _ := d.health.unreachableSince()
	return status{
		hunts: len(d.engine.Load().names), running: int(d.working.Load()), paused: d.board.paused,
		outboxFull: d.spool.full.Load(), unreachable: since, skews: d.clocks.skews(),
	}
}

// readPauses asks the ledger which connections are paused.
func (d *Daemon) readPauses(ctx context.Context, now time.Time) {
	// What is not known by now stays as it was: the heartbeat logs the cause.
	if paused, err := d.ledger.PausedConnections(ctx, now); err == nil {
		d.board.mu.Lock()
		d.board.paused = slices.Sorted(maps.Keys(paused))
		d.board.mu.Unlock()
	}
}

// showStatus shows the service manager a status that has changed, and that the
// daemon is ready if it was not told.
func (d *Daemon) showStatus() {
	if d.readyOwed.Load() {
		d.ready()
	}
	text := d.status().String()
	d.board.mu.Lock()
	changed := text != d.board.shown
	d.board.mu.Unlock()
	if !changed {
		return
	}
	err := d.notify.Status(text)
	if d.tell(err); err == nil {
		d.board.mu.Lock()
		d.board.shown = text
		d.board.mu.Unlock()
	}
}
