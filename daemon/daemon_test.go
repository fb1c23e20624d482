package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A refusal is a Splunk that lets nobody in, but whose HEC takes events once it
// is opened.
type refusal struct {
	*httptest.Server
	open atomic.Bool
}

func newRefusal(t *testing.T) *refusal {
	r := &refusal{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case !strings.Contains(req.URL.Path, "collector"):
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"messages":[{"type":"WARN","text":"call not properly authenticated"}]}`)
		case strings.HasSuffix(req.URL.Path, "/health"):
			fmt.Fprint(w, `{"text":"HEC is healthy","code":17}`)
		case r.open.Load():
			fmt.Fprint(w, `{"text":"Success","code":0}`)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"text":"Invalid token","code":4}`)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// deploy writes a setup whose one Splunk is r.
func deploy(t *testing.T, r *refusal, hunts ...string) string {
	t.Helper()
	side := fmt.Sprintf(`{ url: %q, token: "file:token" }`, r.URL)
	files := map[string]string{"token": "t", "huntd.yaml": "connections:\n  main:\n    api: " + side + "\n    hec: " + side + "\n"}
	for _, h := range hunts {
		files["hunts.d/"+h+".yaml"] = huntText(h)
	}
	return write(t, files)
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

// A running is a running daemon.
type running struct {
	*Daemon
	t     *testing.T
	path  string
	ended chan jobs.Run
	stop  func()
}

func start(t *testing.T, path string, above ...configs.Layer) *running {
	t.Helper()
	r := &running{t: t, path: path, ended: make(chan jobs.Run, 100)}
	var err error
	r.Daemon, err = Open(context.Background(), load(t, path, above...), zap.NewNop(), WithObserver(endings{runs: r.ended}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, nil) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, r.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// wait returns the hunts of the next n runs that end, in order of their names.
func (r *running) wait(n int) []string {
	r.t.Helper()
	var hunts []string
	for range n {
		select {
		case run := <-r.ended:
			hunts = append(hunts, run.Hunt)
		case <-time.After(30 * time.Second):
			r.t.Fatalf("after %q no run ended within 30 s", hunts)
		}
	}
	slices.Sort(hunts)
	return hunts
}

// TestReload: a bad configuration changes nothing; a good one is taken over, and
// what failed for good is tried again.
func TestReload(t *testing.T) {
	splunk := newRefusal(t)
	r := start(t, deploy(t, splunk, "a", "b"), configs.Flag("--workers", "3", "workers"))
	if got := r.wait(2); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("runs of %q ended", got)
	}
	dir := filepath.Join(filepath.Dir(r.path), "hunts.d")

	old := r.engine.Load()
	refused := func(want string) {
		t.Helper()
		if err := r.replace(context.Background(), old); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("reload: %v, want %q", err, want)
		}
		if r.engine.Load() != old {
			t.Error("a configuration that was refused is at work")
		}
	}
	put(t, filepath.Join(dir, "b.yaml"), huntText("b", "0 * * * *", "0 0 30 2 *"))
	refused("b.yaml:2: cron line \"0 0 30 2 *\" never fires")
	put(t, filepath.Join(dir, "b.yaml"), huntText("b"))
	config := read(t, r.path)
	put(t, r.path, "state: sqlite:other.db\n"+config)
	refused("takes a restart")
	put(t, r.path, config)

	if err := os.Remove(filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "c.yaml"), huntText("c"))
	if err := r.replace(context.Background(), old); err != nil {
		t.Fatal(err)
	}
	if got := r.engine.Load().setup.Workers; got != 3 {
		t.Errorf("after the reload, there are %d workers, want the flag's 3", got)
	}
	got := r.wait(2)
	if r.stop(); slices.Contains(got, "a") || !slices.Contains(got, "c") {
		t.Errorf("after the reload, runs of %q ended", got)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRestartTriesAgain: what failed for good is tried again in the same slot.
func TestRestartTriesAgain(t *testing.T) {
	path := deploy(t, newRefusal(t), "a")
	for range 2 {
		r := start(t, path)
		r.wait(1)
		runs, err := r.Ledger().Runs(context.Background(), "a", jobs.Live)
		if err != nil || len(runs) != 1 || runs[0].State != jobs.Failed || !strings.Contains(runs[0].Error, "properly authenticated") {
			t.Errorf("runs %+v, %v", runs, err)
		}
		r.stop()
	}
}

func TestRunOnceIsRefused(t *testing.T) {
	s := load(t, deploy(t, newRefusal(t), "a"))
	d, err := Open(context.Background(), s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	run, err := d.RunOnce(context.Background(), s.Hunts[0], pipeline.Window{From: 1, To: 2}, time.Minute)
	if !errors.Is(err, pipeline.ErrRefused) || run.State != jobs.Failed || run.Error == "" {
		t.Errorf("run %+v, %v", run, err)
	}
}

// TestDeliver: a run by hand waits for its events, unless nothing will leave
// until a person acts.
func TestDeliver(t *testing.T) {
	r := newRefusal(t)
	s := load(t, deploy(t, r, "a"))
	d, err := Open(context.Background(), s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	run := staged(t, d, s.Hunts[0])
	err = d.deliver(context.Background(), run, "main", time.Hour)
	var parked *pipeline.ParkedError
	if !errors.Is(err, jobs.ErrUndelivered) || !errors.As(err, &parked) || !strings.HasPrefix(err.Error(), "1 events wait") {
		t.Errorf("with a bad token: %v", err)
	}
	if err := d.deliver(context.Background(), run, "main", 0); err != nil {
		t.Errorf("without waiting: %v", err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if err := d.deliver(stopped, run, "main", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	r.open.Store(true)
	if err := d.deliver(context.Background(), run, "main", time.Hour); err != nil {
		t.Errorf("with a good token: %v", err)
	}
	if got, err := d.Ledger().Run(context.Background(), run); err != nil || got.Delivered != 1 {
		t.Errorf("delivered %d, %v", got.Delivered, err)
	}
}

// staged commits a manual run with one event and returns its id.
func staged(t *testing.T, d *Daemon, h *hunt.Hunt) string {
	t.Helper()
	ctx, now := context.Background(), time.Now()
	run := jobs.NewRun(h, jobs.Manual, now, pipeline.Window{From: 1, To: 2})
	run, err := d.ledger.Begin(ctx, run, now)
	if err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(map[string]string{"event": "x"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := splunk.SIEM{}.Join(append(line, '\n'))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.ledger.Stage(ctx, run, 0, []jobs.Body{{Dest: "main", Data: body, Events: 1}}, now); err != nil {
		t.Fatal(err)
	}
	if err := d.ledger.Commit(ctx, jobs.Commit{Run: run}, now); err != nil {
		t.Fatal(err)
	}
	return run.ID
}

func TestCheckOnline(t *testing.T) {
	r := newRefusal(t)
	r.open.Store(true)
	var told []string
	err := CheckOnline(context.Background(), load(t, deploy(t, r, "a")), zap.NewNop(), func(line string) { told = append(told, line) })
	if !errors.Is(err, pipeline.ErrRefused) || !strings.Contains(err.Error(), "connection main: api") {
		t.Errorf("error %v", err)
	}
	if len(told) != 1 || !strings.Contains(told[0], "hec: healthy") {
		t.Errorf("told %q", told)
	}
}

func TestOneSidedConnections(t *testing.T) {
	s := load(t, write(t, map[string]string{"huntd.yaml": goodConfig, "hunts.d/a.yaml": huntText("a")}))
	c, err := connect(s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if len(c.searchers) != 2 || c.searchers["hec-only"] != nil || len(c.sinks) != 2 || c.sinks["search-only"] != nil {
		t.Errorf("clients %v, sinks %v", c.searchers, c.sinks)
	}
	h := *s.Hunts[0]
	h.Source.Connection = "hec-only"
	if _, err := c.source(&h, nil, nil); !errors.Is(err, pipeline.ErrPermanent) {
		t.Errorf("a source without an api: %v", err)
	}
}

func TestAgenda(t *testing.T) {
	a := newAgenda()
	for range 1000 { // nobody takes, and nobody waits
		a.add("b", "a")
		a.add("c")
	}
	<-a.wake
	if got := a.take(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("took %q", got)
	}
	if got := a.take(); len(got) != 0 {
		t.Errorf("took %q again", got)
	}
	a.add("d")
	if <-a.wake; !slices.Equal(a.take(), []string{"d"}) {
		t.Error("what was added later is lost")
	}
}
