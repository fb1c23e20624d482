package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

// ErrNotEmpty says that a state which is to be moved into holds something.
var ErrNotEmpty = errors.New("the state to move to is not empty")

// A batch of rows that are written in one statement ends at so many rows or
// bytes: a body of the outbox may have half a megabyte.
const (
	batchRows  = 100
	batchBytes = 1 << 20
)

// Moved says what [Move] has carried over.
type Moved struct {
	Tables []Carried
	Queued int // open runs, which wait to be offered
}

// Carried is how many rows of a table were carried over.
type Carried struct {
	Table string
	Rows  int
	// Merged rows had a key that is another row's in the new place: PostgreSQL
	// does not hold all texts apart that SQLite does.
	Merged int
}

// Move carries the state from into the state to, and marks the former so that
// nothing hunts with it any more: opening it returns [ErrMoved]. Nobody may
// have from open, else it returns [ErrInUse]; the tables of to must be empty,
// else it returns [ErrNotEmpty]. An open run is queued in the new place, under
// a fence that shuts out whoever had it. Of a crash, either nothing or all has
// been carried over. A state that was moved before is refused unless again says
// to carry it over as it stood then.
func Move(ctx context.Context, from, to string, again bool, now time.Time) (m Moved, err error) {
	if err := errors.Join(Validate(from), Validate(to)); err != nil {
		return m, err
	}
	if sameState(from, to) {
		return m, fmt.Errorf("%w: it is the one to move, %s", ErrNotEmpty, Redact(to))
	}
	source, err := openIdle(ctx, from)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	// Nothing is begun for a state that may not be moved.
	err = source.db.write(ctx, func(ctx context.Context, tx *tx) error { return source.mayLeave(ctx, tx, again) })
	if err != nil {
		return m, fmt.Errorf("state %s: %w", source.name, err)
	}
	target, err := Open(ctx, to, zap.NewNop())
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	done := false
	// The mark is written before anything is carried over and committed after it:
	// in between lies no more than a commit. Whoever interrupts the move must not
	// come in there.
	err = source.db.write(context.WithoutCancel(ctx), func(ctx context.Context, src *tx) error {
		if err := source.leave(ctx, src, target.name, again, now); err != nil {
			return fmt.Errorf("state %s: %w", source.name, err)
		}
		if err := source.db.unbounded(ctx, src); err != nil {
			return err
		}
		err := target.db.write(ctx, func(ctx context.Context, dst *tx) (err error) {
			if err := target.db.unbounded(ctx, dst); err != nil {
				return err
			}
			m, err = target.takeOver(ctx, dst, src, source.db, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("state %s: %w", target.name, err)
		}
		done = true
		return nil
	})
	if err != nil && done {
		err = fmt.Errorf("everything is in %s, but %s could not be marked as moved and must not be hunted with: %w", target.name, source.name, err)
	}
	if err != nil && ctx.Err() != nil && !done {
		err = ctx.Err()
	}
	return m, err
}

// sameState reports whether two names are of one state, as far as names tell.
func sameState(a, b string) bool {
	if isPostgres(a) || isPostgres(b) {
		return a == b
	}
	one, err := os.Stat(strings.TrimPrefix(a, sqliteScheme))
	other, failed := os.Stat(strings.TrimPrefix(b, sqliteScheme))
	return err == nil && failed == nil && os.SameFile(one, other)
}

// openIdle opens a state that nobody uses, and keeps others out of it.
func openIdle(ctx context.Context, name string) (*Ledger, error) {
	l := &Ledger{name: Redact(name)}
	var err error
	if isPostgres(name) {
		l.db, err = viewPostgres(name, jobs.Lease)
	} else {
		l.db, err = idleSQLite(ctx, strings.TrimPrefix(name, sqliteScheme))
	}
	if err == nil {
		return l, nil
	}
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("there is nothing to move: %w", err)
	}
	return nil, fmt.Errorf("state %s: %w", l.name, err)
}

// mayLeave refuses to move a state that is in use, empty, or moved already.
func (l *Ledger) mayLeave(ctx context.Context, tx *tx, again bool) error {
	if err := l.db.idle(ctx, tx); err != nil {
		return err
	}
	steps, err := l.db.version(ctx, tx)
	if err == nil && steps == 0 {
		err = errors.New("there is nothing to move: no daemon has run with it")
	}
	if err == nil && !again {
		err = l.stays(ctx, tx)
	}
	return err
}

// leave brings the state up to date and marks it.
func (l *Ledger) leave(ctx context.Context, tx *tx, target string, again bool, now time.Time) error {
	if err := l.mayLeave(ctx, tx, again); err != nil {
		return err
	}
	if _, err := l.upgrade(ctx, tx); err != nil {
		return err
	}
	return markMoved(ctx, tx, target, now)
}

// takeOver fills an empty state from another.
func (l *Ledger) takeOver(ctx context.Context, dst, src *tx, from database, now time.Time) (m Moved, err error) {
	for _, t := range tables() {
		if err := t.mustBeEmpty(ctx, dst); err != nil {
			return m, err
		}
	}
	for _, t := range tables() {
		carried, err := t.carry(ctx, dst, src)
		if err != nil {
			return m, fmt.Errorf("table %s: %w", t.name, err)
		}
		m.Tables = append(m.Tables, carried)
		if !t.numbered {
			continue
		}
		last, err := from.lastNumber(ctx, src, t.name)
		if err == nil && last > 0 {
			err = l.db.numberFrom(ctx, dst, t.name, last)
		}
		if err != nil {
			return m, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	if err := dst.one(ctx, `SELECT count(*) FROM run WHERE state`+isOpen).Scan(&m.Queued); err != nil {
		return m, err
	}
	return m, requeueAll(ctx, dst, now)
}

func (t table) mustBeEmpty(ctx context.Context, tx *tx) error {
	n := 0
	if err := tx.one(ctx, "SELECT count(*) FROM "+t.name).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w: its table %s has %d rows already; name an empty database", ErrNotEmpty, t.name, n)
	}
	return nil
}

// carry writes the table's rows as they are read, a batch in memory at a time.
func (t table) carry(ctx context.Context, dst, src *tx) (c Carried, err error) {
	c.Table = t.name
	read, rows, size := 0, 0, 0
	var batch []any
	flush := func() error {
		if rows == 0 {
			return nil
		}
		n, err := dst.exec(ctx, t.insert(rows), batch...)
		c.Rows += int(n)
		batch, rows, size = batch[:0], 0, 0
		return err
	}
	err = src.each(ctx, func(r row) error {
		values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		batch = append(batch, values...)
		read, rows, size = read+1, rows+1, size+weight(values)
		if rows < batchRows && size < batchBytes {
			return nil
		}
		return flush()
	}, t.query())
	if err == nil {
		err = flush()
	}
	if c.Merged = read - c.Rows; err == nil && c.Merged > 0 && t.name != "suppression" {
		err = fmt.Errorf("%d of %d rows have the key of another one, written meanwhile: stop what uses the state", c.Merged, read)
	}
	return c, err
}

func (t table) query() string {
	q := "SELECT " + strings.Join(t.columns, ", ") + " FROM " + t.name
	if t.where != "" {
		q += " WHERE " + t.where
	}
	return q
}

func (t table) insert(rows int) string {
	one := ",(" + marks(len(t.columns)) + ")"
	return "INSERT INTO " + t.name + "(" + strings.Join(t.columns, ", ") + ") VALUES" +
		strings.Repeat(one, rows)[1:] + " ON CONFLICT DO NOTHING"
}

// weight is about how many bytes values hold.
func weight(values []any) (n int) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}
