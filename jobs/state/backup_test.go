package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// TestBackup: a backup that is made while windows are committed is of one
// moment, and hunts go on from it.
func TestBackup(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "huntd.db")
	w := newWorld(t, openFile(t, path), "h")
	w.commit(w.claim(w.plan(w.mark + 600)))
	v, err := View("sqlite:" + path)
	w.must(err)
	defer v.Close()
	dir := t.TempDir()
	copies := []string{filepath.Join(dir, "a b?.db"), filepath.Join(dir, "b.db"), filepath.Join(dir, "c.db")}
	var backups sync.WaitGroup
	backups.Go(func() {
		for _, file := range copies {
			if err := v.Backup(t.Context(), file); err != nil {
				t.Error(err)
			}
		}
	})
	for range 20 {
		w.commit(w.claim(w.plan(w.mark + 60)))
	}
	backups.Wait()
	entries, err := os.ReadDir(dir)
	w.must(err)
	if len(entries) != len(copies) {
		t.Errorf("%d files, want the %d backups alone: %v", len(entries), len(copies), entries)
	}
	for _, file := range copies {
		info, err := os.Stat(file)
		w.must(err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", file, info.Mode().Perm())
		}
		testRestored(t, file)
	}
}

func testRestored(t *testing.T, file string) {
	t.Helper()
	l := openFile(t, file)
	defer l.Close()
	r := &world{Ledger: l, t: t, ctx: t.Context(), hunt: "h", now: t0, slot: t0}
	r.mark = r.lane().Watermark
	runs, err := l.Runs(r.ctx, "h", "live")
	r.must(err)
	done := pipeline.Window{}
	for _, run := range runs {
		if run.State == "succeeded" {
			done = run.Window
		}
	}
	if done.To != r.mark {
		t.Errorf("covered until %d, but the last run that succeeded was over %s", r.mark, done)
	}
	if run, ok := r.next(); ok { // one was under way
		r.commit(run)
	}
	r.commit(r.claim(r.plan(r.mark + 600)))
	r.wantWatermark(r.mark)
}

func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	l := openFile(t, filepath.Join(dir, "huntd.db"))
	if err := l.Backup(t.Context(), filepath.Join(dir, "huntd.db")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over the state itself: %v", err)
	}
	if err := l.Backup(t.Context(), filepath.Join(dir, "nope", "x.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Backup(ctx, filepath.Join(dir, "late.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".huntd-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	v, err := View("postgres://huntd:s3cret@127.0.0.1:1/huntd")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Backup(t.Context(), filepath.Join(dir, "pg.db")); !errors.Is(err, ErrNoBackup) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("of PostgreSQL: %v", err)
	}
}
