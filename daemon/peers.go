package daemon

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state"
)

// peers are the other daemons that share the state, of which those are remembered
// whose hunts differ from this one's.
type peers struct {
	mu     sync.Mutex
	differ []string
}

// comparePeers logs which daemons have other hunts, when that changes. A run of a
// hunt that only some have waits for one of these.
func (d *Daemon) comparePeers(ctx context.Context, e *engine, hash string, now time.Time) {
	if !state.Shared(e.setup.State) {
		return
	}
	all, err := d.ledger.Daemons(ctx, now)
	if err != nil {
		return // the heartbeat has logged the cause
	}
	differ := otherHunts(all, hash)
	d.peers.mu.Lock()
	defer d.peers.mu.Unlock()
	if slices.Equal(differ, d.peers.differ) {
		return
	}
	d.peers.differ = differ
	if len(differ) == 0 {
		d.log.Info("hunts of all daemons agree")
		return
	}
	d.log.Warn("hunts of daemons differ", zap.String("this", d.ledger.Owner()), zap.String("config_hash", hash),
		someOf("others", differ), zap.String("hint", "give all daemons that share the state the same hunts, and reload them"))
}

// otherHunts are the daemons whose hunts have another hash, each with it.
func otherHunts(daemons []state.Daemon, hash string) (differ []string) {
	for _, d := range daemons {
		if d.ConfigHash != hash {
			differ = append(differ, d.ID+" "+d.ConfigHash)
		}
	}
	return differ
}
