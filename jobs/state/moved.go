package state

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrMoved says that a state was moved to another place, where its hunts go on.
var ErrMoved = errors.New("the state was moved")

// movedTable marks a state that was moved. It is no step of the schema: no
// state that is in use has it.
const movedTable = "huntd_moved"

// version returns how many steps of the schema have been taken. It refuses a
// state that a newer huntd has written, and one that was moved away.
func (l *Ledger) version(ctx context.Context, tx *tx) (int, error) {
	steps, err := l.db.version(ctx, tx)
	if err == nil {
		err = known(steps)
	}
	if err == nil {
		err = l.stays(ctx, tx)
	}
	return steps, err
}

// stays refuses a state that was moved away.
func (l *Ledger) stays(ctx context.Context, tx *tx) error {
	if marked, err := l.db.hasTable(ctx, tx, movedTable); err != nil || !marked {
		return err
	}
	var target string
	var at int64
	err := tx.one(ctx, `SELECT target, at FROM huntd_moved ORDER BY at DESC LIMIT 1`).Scan(&target, &at)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w to %s on %s: its hunts go on there, name that as state in huntd.yaml",
		ErrMoved, target, fromMilli(at).Format(time.RFC3339))
}

// markMoved notes where the state has gone.
func markMoved(ctx context.Context, tx *tx, target string, now time.Time) error {
	if _, err := tx.exec(ctx, `CREATE TABLE IF NOT EXISTS huntd_moved(target TEXT NOT NULL, at BIGINT NOT NULL)`); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO huntd_moved(target, at) VALUES(?,?)`, target, now.UnixMilli())
	return err
}
