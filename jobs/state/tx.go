package state

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"
)

// A database is one of the two kinds: only its file knows the driver.
type database interface {
	// write runs do in a transaction that may change things, read in one that
	// may not. An error of do rolls back.
	write(ctx context.Context, do func(context.Context, *tx) error) error
	read(ctx context.Context, do func(context.Context, *tx) error) error
	// writeAsync is write for what counts for nothing without a write that follows: it
	// need not have reached the disk before that one has.
	writeAsync(ctx context.Context, do func(context.Context, *tx) error) error
	// readOne is read for a single statement, which sees one moment by itself.
	readOne(ctx context.Context, do func(context.Context, *tx) error) error
	// present is the time by which leases are judged: the database's own where
	// several hosts share it, now where one process holds it.
	present(ctx context.Context, t *tx, now time.Time) (time.Time, error)
	// version returns how many steps of the schema have been taken, and
	// setVersion notes it.
	version(ctx context.Context, t *tx) (int, error)
	setVersion(ctx context.Context, t *tx, steps int) error
	// hasTable reports whether a table is there.
	hasTable(ctx context.Context, t *tx, name string) (bool, error)
	// lastNumber is the highest number that a numbered table has given to a row,
	// of those that were deleted too, and numberFrom makes it go on behind one.
	lastNumber(ctx context.Context, t *tx, table string) (int64, error)
	numberFrom(ctx context.Context, t *tx, table string, last int64) error
	// serialize makes other transactions that give the same name wait until this
	// one ends. It does nothing where only one at a time may write.
	serialize(ctx context.Context, t *tx, name string) error
	// idle returns [ErrInUse] if another process has the state open, and keeps
	// others from opening it until the transaction ends.
	idle(ctx context.Context, t *tx) error
	// unbounded lets the statements of a transaction take as long as they need.
	unbounded(ctx context.Context, t *tx) error
	// text is a text as a column returns it.
	text(s string) string
	// adapt words a step of the schema for the database.
	adapt(step string) string
	// backup copies the database to a file, which is not there or empty, while it
	// is in use.
	backup(ctx context.Context, file string) error
	// tidy gives some of the space back that is free inside the database.
	tidy(ctx context.Context) error
	close() error
}

// A tx is a transaction, and all that the statements see of the database.
// Statements are written for both kinds, with ? for an argument.
type tx struct {
	conn
	raw any // the driver's own transaction, which the queue joins
	// skip ends a query whose rows must not change before the transaction ends;
	// those that another transaction has locked are left out.
	skip string
	// lock ends a query whose row is locked until the transaction ends; empty
	// where one transaction writes at a time.
	lock string
	// planned and offered count runs that were queued and offered. The workers are
	// woken after the commit.
	planned, offered int
	// clock is an expression for [database.present] in Unix milliseconds, or NULL
	// where no query is needed for that.
	clock string
}

// noClock is the clock where there is no server's.
const noClock = "CAST(NULL AS BIGINT)"

// A conn carries out statements.
type conn interface {
	// exec returns how many rows were changed.
	exec(ctx context.Context, stmt string, args ...any) (int64, error)
	// all carries out statements one after the other, in one trip where there is
	// a server, and returns how many rows each has changed.
	all(ctx context.Context, commands []command) ([]int64, error)
	one(ctx context.Context, stmt string, args ...any) row
	// each calls scan for every row of a query.
	each(ctx context.Context, scan func(row) error, stmt string, args ...any) error
}

// A command is a statement that has no rows for an answer.
type command struct {
	text string
	args []any
}

func newCommand(text string, args ...any) command { return command{text, args} }

// A row is what a query's result can be read from.
type row interface {
	Scan(into ...any) error
}

// missing reports whether a query found no row.
func missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// marks are n marks for arguments, in a list.
func marks(n int) string { return strings.TrimPrefix(strings.Repeat(",?", n), ",") }

// listed are values for a list of arguments. Its length is a power of two, the
// last value repeated: a statement for each number of values would have to be
// prepared for each.
func listed(values []string) (args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	for n := len(args); n > 0 && n&(n-1) != 0; n++ {
		args = append(args, values[len(values)-1])
	}
	return args
}

// numbered puts $1, $2 … in the place of the marks. No statement has a question
// mark in a literal.
func numbered(stmt string) string {
	var s strings.Builder
	n := 0
	for i := range len(stmt) {
		if stmt[i] != '?' {
			s.WriteByte(stmt[i])
			continue
		}
		n++
		s.WriteString("$" + strconv.Itoa(n))
	}
	return s.String()
}

func fromMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// asMilli is a time as the tables hold it, NULL for none.
func asMilli(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// timeOf is the time of a column that may be NULL.
func timeOf(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return fromMilli(*ms)
}
