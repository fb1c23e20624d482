package state

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
)

func TestPostgres(t *testing.T) {
	contract(t, func(t *testing.T) (open func() *Ledger) {
		name := newDatabase(t)
		return func() *Ledger { return openPostgres(t, name) }
	})
}

// newDatabase makes an empty database on the server that HUNTD_TEST_POSTGRES
// names, and returns its URL.
func newDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("HUNTD_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatal("HUNTD_TEST_POSTGRES is not set: it names a PostgreSQL server to test with")
		}
		t.Skip("no PostgreSQL to test with: HUNTD_TEST_POSTGRES is not set")
	}
	name := "huntd_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	statement(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { statement(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func statement(t *testing.T, server, stmt string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, stmt); err != nil {
		t.Fatal(err)
	}
}

// openPostgres opens a state whose leases are judged by the test's clock.
func openPostgres(t *testing.T, name string) *Ledger {
	t.Helper()
	l, err := Open(context.Background(), name, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	l.db.(*postgresDB).clock = func(now time.Time) time.Time { return now }
	t.Cleanup(func() { l.Close() })
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
