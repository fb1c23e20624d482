package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// TestListSaysThatTheOutboxIsFull: for people in a line, for programs in a row.
func TestListSaysThatTheOutboxIsFull(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"huntd.yaml": "connections: { main: { api: { url: 'http://127.0.0.1:1', token: 'env:T' }, hec: { url: 'http://127.0.0.1:1', token: 'env:T' } } }\n" +
			"hunts: a.yaml\nlimits: { spool: 1MiB }\n",
		"a.yaml": "name: a\nschedule: { cron: '* * * * *' }\nsource: { connection: main, search: search index=a }\ndeliver: { records: all }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setup, err := daemon.Load(filepath.Join(dir, "huntd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := context.Background(), time.Now()
	l, err := state.Open(ctx, setup.State, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	list := func() (held, row string) {
		rows, notes, err := listRows(ctx, setup, now)
		if held = strings.Join(notes, "\n"); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		text, err := json.Marshal(rows[0])
		if err != nil {
			t.Fatal(err)
		}
		return held, string(text)
	}
	if held, row := list(); held != "" || strings.Contains(row, `"held"`) {
		t.Errorf("of an empty outbox: %q, %s", held, row)
	}
	run := jobs.NewRun(setup.Hunts[0], jobs.Manual, now, pipeline.Window{From: 1, To: 2})
	if run, err = l.Begin(ctx, run, now); err != nil {
		t.Fatal(err)
	}
	if err := l.Stage(ctx, run, 0, []jobs.Body{{Dest: "main", Data: make([]byte, 3<<19), Events: 1}}, now); err != nil {
		t.Fatal(err)
	}
	held, row := list()
	if want := "the outbox is full: 1.5MiB wait for HEC, limits.spool is 1MiB: no run begins until some have left"; held != want || !strings.Contains(row, `"held":"`+want) {
		t.Errorf("of a full outbox: %q, %s", held, row)
	}
}
