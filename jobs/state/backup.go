package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoBackup says that another program makes the backups of a state.
var ErrNoBackup = errors.New("PostgreSQL backs up its own: use pg_dump")

// Backup checks the whole state and copies it to a file as it is at one moment,
// while a daemon may go on hunting with it. The file appears when it is whole, for its owner alone;
// it must not be there yet, else Backup returns [fs.ErrExist]. Of PostgreSQL it
// returns [ErrNoBackup]. What a crash leaves behind is called .huntd-*.part.
func (l *Ledger) Backup(ctx context.Context, file string) error {
	err := l.backup(ctx, file)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("back up the state %s: %w", l.name, err)
	}
	return nil
}

func (l *Ledger) backup(ctx context.Context, file string) (err error) {
	if isPostgres(l.name) {
		return ErrNoBackup
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s: %w: name another", file, fs.ErrExist)
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".huntd-*.part") // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(part.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	err = l.db.backup(ctx, part.Name())
	if err == nil {
		err = part.Sync()
	}
	if err := errors.Join(err, part.Close()); err != nil {
		return err
	}
	return publish(part.Name(), file)
}

// publish gives a whole file its name, unless there is a file of that name by
// now, and makes that last.
func publish(part, file string) error {
	err := os.Link(part, file)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = os.Rename(part, file) // not every file system has links
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
