package state

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	empty := statetest.NewDatabase(t)
	openPostgres(t, empty).Close()
	contract(t, func(t *testing.T) (open func() *Ledger) {
		name := statetest.CopyDatabase(t, empty)
		return func() *Ledger { return openPostgres(t, name) }
	})
}

// openPostgres opens a state whose leases are judged by the test's clock.
func openPostgres(t testing.TB, name string) *Ledger {
	t.Helper()
	l := openState(t, name)
	l.db.(*postgresDB).clock = func(now time.Time) time.Time { return now }
	return l
}

func TestStatementsAreNumbered(t *testing.T) {
	for stmt, want := range map[string]string{
		"SELECT 1":                         "SELECT 1",
		"a=? AND b IN(?,?) LIMIT ?":        "a=$1 AND b IN($2,$3) LIMIT $4",
		fmt.Sprintf("x IN(%s)", marks(11)): "x IN($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
	} {
		if got := numbered(stmt); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", stmt, got, want)
		}
	}
}

// TestPasswordsAreNotShown: neither in the name of a state nor in what is said
// of one that cannot be reached.
func TestPasswordsAreNotShown(t *testing.T) {
	for _, name := range []string{
		"postgres://huntd:s3cret@127.0.0.1:1/huntd?connect_timeout=1",
		"postgres://127.0.0.1:1/huntd?user=huntd&password=s3cret&connect_timeout=1",
		"postgres://huntd:s3cret@%zz/",
	} {
		_, err := Open(context.Background(), name, zap.NewNop())
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open: %v", err)
		}
		if shown := Redact(name); strings.Contains(shown, "s3cret") {
			t.Errorf("shown as %s", shown)
		}
	}
}

// TestSmallPool: so few connections that huntd would wait for itself are refused,
// and the fewest that are not are enough for a daemon.
func TestSmallPool(t *testing.T) {
	name := statetest.NewDatabase(t)
	if err := Validate(name + "&pool_max_conns=3"); err == nil || !strings.Contains(err.Error(), "pool_max_conns is 3: a daemon needs at least 4 connections") {
		t.Errorf("three connections: %v", err)
	}
	w := newWorld(t, openPostgres(t, name+"&pool_max_conns=4"), "h")
	w.now = time.Now()
	done := make(chan struct{}, 10)
	stop, err := w.Start(w.ctx, Work{Workers: 4, Log: zap.NewNop(), Do: func(ctx context.Context, r jobs.Run) {
		w.must(w.Commit(ctx, jobs.Commit{Run: r}, time.Now()))
		done <- struct{}{}
	}})
	w.must(err)
	for range 3 {
		w.must(w.Submit(w.ctx, w.manualRun(), w.now))
	}
	for range 3 {
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Fatal("the runs were not examined within 30 s")
		}
	}
	w.must(stop(w.ctx))
}
