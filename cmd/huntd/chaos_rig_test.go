package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

const (
	chaosRecords = 720 // one in two minutes, over a day
	chaosBulk    = 30  // of 40 kB each, within an hour: several bodies a window
	chaosHosts   = 4
)

// A chaosHunt is one of the hunts that all crash tests run.
type chaosHunt struct {
	name, index string
	longest     int // its windows, in those of the rig
	rest        string
}

// chaosHunts have many small windows, windows whose findings hang on those
// before, and windows of several bodies.
var chaosHunts = []chaosHunt{
	{"all", "windows", 1, "deliver: { index: hunts, records: all }"},
	{"all-too", "windows", 2, "deliver: { index: hunts, records: all }"},
	{"bulk", "bulk", 4, "deliver: { index: hunts, records: all }"},
	{"found", "windows", 1, foundRule},
	{"found-too", "windows", 2, foundRule},
}

const foundRule = `deliver: { index: hunts }
findings:
  title: "{{.host}} was seen"
  entities: { host: host }
  suppress: { by: [host], for: 100m }`

const foundFor = 100 * 60 // seconds, as above

func (h chaosHunt) file(longest time.Duration) string {
	return fmt.Sprintf(`name: %s
schedule: { cron: "* * * * *", jitter: 0s }
source: { connection: main, search: search index=%s }
window: { lag: 0s, max: %s, first: 24h }
%s
`, h.name, h.index, time.Duration(h.longest)*longest, h.rest)
}

// finds tells hunts that deliver findings from those that deliver records.
func (h chaosHunt) finds() bool { return h.rest == foundRule }

// A rig is a sandbox, a state, and the configurations of daemons that hunt in
// the one and share the other.
type rig struct {
	*testing.T
	dir      string
	splunk   *sandbox.Sandbox
	state    string
	records  []chaosRecord
	patience time.Duration // how long daemons may take to mend everything
}

// A chaosRecord is one that is there to be found.
type chaosRecord struct {
	index, n, host string
	at             int64
}

// newRig makes a rig whose hunts have a day before them, cut into windows that
// last so long, or twice as long.
func newRig(t *testing.T, state string, longest time.Duration) *rig {
	t.Helper()
	r := &rig{T: t, dir: t.TempDir(), state: state, patience: chaosPatience}
	splunk, err := sandbox.Start(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { splunk.Close() })
	r.splunk = splunk
	r.load()
	ready := splunk.Ready()
	r.write("password", ready.Password)
	r.write("hec-token", ready.HECToken)
	r.write("huntd.yaml", fmt.Sprintf(`{"state": %q, "workers": 3, "connections": {"main": {"max_searches": 4,
		"api": {"url": %q, "user": %q, "password": "file:password"}, "hec": {"url": %q, "token": "file:hec-token"}}}}`,
		state, ready.API, ready.User, ready.HEC))
	for _, h := range chaosHunts {
		r.write("hunts.d/"+h.name+".yaml", h.file(longest))
	}
	return r
}

// load puts the records into the sandbox; all of them are past.
func (r *rig) load() {
	var events bytes.Buffer
	now := time.Now().Unix()
	add := func(index, blob string, n int, at int64) {
		rec := chaosRecord{index, fmt.Sprintf("%s/%d", index, n), fmt.Sprintf("pc%d", n%chaosHosts), at}
		r.records = append(r.records, rec)
		fmt.Fprintf(&events, `{"_time":%d,"host":%q,"index":%q,"n":%q,"blob":%q,"_raw":"n=%d"}`+"\n", at, rec.host, index, rec.n, blob, n)
	}
	for i := range chaosRecords {
		add("windows", "", i, now-120-int64(i)*120)
	}
	noise := rand.NewChaCha8([32]byte{})
	for i := range chaosBulk {
		blob := make([]byte, 20_000)
		noise.Read(blob)
		add("bulk", fmt.Sprintf("%x", blob), i, now-120-int64(i)*75)
	}
	r.write("events.ndjson", events.String())
	if err := r.splunk.LoadFile(filepath.Join(r.dir, "events.ndjson")); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

// view opens the state to read it.
func (r *rig) view() *state.Ledger {
	r.Helper()
	l, err := state.View(r.state)
	if err != nil {
		r.Fatal(err)
	}
	return l
}

// covered reports whether nothing is due and nothing waits to be sent, and says
// what is missing.
func (r *rig) covered() (bool, string) {
	l, err := state.View(r.state)
	if err != nil {
		return false, err.Error() // not there yet
	}
	defer l.Close()
	views, err := l.Overview(context.Background())
	if err != nil {
		return false, err.Error()
	}
	open, err := l.OpenRuns(context.Background())
	if err != nil || open > 0 {
		return false, fmt.Sprintf("%d open runs, %v", open, err)
	}
	for _, h := range chaosHunts {
		if v, ok := views[h.name]; !ok || v.Pending > 0 || v.Watermark < v.Slot.Unix() {
			return false, fmt.Sprintf("hunt %s: known %v, covered until %d of %d, %d events wait", h.name, ok, v.Watermark, v.Slot.Unix(), v.Pending)
		}
	}
	return true, ""
}

// await waits until a condition holds; it is another process that brings it
// about.
func (r *rig) await(patience time.Duration, holds func() (bool, string), daemons ...*process) {
	r.Helper()
	why := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		var ok bool
		if ok, why = holds(); ok {
			return
		}
	}
	for _, p := range daemons {
		r.Logf("daemon %d said last:\n%s", p.Process.Pid, p.said.tail(6000))
	}
	r.Fatalf("waited %s in vain: %s", patience, why)
}
