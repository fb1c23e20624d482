package state

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// private makes sure that nobody but the owner can read the database, whatever
// the umask says.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// lockFile takes the lock that keeps a second process out. The kernel frees it
// when this one ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		holder := make([]byte, 32)
		n, _ := f.Read(holder)
		err = fmt.Errorf("%w by process %s: stop it, or name another state", ErrInUse, strings.TrimSpace(string(holder[:n])))
		return nil, errors.Join(err, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	// The number is a courtesy to people: the lock holds without it, so that an
	// error here, on a full disk say, is none.
	if f.Truncate(0) == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}
