package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A tx is a transaction, and all that the statements see of the database.
type tx struct {
	sql *sql.Tx
}

func (t *tx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	res, err := t.sql.ExecContext(ctx, stmt, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) one(ctx context.Context, stmt string, args ...any) *sql.Row {
	return t.sql.QueryRowContext(ctx, stmt, args...)
}

// each calls scan for every row of a query.
func (t *tx) each(ctx context.Context, scan func(row) error, stmt string, args ...any) error {
	rows, err := t.sql.QueryContext(ctx, stmt, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A row is what a query's result can be read from.
type row interface {
	Scan(into ...any) error
}

// missing reports whether a query found no row.
func missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func (l *Ledger) write(ctx context.Context, do func(*tx) error) error {
	if l.writer == nil {
		return errors.New("the state is open for reading only")
	}
	return transact(ctx, l.writer, do)
}

func (l *Ledger) read(ctx context.Context, do func(*tx) error) error {
	err := transact(ctx, l.reader, do)
	if err != nil && l.writer == nil { // opening a view has shown nothing yet
		return fmt.Errorf("state %s: %w", l.path, advised(err))
	}
	return err
}

func transact(ctx context.Context, db *sql.DB, do func(*tx) error) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(&tx{t}); err != nil {
		return errors.Join(err, rollback(t))
	}
	return t.Commit()
}

func rollback(t *sql.Tx) error {
	if err := t.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
