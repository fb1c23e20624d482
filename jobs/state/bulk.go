package state

import (
	"context"
	"strings"
)

const (
	// rowsAtOnce bounds how many rows a statement writes, and statementsAtOnce how
	// many statements go in one trip.
	rowsAtOnce       = 512
	statementsAtOnce = 16
)

// A bulk is an INSERT of many rows.
type bulk struct {
	insert   string // up to the rows, as in INSERT INTO t(a, b)
	conflict string // what follows them
	columns  int
}

// write inserts n rows in order. The number of rows in a statement is a power of
// two: each other number would be another statement to prepare.
func (b bulk) write(ctx context.Context, tx *tx, n int, row func(i int) []any) error {
	var commands []command
	for at, size := 0, rowsAtOnce; at < n; {
		for at+size > n {
			size /= 2
		}
		args := make([]any, 0, size*b.columns)
		for range size {
			args = append(args, row(at)...)
			at++
		}
		values := strings.Repeat(",("+marks(b.columns)+")", size)[1:]
		commands = append(commands, newCommand(b.insert+" VALUES"+values+" "+b.conflict, args...))
		if len(commands) < statementsAtOnce && at < n {
			continue
		}
		if _, err := tx.all(ctx, commands); err != nil {
			return err
		}
		commands = commands[:0]
	}
	return nil
}
