package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/zap"
)

// linked returns a place for a database, and the names by which it can be reached:
// a link to the file, and one to its folder.
func linked(t *testing.T) (path string, links []string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "real", "huntd.db")
	for link, target := range map[string]string{"link.db": "real/huntd.db", "folder": "real"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return path, []string{filepath.Join(dir, "link.db"), filepath.Join(dir, "folder", "huntd.db")}
}

func wantInUse(t *testing.T, path, want string) {
	t.Helper()
	l, err := Open(t.Context(), "sqlite:"+path, zap.NewNop())
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), want) {
		t.Errorf("Open of %s: %v, want %v %q", path, err, ErrInUse, want)
	}
	if err == nil {
		l.Close()
	}
}

// TestTheLockIsOnTheFile: not on its name.
func TestTheLockIsOnTheFile(t *testing.T) {
	var path string
	var links []string
	var l *Ledger
	for _, first := range []int{0, 1, 2} {
		path, links = linked(t)
		names := []string{path, links[1], links[0]}
		l = openFile(t, names[first]) // which makes the file
		for _, name := range names {
			wantInUse(t, name, fmt.Sprintf("by process %d", os.Getpid()))
		}
	}
	newWorld(t, l, "h")
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("the log is not beside the file: %v", err)
	}
	if _, err := os.Stat(links[0] + "-wal"); err == nil {
		t.Error("a log is beside the link")
	}
	for _, name := range []string{path, links[0]} {
		if err := os.Remove(name + ".lock"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		wantInUse(t, path, "another name, or whose "+path+".lock was removed")
	}
	v, err := View("sqlite:" + links[1])
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if views, err := v.Overview(t.Context()); err != nil || len(views) != 1 {
		t.Errorf("a view beside it: %v, %v", views, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	openFile(t, path) // the lock is free again
}

// TestOlderDaemons lock FILE.lock of the name that they were given, and nothing
// else. They and this one keep each other out.
func TestOlderDaemons(t *testing.T) {
	path, links := linked(t)
	older := func(name string) error {
		f, err := os.OpenFile(name+".lock", os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return err
		}
		defer func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}()
		wantInUse(t, links[0], "by another process")
		return nil
	}
	openFile(t, path).Close()
	for _, name := range []string{path, links[0]} {
		if err := os.Remove(name + ".lock"); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := older(name); err != nil {
			t.Fatal(err)
		}
	}
	openFile(t, links[0])
	for _, name := range []string{path, links[0]} {
		if err := older(name); !errors.Is(err, syscall.EWOULDBLOCK) {
			t.Errorf("an older daemon could lock %s: %v", name, err)
		}
	}
}

// TestHardLinksAreRefused: each name would get a log of its own.
func TestHardLinksAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	other := filepath.Join(t.TempDir(), "other.db")
	openFile(t, path).Close()
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, other} {
		_, opened := Open(t.Context(), "sqlite:"+name, zap.NewNop())
		_, joined := Join(t.Context(), "sqlite:"+name)
		_, viewed := View("sqlite:" + name)
		_, moved := Move(t.Context(), "sqlite:"+name, "sqlite:"+name+".new", false, t0)
		for _, err := range []error{opened, joined, viewed, moved} {
			if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), name+" has another name (hard link)") {
				t.Errorf("%s: %v, want %v", name, err, ErrFile)
			}
		}
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	openFile(t, path)
}
