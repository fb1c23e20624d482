package state

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

// TestOpenRunsInTheOverview: a list sees the run that is under way, and when
// one that failed is tried again.
func TestOpenRunsInTheOverview(t *testing.T) {
	w := newWorld(t, openFile(t, filepath.Join(t.TempDir(), "huntd.db")), "h")
	view := func() HuntView {
		t.Helper()
		views, err := w.Overview(w.ctx)
		w.must(err)
		return views["h"]
	}
	if got := view(); got.Open.State != "" || !got.RetryAt.IsZero() {
		t.Errorf("nothing is open, but got %+v", got)
	}
	manual := w.run(w.mark + 60)
	manual.ID, manual.Lane = manual.ID+"m", jobs.Manual
	w.must(w.Submit(w.ctx, manual, w.now.Add(-time.Hour)))
	if got := view(); got.Open.ID != manual.ID || got.Open.State != jobs.Queued {
		t.Errorf("open %+v, want the run by hand", got.Open)
	}
	live := w.plan(w.mark + 600)
	if got := view(); got.Open.ID != live.ID {
		t.Errorf("open %+v, want the live run", got.Open)
	}
	w.next() // the run by hand goes first
	live = w.claim(live)
	if got := view(); got.Open.State != jobs.Running || got.Open.Attempts != 1 || !got.RetryAt.IsZero() {
		t.Errorf("running: %+v", got)
	}
	again := w.now.Add(time.Minute)
	w.must(w.Fail(w.ctx, live, "connection refused", again, w.now))
	if got := view(); got.Open.State != jobs.Retry || got.Open.Error != "connection refused" || !got.RetryAt.Equal(again) {
		t.Errorf("waiting: %+v, want a try at %s", got, again)
	}
	w.must(w.Resume(w.ctx, map[string]string{"h": "newer"}, nil, w.now))
	if got := view(); got.Open.State != jobs.Retry || !got.RetryAt.IsZero() {
		t.Errorf("resumed: %+v, want a try at once", got)
	}
}

// TestViewOfAFileWithoutTables: a list that comes too early sees nothing yet.
func TestViewOfAFileWithoutTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huntd.db")
	withoutTables(t, path)
	l, err := View("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if views, err := l.Overview(t.Context()); err != nil || len(views) != 0 {
		t.Errorf("got %v, %v", views, err)
	}
}

// withoutTables makes a database that has nothing but its header yet.
func withoutTables(t *testing.T, path string) {
	t.Helper()
	db, err := openPool(dsn(path, "rwc"))
	if err == nil {
		err = errors.Join(db.Ping(), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
