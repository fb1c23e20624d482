package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// put writes a file, and removes it if data is nil.
func put(t *testing.T, path string, data []byte) {
	t.Helper()
	err := os.Remove(path)
	if data != nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// crashed returns a file and its log as a daemon leaves them that was killed:
// with all of the state in the log, or with a state in the file and more in the
// log.
func crashed(t *testing.T, checkpointed bool) (file, log []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huntd.db")
	l := openState(t, "sqlite:"+path) // a new one
	if checkpointed {
		newWorld(t, l, "older")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = openFile(t, path)
	}
	newWorld(t, l, "newer")
	return get(t, path), get(t, path+"-wal")
}

// TestFilesBegunAnew: an empty file and an unreadable log are refused, or reported,
// and are still there.
func TestFilesBegunAnew(t *testing.T) {
	fresh, whole := crashed(t, false)
	older, newer := crashed(t, true)
	if len(fresh) > onePage || len(older) <= onePage {
		t.Fatalf("files of %d and %d bytes: they are not what they are meant to be", len(fresh), len(older))
	}
	garbage := bytes.Repeat([]byte("garbage."), 20_000)
	flipped := bytes.Clone(whole)
	flipped[17] ^= 1 // a salt: the header's checksum is wrong
	none, empty := []byte(nil), []byte{}
	for _, c := range []struct {
		name            string
		file, log, lock []byte
		refused         string // by Open
		viewRefused     string
		warned          string
	}{
		{"nothing", none, none, none, "", "no such file", ""},
		{"made by touch", empty, none, none, "", "is empty: start the daemon to begin a new state", "state created in a file that was empty"},
		{"made by touch, lock and all", empty, empty, empty, "", "is empty: start the daemon", "state created in a file that was empty"},
		{"cut off", empty, none, []byte("123\n"), "is empty, though a daemon has run with it", "is empty: start the daemon", ""},
		{"only a log", none, whole, none, "SQLite would delete the log", "SQLite would delete the log", ""},
		{"empty beside a log", empty, whole, none, "SQLite would delete the log", "SQLite would delete the log", ""},
		{"empty beside garbage", empty, garbage, none, "SQLite would delete the log", "SQLite would delete the log", ""},
		{"killed", fresh, whole, none, "", "", ""},
		{"killed at its start", fresh, none, none, "", "", "state created in a file that was empty"},
		{"fresh beside garbage", fresh, garbage, none, "which holds all of the state, cannot be read", "which holds all of the state, cannot be read", ""},
		{"fresh beside a damaged log", fresh, flipped, none, "cannot be read", "cannot be read", ""},
		{"killed later", older, newer, none, "", "", ""},
		{"killed later, garbage", older, garbage, none, "", "cannot be read: restore a backup, or start the daemon", "write-ahead log unreadable"},
		{"a log without frames", older, whole[:logHeader], none, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // a command waits for an empty file
			path := filepath.Join(t.TempDir(), "huntd.db")
			put(t, path, c.file)
			put(t, path+"-wal", c.log)
			put(t, path+".lock", c.lock)

			v, err := View("sqlite:" + path)
			if err == nil {
				_, err = v.Overview(t.Context())
				v.Close()
			}
			wantRefusal(t, "View", err, c.viewRefused, path)
			_, err = Join(t.Context(), "sqlite:"+path)
			if c.viewRefused != "" {
				wantRefusal(t, "Join", err, c.viewRefused, path)
				if c.file != nil && !bytes.Equal(get(t, path), c.file) || c.log != nil && !bytes.Equal(get(t, path+"-wal"), c.log) {
					t.Error("a command has changed the file or its log")
				}
			}
			put(t, path, c.file)
			put(t, path+"-wal", c.log) // which a view deletes when it closes a file that nobody else has open

			core, logs := observer.New(zapcore.WarnLevel)
			l, err := Open(t.Context(), "sqlite:"+path, zap.New(core))
			wantRefusal(t, "Open", err, c.refused, path)
			if err == nil {
				l.Close()
			} else if c.file != nil && !bytes.Equal(get(t, path), c.file) || c.log != nil && !bytes.Equal(get(t, path+"-wal"), c.log) {
				t.Error("Open has changed what it refuses")
			}
			if warned := logs.FilterMessageSnippet(c.warned); c.warned == "" && logs.Len() > 0 || c.warned != "" && warned.Len() != 1 {
				t.Errorf("warnings %v, want %q", logs.All(), c.warned)
			}
		})
	}
}

// wantRefusal wants an error that names the file, or none.
func wantRefusal(t *testing.T, what string, err error, want, path string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path)):
		t.Errorf("%s: %v, want %q", what, err, want)
	}
	if err != nil && !errors.Is(err, ErrFile) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v is no %q", what, err, ErrFile)
	}
}

// TestAFolderIsNoState: nor is anything else that is no regular file.
func TestAFolderIsNoState(t *testing.T) {
	dir := t.TempDir()
	_, opened := Open(t.Context(), "sqlite:"+dir, zap.NewNop())
	_, viewed := View("sqlite:" + dir)
	for _, err := range []error{opened, viewed} {
		if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), dir+" is no regular file") {
			t.Errorf("a folder: %v", err)
		}
	}
}
