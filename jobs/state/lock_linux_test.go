package state

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSQLiteKeepsItsLocks: the lock on the file takes none of SQLite's away, which
// tell other processes that the log is in use.
func TestSQLiteKeepsItsLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	newWorld(t, openFile(t, path), "h")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // not before: it would take them away
	const sharedFirst, sharedSize = 1<<30 + 2, 510
	for _, want := range []unix.Flock_t{
		{Start: sharedFirst, Len: sharedSize, Type: unix.F_RDLCK},
		{Start: 0, Len: 1, Type: unix.F_WRLCK},
		{Start: 1, Len: sharedFirst - 10, Type: unix.F_UNLCK},
	} {
		got := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: want.Start, Len: want.Len}
		if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &got); err != nil || got.Type != want.Type {
			t.Errorf("the lock at byte %d is %d, %v, want %d", want.Start, got.Type, err, want.Type)
		}
	}
}
