package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// openKeeping opens a pool of one connection, and shows what it keeps.
func openKeeping(t *testing.T) (db *sql.DB, kept func() map[string]*keptStmt) {
	t.Helper()
	db, err := openPool(dsn(filepath.Join(t.TempDir(), "kept.db"), "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return db, func() (kept map[string]*keptStmt) {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Raw(func(c any) error { kept = c.(*keepingConn).kept; return nil }); err != nil {
			t.Fatal(err)
		}
		return kept
	}
}

func number(t *testing.T, row interface{ Scan(...any) error }) (n int) {
	t.Helper()
	if err := row.Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStatementsAreKept: a statement is prepared once, also where the schema
// changes under it, and those that were not used for longest go first.
func TestStatementsAreKept(t *testing.T) {
	db, kept := openKeeping(t)
	const count = "SELECT count(*) FROM sqlite_schema WHERE type='table'"
	if n := number(t, db.QueryRow(count)); n != 0 {
		t.Errorf("%d tables in a new file", n)
	}
	first := kept()[count].Stmt
	if _, err := db.Exec("CREATE TABLE a(n); CREATE TABLE b(n)"); err != nil { // a script
		t.Fatal(err)
	}
	if n := number(t, db.QueryRow(count)); n != 2 {
		t.Errorf("%d tables, want 2", n)
	}
	if again := kept()[count].Stmt; again != first {
		t.Error("the statement was prepared twice")
	}
	for i := range 2 * keptStatements {
		if got := number(t, db.QueryRow(fmt.Sprint("SELECT ", i))); got != i {
			t.Errorf("SELECT %d says %d", i, got)
		}
		number(t, db.QueryRow(count))
	}
	if n := len(kept()); n != keptStatements {
		t.Errorf("%d statements are kept, want %d", n, keptStatements)
	}
	if again := kept()[count].Stmt; again != first {
		t.Error("a statement in steady use was dropped")
	}
}

// TestStatementInUse: a statement whose rows are being read can be carried out
// in the meantime, with other arguments, without disturbing them.
func TestStatementInUse(t *testing.T) {
	db, kept := openKeeping(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	const counted = "WITH RECURSIVE s(n) AS (SELECT ? UNION ALL SELECT n+1 FROM s WHERE n<?) SELECT n FROM s"
	outer, err := tx.Query(counted, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	var got []int
	for outer.Next() {
		got = append(got, number(t, outer), number(t, tx.QueryRow(counted, 10*len(got), 100)))
	}
	if err := errors.Join(outer.Err(), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	if want := "[1 0 2 20 3 40]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if s := kept()[counted]; s == nil || s.inUse {
		t.Error("the statement counts as used when its rows are read")
	}
}

// TestStatementsEnd: neither a mistake nor the end of a context leaves a
// statement that is no good.
func TestStatementsEnd(t *testing.T) {
	db, kept := openKeeping(t)
	if _, err := db.Exec("CREATE TABLE a(n INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO a(n) VALUES(?) RETURNING n"
	for _, n := range []int{1, 2} {
		if got := number(t, db.QueryRow(insert, n)); got != n {
			t.Errorf("got %d, want %d", got, n)
		}
		if err := db.QueryRow(insert, n).Scan(new(int)); err == nil {
			t.Errorf("%d was inserted twice", n)
		}
	}
	if _, err := db.Exec("SELEKT 1"); err == nil || kept()["SELEKT 1"] != nil {
		t.Errorf("nonsense was prepared: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := db.ExecContext(ended, "DELETE FROM a"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	if n := number(t, db.QueryRow("SELECT count(*) FROM a")); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// TestKeepingConnHidesNothing: what the driver's connections can do beyond
// driver.Conn, those that keep statements can do too.
func TestKeepingConnHidesNothing(t *testing.T) {
	db, _ := openKeeping(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(c any) error {
		own := c.(*keepingConn).Unwrap()
		for name, can := range map[string]func(any) bool{
			"NamedValueChecker": func(c any) bool { _, ok := c.(driver.NamedValueChecker); return ok },
			"SessionResetter":   func(c any) bool { _, ok := c.(driver.SessionResetter); return ok },
			"Validator":         func(c any) bool { _, ok := c.(driver.Validator); return ok },
			"ConnBeginTx":       func(c any) bool { _, ok := c.(driver.ConnBeginTx); return ok },
		} {
			if can(own) != can(c) {
				t.Errorf("%s: the driver's connection %t, the one that keeps statements %t", name, can(own), can(c))
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
