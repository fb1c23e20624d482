package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
	"github.com/huntd/huntd/jobs/views"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

// TestDatabaseClockDiffers: a daemon whose clock is ten minutes ahead of the
// database's plans nothing, and the list says so, until the clocks agree.
func TestDatabaseClockDiffers(t *testing.T) {
	database := statetest.NewDatabase(t)
	// A function of the same name, found first, is the clock of all that huntd asks.
	statetest.Exec(t, database, "CREATE SCHEMA huntd")
	set := func(offset string) {
		statetest.Exec(t, database, `CREATE OR REPLACE FUNCTION huntd.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
			$$ SELECT pg_catalog.clock_timestamp() + interval '`+offset+`' $$`)
	}
	set("-10 minutes")
	splunk, err := sandbox.Start(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(splunk.Close)
	dir, ready := t.TempDir(), splunk.Ready()
	for name, text := range map[string]string{
		"huntd.yaml": fmt.Sprintf(`{"state": %q, "hunts": "a.yaml", "connections": {"main": {"api": {"url": %q, "token": "file:token"},
			"hec": {"url": %q, "token": "file:hec-token"}}}}`, database+"&search_path=huntd,pg_catalog", ready.API, ready.HEC),
		"a.yaml": "name: a\nschedule: { cron: '* * * * *', jitter: 0s }\nsource: { connection: main, search: search index=a }\ndeliver: { records: all }\n",
		"token":  ready.Token, "hec-token": ready.HECToken,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setup, err := daemon.Load(filepath.Join(dir, "huntd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.InfoLevel)
	ended := make(chan jobs.Run, 10)
	d, err := daemon.Open(t.Context(), setup, zap.New(core), daemon.WithLease(2*time.Second), daemon.WithObserver(endings{runs: ended}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})

	notes := func(want string) {
		t.Helper()
		var rows []views.Hunt
		var notes []string
		for end := time.Now().Add(scriptPatience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if rows, notes, err = listHunts(ctx, setup, time.Now()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(notes, "\n"); strings.Contains(got, want) && (got == "") == (want == "") {
				if rows[0].Held != got {
					t.Errorf("of the hunt the list says %q, of all %q", rows[0].Held, got)
				}
				return
			}
		}
		t.Fatalf("the list says %q, want %q", notes, want)
	}
	notes("the clock of the database is 10m0s behind since")
	if n, err := d.Ledger().OpenRuns(ctx); err != nil || n != 0 || splunk.Calls(sandbox.CreateJob) != 0 || len(ended) != 0 {
		t.Errorf("%d runs are open, %v; %d searches", n, err, splunk.Calls(sandbox.CreateJob))
	}
	set("0 minutes")
	select {
	case run := <-ended:
		if run.Hunt != "a" || run.Window.To > time.Now().Unix() {
			t.Errorf("run %+v", run)
		}
	case <-time.After(scriptPatience):
		t.Error("the hunt does not go on")
	}
	notes("")
	for _, message := range []string{"clock skew started", "clock skew ended"} {
		if n := logs.FilterMessage(message).FilterField(zap.String("clock", "database")).Len(); n != 1 {
			t.Errorf("%q was logged %d times", message, n)
		}
	}
}

// TestDaemonsDiffer: daemons that share a state with different hunts say so once,
// and once more when a reload has made them agree.
func TestDaemonsDiffer(t *testing.T) {
	database := statetest.NewDatabase(t)
	files := func(hunts ...string) string {
		t.Helper()
		dir := t.TempDir()
		text := map[string]string{"huntd.yaml": fmt.Sprintf(`{"state": %q, "connections": {"main": {
			"api": {"url": "http://127.0.0.1:1", "token": "env:T"}, "hec": {"url": "http://127.0.0.1:1", "token": "env:T"}}}}`, database)}
		for _, h := range hunts {
			text["hunts.d/"+h+".yaml"] = "name: " + h + "\nschedule: { cron: '@yearly' }\nsource: { connection: main, search: search index=a }\ndeliver: { records: all }\n"
		}
		for name, text := range text {
			path := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	start := func(dir string) (*observer.ObservedLogs, chan<- os.Signal) {
		t.Helper()
		setup, err := daemon.Load(filepath.Join(dir, "huntd.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		core, logs := observer.New(zap.InfoLevel)
		d, err := daemon.Open(t.Context(), setup, zap.New(core), daemon.WithLease(2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		reload, done := make(chan os.Signal), make(chan error, 1)
		go func() { done <- d.Run(ctx, reload) }()
		t.Cleanup(func() {
			stop()
			if err := errors.Join(<-done, d.Close()); err != nil {
				t.Error(err)
			}
		})
		return logs, reload
	}
	const differ, agree = "hunts of daemons differ", "hunts of all daemons agree"
	await := func(logs *observer.ObservedLogs, message string) {
		t.Helper()
		for end := time.Now().Add(scriptPatience); logs.FilterMessage(message).Len() == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%q is not logged, only %v", message, logs.All())
			}
		}
	}
	one, two := files("a"), files("a", "b")
	first, _ := start(one)
	second, reload := start(two)
	await(first, differ)
	await(second, differ)
	if err := os.Remove(filepath.Join(two, "hunts.d", "b.yaml")); err != nil {
		t.Fatal(err)
	}
	reload <- syscall.SIGHUP
	await(first, agree)
	await(second, agree)
	for _, logs := range []*observer.ObservedLogs{first, second} {
		for _, message := range []string{differ, agree} {
			if n := logs.FilterMessage(message).Len(); n != 1 {
				t.Errorf("%q was logged %d times", message, n)
			}
		}
	}
	lines := second.FilterMessage("configuration reloaded").All()
	if len(lines) != 1 || fmt.Sprint(lines[0].ContextMap()["removed_hunts"]) != "[b]" {
		t.Errorf("of the reload it says %v", lines)
	}
}

// endings are the runs of which an attempt has ended.
type endings struct {
	jobs.NopObserver
	runs chan jobs.Run
}

// Committed implements [jobs.Observer].
func (e endings) Committed(c jobs.Commit, _ time.Duration) { e.runs <- c.Run }

// Retried implements [jobs.Observer].
func (e endings) Retried(r jobs.Run, _ time.Duration, _ error) { e.runs <- r }

// Failed implements [jobs.Observer].
func (e endings) Failed(r jobs.Run, _ error) { e.runs <- r }
