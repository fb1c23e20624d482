package statetest

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NewDatabase makes an empty database on the server that HUNTD_TEST_POSTGRES
// names, and returns its URL. Without a server the test is skipped, or fails if
// HUNTD_TEST_REQUIRE is 1.
func NewDatabase(t testing.TB) string {
	t.Helper()
	return CopyDatabase(t, "/template1")
}

// CopyDatabase is [NewDatabase] with the content of the database of a URL, which
// nobody has open.
func CopyDatabase(t testing.TB, from string) string {
	t.Helper()
	server := os.Getenv("HUNTD_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatal("HUNTD_TEST_POSTGRES is not set: it names a PostgreSQL server to test with")
		}
		t.Skip("no PostgreSQL to test with: HUNTD_TEST_POSTGRES is not set")
	}
	name := "huntd_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	template, err := url.Parse(from)
	if err != nil {
		t.Fatal(err)
	}
	Exec(t, server, "CREATE DATABASE "+name+" TEMPLATE "+strings.TrimPrefix(template.Path, "/"))
	t.Cleanup(func() { Exec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Exec carries out a statement in a session of its own.
func Exec(t testing.TB, server, stmt string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(ctx, stmt)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatal(err)
	}
}

// LockTable locks a table of a database against all others, as a VACUUM FULL
// does, until unlock is called.
func LockTable(t testing.TB, database, table string) (unlock func()) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "BEGIN; LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}
