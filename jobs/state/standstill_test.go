package state

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// inCommit calls a function in the middle of a commit.
type inCommit struct {
	jobs.NopObserver
	then func()
}

// Committing implements [jobs.Observer].
func (c inCommit) Committing(_ jobs.Run, step string) {
	if step == "memory kept" {
		c.then()
	}
}

// TestACommitThatStandsStill: a process that stops in the middle of a commit
// holds up nothing but its own run, and that no longer than its lease.
func TestACommitThatStandsStill(t *testing.T) {
	name := statetest.NewDatabase(t)
	open := func() *Ledger {
		l, err := Open(context.Background(), name, zap.NewNop(), WithLease(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		l.db.(*postgresDB).clock = func(now time.Time) time.Time { return now }
		t.Cleanup(func() { l.Close() })
		return l
	}
	stopped, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	zombie := open()
	zombie.observe = inCommit{then: func() {
		close(stopped)
		<-goOn
	}}
	still := newWorld(t, zombie, "still")
	r := still.claim(still.plan(still.mark + 60))
	go func() { ended <- zombie.Commit(still.ctx, jobs.Commit{Run: r}, still.now) }()
	<-stopped

	w := newWorld(t, open(), "moving")
	w.claim(w.plan(w.mark + 60))
	w.now = w.now.Add(jobs.Lease + time.Second) // both leases have lapsed
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	rescued := func() int {
		t.Helper()
		ids, err := w.Rescue(ctx, w.now)
		if err != nil {
			t.Fatal(err)
		}
		return len(ids)
	}
	if n := rescued(); n != 1 {
		t.Errorf("%d runs were taken over, want the one whose rows are free", n)
	}
	for n := 0; n == 0; n = rescued() { // until the server has ended the session
		<-time.After(50 * time.Millisecond)
	}
	close(goOn)
	if err := <-ended; err == nil {
		t.Error("the commit that stood still has gone through")
	}
	still.Ledger, still.now = w.Ledger, w.now
	still.commit(still.claim(r))
}
