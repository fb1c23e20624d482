package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
)

// ErrSpoolFull says that more events wait for HEC than limits.spool allows.
var ErrSpoolFull = errors.New("more events wait in the outbox than it may hold")

const (
	// leastSpool is a few bodies.
	leastSpool = 1 << 20
	// spoolPause is how long a run waits, at least, to ask again for room.
	spoolPause = 10 * time.Second
	// spoolLook is how often the outbox is measured at most; where that takes
	// long, it is measured so much less often that it takes no more than a
	// twentieth of the time.
	spoolLook  = time.Second
	spoolShare = 20
)

// A spool remembers whether the outbox had room.
type spool struct {
	mu   sync.Mutex
	next time.Time // when it is to be measured again
	full bool
}

// hasRoom reports whether a run may begin: whether the outbox holds no more than
// it may. Once it was full, a tenth must have left before runs begin again.
func (d *Daemon) hasRoom(ctx context.Context) bool {
	s := &d.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	begin := time.Now()
	if begin.Before(s.next) {
		return !s.full
	}
	held, err := d.ledger.OutboxBytes(ctx)
	if err != nil {
		return !s.full // nothing can begin now: the claim fails too, and says so
	}
	s.next = time.Now().Add(max(spoolLook, spoolShare*time.Since(begin)))
	most := int64(d.engine.Load().setup.Limits.Spool)
	before := s.full
	s.full = held > most || s.full && held > most-most/10
	switch bytes := zap.Stringer("bytes", configs.Size(held)); {
	case s.full && !before:
		d.log.Warn("the outbox is full: no run begins until events have left", bytes, zap.Stringer("limits.spool", configs.Size(most)))
	case before && !s.full:
		d.log.Info("the outbox has room again: runs begin", bytes)
	}
	return !s.full
}
