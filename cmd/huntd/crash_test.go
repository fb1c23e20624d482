package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

const (
	crashRecords = 1440 // one a minute, over a day
	crashKills   = 12
	crashHunt    = `name: all
schedule: { cron: "*/5 * * * *" }
source: { connection: main, search: search index=windows }
window: { lag: 0s, max: 20m, first: 24h }
deliver: { index: hunts, records: all }
`
)

// TestKillNine kills the daemon again and again at random moments. In the end
// every window is committed once, windows tile, and every record has arrived,
// each time with the same id.
func TestKillNine(t *testing.T) {
	dir := t.TempDir()
	splunk := crashSplunk(t, dir)
	ledger := crashUntilCovered(t, dir)
	defer ledger.Close()

	runs, err := ledger.Runs(context.Background(), "all", jobs.Live)
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for i, r := range runs {
		if r.State != jobs.Succeeded {
			t.Errorf("run %d over %s is %s: %s", i, r.Window, r.State, r.Error)
		}
		if i > 0 && r.Window.From != runs[i-1].Window.To {
			t.Errorf("window %s follows %s", r.Window, runs[i-1].Window)
		}
		records += r.RecordsIn
	}
	if first := crashRecords * 60 / (20 * 60); len(runs) < first {
		t.Errorf("%d windows, want %d at least", len(runs), first)
	}
	crashDelivered(t, splunk, records)
}

// crashSplunk starts a sandbox with a record a minute over the last day, and
// writes a configuration for it.
func crashSplunk(t *testing.T, dir string) *sandbox.Sandbox {
	t.Helper()
	var events bytes.Buffer
	now := time.Now().Unix()
	for i := range crashRecords {
		fmt.Fprintf(&events, `{"_time":%d,"host":"pc","index":"windows","n":"%d","_raw":"n=%d"}`+"\n", now-120-int64(i)*60, i, i)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("events.ndjson", events.String())
	splunk, err := sandbox.Start(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { splunk.Close() })
	if err := splunk.LoadFile(filepath.Join(dir, "events.ndjson")); err != nil {
		t.Fatal(err)
	}
	ready := splunk.Ready()
	write("password", ready.Password)
	write("hec-token", ready.HECToken)
	if err := os.Mkdir(filepath.Join(dir, "hunts.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("hunts.d/all.yaml", crashHunt)
	write("huntd.yaml", fmt.Sprintf(`{"connections": {"main": {
		"api": {"url": %q, "user": %q, "password": "file:password"}, "hec": {"url": %q, "token": "file:hec-token"}}}}`,
		ready.API, ready.User, ready.HEC))
	return splunk
}

// crashUntilCovered runs and kills the daemon, the last time letting it end its
// work, and returns its ledger.
func crashUntilCovered(t *testing.T, dir string) *state.Ledger {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2)) // the moments differ anyway: processes do
	for kill := range crashKills + 1 {
		var stderr bytes.Buffer
		cmd := exec.Command("huntd", "run", "--config", filepath.Join(dir, "huntd.yaml"))
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := kill == crashKills
		if last {
			crashAwaitCovered(t, dir, &stderr)
		} else {
			<-time.After(time.Duration(20+dice.IntN(400)) * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
	}
	ledger, err := state.View("sqlite:" + filepath.Join(dir, "huntd.db"))
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}

// crashAwaitCovered waits until nothing is due and nothing waits to be sent.
func crashAwaitCovered(t *testing.T, dir string, stderr fmt.Stringer) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		ledger, err := state.View("sqlite:" + filepath.Join(dir, "huntd.db"))
		if err != nil {
			continue // not there yet
		}
		views, err := ledger.Overview(context.Background())
		open, openErr := ledger.OpenRuns(context.Background())
		ledger.Close()
		v, ok := views["all"]
		if err == nil && openErr == nil && ok && open == 0 && v.Pending == 0 && v.Watermark >= v.Slot.Unix() {
			return
		}
	}
	t.Fatalf("the daemon did not cover what is due:\n%s", stderr)
}

// crashDelivered checks that every record arrived, and each time with one id.
func crashDelivered(t *testing.T, splunk *sandbox.Sandbox, records int) {
	t.Helper()
	ids, twice := map[string]string{}, 0
	for _, line := range splunk.Received() {
		var e struct {
			Event  struct{ N string }
			Fields struct {
				ID string `json:"huntd_id"`
			}
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if first, ok := ids[e.Event.N]; ok {
			twice++
			if first != e.Fields.ID {
				t.Errorf("record %s came as %s and as %s", e.Event.N, first, e.Fields.ID)
			}
		}
		ids[e.Event.N] = e.Fields.ID
	}
	distinct := map[string]bool{}
	for _, id := range ids {
		distinct[id] = true
	}
	if len(ids) != records || len(distinct) != len(ids) || records < crashRecords-10 {
		t.Errorf("%d records were committed, %d arrived under %d ids", records, len(ids), len(distinct))
	}
	t.Logf("%d records arrived, %d of them again after a kill", len(ids), twice)
}
