package daemon

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
)

// ErrSpoolFull says that more events wait for HEC than limits.spool allows.
var ErrSpoolFull = errors.New("more events wait in the outbox than it may hold")

const (
	// spoolInterval is how often the outbox is measured at most; where that takes
	// long, it is measured so much less often that it takes no more than a
	// twentieth of the time.
	spoolInterval = time.Second
	spoolShare    = 20
)

// A spool remembers whether the outbox had room.
type spool struct {
	full atomic.Bool

	mu   sync.Mutex
	next time.Time // when it is to be measured again
}

// look returns a channel that receives when a full outbox is to be measured
// again, nil while it has room.
func (s *spool) look() <-chan time.Time {
	if !s.full.Load() {
		return nil
	}
	return time.After(spoolInterval)
}

// hasRoom reports whether a run may begin: whether the outbox holds no more than
// it may.
func (d *Daemon) hasRoom(ctx context.Context) bool {
	d.measureSpool(ctx)
	return !d.spool.full.Load()
}

// measureSpool measures the outbox, if it was not measured just now. While it is
// full, no run is offered. Once it was full, a tenth must have left before runs
// begin again.
func (d *Daemon) measureSpool(ctx context.Context) {
	s := &d.spool
	if !s.mu.TryLock() {
		return // somebody measures it, and may have to wait for the ledger
	}
	defer s.mu.Unlock()
	begin := time.Now()
	if begin.Before(s.next) {
		return
	}
	held, err := d.ledger.OutboxBytes(ctx)
	if err != nil {
		return // nothing can begin now: the claim fails too
	}
	s.next = time.Now().Add(max(spoolInterval, spoolShare*time.Since(begin)))
	most := int64(d.engine.Load().setup.Limits.Spool)
	before := s.full.Load()
	full := held > most || before && held > most-most/10
	s.full.Store(full)
	switch bytes := zap.Stringer("bytes", configs.Size(held)); {
	case full && !before:
		d.log.Warn("outbox full", bytes, zap.Stringer("limits.spool", configs.Size(most)),
			zap.String("hint", "no run begins until events have been delivered: see why HEC does not take them"))
		notify(d.beats) // it is looked at again
	case before && !full:
		d.log.Info("outbox has room again", bytes)
		d.wakeOffers()
	}
}
