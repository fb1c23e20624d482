package state

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state/statetest"
)

func TestPostgres(t *testing.T) {
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
