package state

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A fileLock keeps every other daemon out of a file of SQLite. The kernel frees it
// when the process ends, however it ends.
//
// What counts is a lock on the file itself, which it has under all of its names.
// It is one of an open file description, on a byte that SQLite never locks: the
// locks of SQLite belong to the process, and are lost when the process closes any
// descriptor of the file. So the file stays open until SQLite has closed it.
//
// FILE.lock beside it holds the number of the process, and is what daemons before
// this one lock. It is taken first: a second ledger of the same process is refused
// before it has opened the file.
type fileLock struct {
	names []*os.File // FILE.lock, for the name that was given and the one it links to
	file  *os.File
	used  bool // a daemon has held the lock before
}

// openAlone locks the file, and makes it if it is not there.
func (db *sqliteDB) openAlone() (err error) {
	if db.lock, err = lockNames(db.name, db.path); err != nil {
		return err
	}
	size, lostLog, err := inspect(db.path)
	if err != nil {
		return err
	}
	if size == 0 && db.lock.used {
		return fmt.Errorf("%w: %s is empty, though a daemon has run with it: restore a backup, or remove %s.lock to begin a new state",
			ErrFile, db.path, db.path)
	}
	db.found, db.lostLog = size >= 0, lostLog
	return db.lock.lockFile(db.path)
}

// lockNames takes FILE.lock of each path.
func lockNames(paths ...string) (l *fileLock, err error) {
	l = &fileLock{}
	for _, path := range paths {
		if err := l.lockName(path + ".lock"); err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	return l, nil
}

func (l *fileLock) lockName(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if l.has(f) {
		return f.Close()
	}
	l.names = append(l.names, f)
	var taken error
	persist(func() bool {
		taken = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		return !errors.Is(taken, syscall.EWOULDBLOCK)
	})
	if taken != nil && !errors.Is(taken, syscall.EWOULDBLOCK) {
		return fmt.Errorf("lock %s: %w", name, taken)
	}
	text, err := io.ReadAll(io.LimitReader(f, 32))
	pid := strings.TrimSpace(string(text))
	switch {
	case taken != nil && pid == "":
		return fmt.Errorf("%w by another process: stop it, or name another state", ErrInUse)
	case taken != nil:
		return fmt.Errorf("%w by process %s: stop it, or name another state", ErrInUse, pid)
	}
	l.used = l.used || pid != ""
	return err
}

// persist tries again for a moment to take a lock. A process that is being started
// has the descriptors of its parent, and so their locks, until it runs its program.
func persist(try func() (done bool)) {
	for range 10 {
		if try() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// has reports whether a file is locked already: folders may be links, too.
func (l *fileLock) has(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && slices.ContainsFunc(l.names, func(other *os.File) bool {
		known, err := other.Stat()
		return err == nil && os.SameFile(info, known)
	})
}

// lockFile makes the file if it is not there, keeps it from being read by others,
// whatever the umask says, and locks it.
func (l *fileLock) lockFile(path string) (err error) {
	if l.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK, 0o600); err != nil {
		return err
	}
	var free bool
	persist(func() bool {
		free, err = lockByte(l.file)
		return free || err != nil
	})
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	if !free {
		return fmt.Errorf("%w by a process that has it under another name, or whose %s.lock was removed: stop it, or name another state", ErrInUse, path)
	}
	return l.file.Chmod(0o600)
}

// sign writes the number of the process into FILE.lock. It is for people, and says
// that the file is no longer empty. The lock holds without it, so that an error,
// on a full disk say, is none.
func (l *fileLock) sign() {
	for _, f := range l.names {
		if f.Truncate(0) == nil {
			_, _ = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
		}
	}
}

func (l *fileLock) close() error {
	var errs []error
	for _, f := range append([]*os.File{l.file}, l.names...) {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
