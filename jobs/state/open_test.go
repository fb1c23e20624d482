package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, path)
	_, err := Open(context.Background(), "sqlite:"+path, zap.NewNop())
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("second Open: %v, want %v and the process", err, ErrInUse)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	openFile(t, path) // the lock is free again
}

func TestFilesArePrivate(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := t.TempDir()
	path := filepath.Join(dir, "hunt d?#%.db") // a name that a URL would trip over
	newWorld(t, openState(t, "sqlite:"+path), "h")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", e.Name(), info.Mode().Perm())
		}
	}
	if len(entries) < 3 {
		t.Errorf("only %d files beside %s", len(entries), path)
	}
}

func TestAMissingFolderIsNotMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nope")
	url := "sqlite:" + filepath.Join(dir, "huntd.db")
	_, err := Open(context.Background(), url, zap.NewNop())
	want := "there is no folder " + dir + ": make it, or name another"
	if !errors.Is(err, ErrNoFolder) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("Open: %v, want %q", err, want)
	}
	if err := CheckFolder(url); !errors.Is(err, ErrNoFolder) || err.Error() != want {
		t.Errorf("CheckFolder: %v, want %q", err, want)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if err := CheckFolder("sqlite:" + filepath.Join(filepath.Dir(dir), "huntd.db")); err != nil {
		t.Errorf("CheckFolder of one that is there: %v", err)
	}
}

func TestBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	for _, want := range []bool{true, false} {
		l := openState(t, "sqlite:"+path)
		if l.begun != want {
			t.Errorf("begun: %v, want %v", l.begun, want)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenIsInterrupted: a start that is called off does not blame the database.
func TestOpenIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "backup") {
		t.Errorf("Open: %v", err)
	}
}

func TestNamesOfStates(t *testing.T) {
	for url, want := range map[string]string{
		"":                                   "no kind of state",
		"sqlite:":                            "the path of a file",
		"mysql:x":                            `"mysql" is no kind of state`,
		"postgres://huntd:secret@db:x/huntd": "cannot be read",
	} {
		_, err := Open(context.Background(), url, zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q): %v, want an error with %q", url, err, want)
			continue
		}
		if verr := Validate(url); verr == nil || verr.Error() != err.Error() {
			t.Errorf("Validate(%q): %v, but Open: %v", url, verr, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is told: %v", err)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, path)
	change(t, l, fmt.Sprintf("PRAGMA user_version=%d", len(schemas())+1))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), "sqlite:"+path, zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "written by a newer huntd") {
		t.Errorf("Open: %v", err)
	}
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	l := openFile(t, path)
	change(t, l, "PRAGMA user_version=0")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), "sqlite:"+path, zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "another program's") {
		t.Errorf("Open: %v", err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, whole)
	for i := range 200 {
		newWorld(t, l, fmt.Sprintf("hunt-%d", i))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"not a database": func([]byte) []byte { return []byte(strings.Repeat("this is no database. ", 100)) },
		"cut":            func(b []byte) []byte { return b[:len(b)/2] },
		"overwritten": func(b []byte) []byte {
			copy(b[4096:], strings.Repeat("\xff", len(b)-4096))
			return b
		},
	} {
		path := filepath.Join(t.TempDir(), "huntd.db")
		if err := os.WriteFile(path, damage(append([]byte{}, data...)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(context.Background(), "sqlite:"+path, zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), "restore it from a backup") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Open: %v", name, err)
		}
		if name == "cut" {
			continue // whether a reader meets what is missing depends on where it looks
		}
		v, err := View("sqlite:" + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = v.Overview(context.Background()); err == nil || !strings.Contains(err.Error(), "restore it from a backup") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: a view: %v", name, err)
		}
		v.Close()
	}
}

// TestDamageIsMet: a start and orders read what they need of a file and not all of
// it; whoever meets damage says what to do, and it gets into no backup.
func TestDamageIsMet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	w := newWorld(t, openFile(t, path), "h")
	r := w.plan(w.mark + 600)
	var roots []int64 // of the table and its indexes
	w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(w.ctx, func(r row) error {
			var root int64
			err := r.Scan(&root)
			roots = append(roots, root)
			return err
		}, `SELECT rootpage FROM sqlite_schema WHERE tbl_name='suppression'`)
	}))
	w.must(w.Close())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	w.must(err)
	for _, root := range roots {
		const pageSize = 4096
		_, err := f.WriteAt([]byte(strings.Repeat("\xff", pageSize)), (root-1)*pageSize)
		w.must(err)
	}
	w.must(f.Close())

	w.Ledger = openFile(t, path)
	order, err := Join(w.ctx, "sqlite:"+path)
	w.must(err)
	w.must(order.Pause(w.ctx, "h", "an order", time.Time{}, w.now))
	w.must(order.Unpause(w.ctx, "h", w.now))
	w.must(order.Close())
	r = w.claim(r)
	backup := filepath.Join(t.TempDir(), "backup.db")
	_, read := w.Suppressions(w.ctx, "h", jobs.Live, []string{"k"}, 0)
	for what, err := range map[string]error{
		"a read":   read,
		"a commit": w.Commit(w.ctx, jobs.Commit{Run: r, Shown: []jobs.Suppression{{Key: "k", Until: 1}}}, w.now),
		"a backup": w.Backup(w.ctx, backup),
	} {
		if !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v, want %v", what, err, errDamaged)
		}
	}
	if _, err := os.Stat(backup); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the backup: %v", err)
	}
}

func TestView(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	if _, err := View("sqlite:" + path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("View of nothing: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("View made a file")
	}
	l := openFile(t, path)
	w := newWorld(t, l, "h")
	w.commit(w.claim(w.plan(w.mark + 600)))
	v, err := View("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	views, err := v.Overview(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := views["h"]
	if got.Watermark != w.mark || !got.Ended || got.Last.State != jobs.Succeeded || got.Pending != 1 {
		t.Errorf("overview %+v", got)
	}
	if err := v.Submit(context.Background(), w.run(w.mark+600), t0); err == nil {
		t.Error("a view was written to")
	}
}

func TestQueriesUseTheirIndexes(t *testing.T) {
	l := openFile(t, filepath.Join(t.TempDir(), "huntd.db"))
	for query, want := range map[string]string{
		`SELECT 1 FROM run r WHERE r.hunt_id='h' AND r.lane='live' AND r.state` + isOpen:                   "run_open",
		`SELECT 1 FROM run WHERE hunt_id='h' AND state` + isTelling + ` ORDER BY finished_at DESC LIMIT 1`: "run_ended",
		`SELECT 1 FROM run WHERE hunt_id='h' AND state` + isOpen + ` ORDER BY lane, created_at`:            "run_open",
		`SELECT id FROM outbox WHERE ready=1 AND dest='d' AND (not_before<=1 OR not_before>2)`:             "outbox_ready",
		`DELETE FROM outbox WHERE run_id='r' AND ready=0`:                                                  "outbox_staged",
	} {
		var plan []string
		err := l.read(context.Background(), func(ctx context.Context, tx *tx) error {
			return tx.each(context.Background(), func(r row) error {
				var id, parent, unused int
				var step string
				err := r.Scan(&id, &parent, &unused, &step)
				plan = append(plan, step)
				return err
			}, "EXPLAIN QUERY PLAN "+query)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(plan, "; "); !strings.Contains(got, want) {
			t.Errorf("%s\nis answered by %q, want by %s", query, got, want)
		}
	}
}

// t0 is when the tests begin.
var t0 = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// newFile is what a file holds that was just made. Making it anew for each test
// costs a second under the race detector.
var newFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "huntd-state")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "huntd.db")
	l, err := Open(context.Background(), "sqlite:"+path, zap.NewNop())
	if err != nil {
		return nil, err
	}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// openFile opens the state in a file, an empty one if there is no file.
func openFile(t testing.TB, path string) *Ledger {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		data, err := newFile()
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return openState(t, "sqlite:"+path)
}

// openState opens a state that is closed with the test.
func openState(t testing.TB, name string) *Ledger {
	t.Helper()
	l, err := Open(context.Background(), name, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// change runs a statement outside any transaction.
func change(t testing.TB, l *Ledger, stmt string) {
	t.Helper()
	if _, err := l.db.(*sqliteDB).writer.Exec(stmt); err != nil {
		t.Fatal(err)
	}
}
