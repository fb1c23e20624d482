package main

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// newDatabase makes an empty database on the server that HUNTD_TEST_POSTGRES
// names, and returns its URL.
func newDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("HUNTD_TEST_POSTGRES")
	if server == "" {
		skip(t, "no PostgreSQL to test with: HUNTD_TEST_POSTGRES is not set")
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

// skip leaves a test out that cannot be run here, unless it must be.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}
