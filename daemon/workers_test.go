package daemon

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
	"github.com/huntd/huntd/pipeline"
)

// A gatekeeper lets the windows of a hunt begin and end as a test says.
type gatekeeper struct {
	began chan string // hunts whose window began
	goOn  chan struct{}
}

func newGatekeeper() *gatekeeper {
	return &gatekeeper{began: make(chan string, 100), goOn: make(chan struct{})}
}

// hold makes the windows of one hunt wait until goOn is closed, or their context
// ends; those of the others end at once.
func (g *gatekeeper) hold(s *Setup, name string) *Setup {
	for connection, c := range s.Connections {
		s.Connections[connection] = Connection{heldKind{c.ConnectionKind, g, name}}
	}
	return s
}

// A heldKind is a connection whose searches a gatekeeper holds.
type heldKind struct {
	ConnectionKind
	gate *gatekeeper
	held string // the hunt
}

// NewSearcher implements [ConnectionKind].
func (k heldKind) NewSearcher(*zap.Logger) (pipeline.Searcher, error) {
	return heldSearcher{kind: k}, nil
}

type heldSearcher struct {
	pipeline.Searcher
	kind heldKind
}

// Search implements [pipeline.Searcher].
func (s heldSearcher) Search(search pipeline.Search) pipeline.Source {
	hunt := strings.TrimPrefix(search.Query, "search index=")
	return heldSource{s.kind.gate, hunt, hunt == s.kind.held, search.OnJob}
}

// Cancel implements [pipeline.Searcher].
func (heldSearcher) Cancel(context.Context, string) error { return nil }

type heldSource struct {
	gate *gatekeeper
	hunt string
	held bool
	job  func(id string)
}

// Fetch implements [pipeline.Source].
func (s heldSource) Fetch(ctx context.Context, _ pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		s.job("job of " + s.hunt)
		s.gate.began <- s.hunt
		if !s.held {
			return
		}
		select {
		case <-s.gate.goOn:
		case <-ctx.Done():
			yield(nil, context.Cause(ctx))
		}
	}
}

// next is the hunt whose window begins within a time, "" if none does.
func (g *gatekeeper) next(within time.Duration) string {
	select {
	case hunt := <-g.began:
		return hunt
	case <-time.After(within):
		return ""
	}
}

// twoConnections is a deployment whose hunts a and b search different Splunks.
func twoConnections(t *testing.T, config string) string {
	t.Helper()
	path := deploy(t, newRefusal(t), "a", "b")
	text := read(t, path)
	side := text[strings.Index(text, "    api:"):]
	put(t, path, config+text+"  other:\n"+side)
	put(t, strings.Replace(path, "huntd.yaml", "hunts.d/b.yaml", 1), huntText("b", "connection: main", "connection: other"))
	return path
}

// launch starts a daemon, and returns what stops it.
func launch(t *testing.T, d *Daemon) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx, nil) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return stop
}

// TestNoWindowBeginsAfterStop: what waits for a worker when the daemon is to stop
// stays for the next start.
func TestNoWindowBeginsAfterStop(t *testing.T) {
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			config := "workers: 1\n"
			if name == "postgres" {
				config += fmt.Sprintf("state: %q\n", statetest.NewDatabase(t))
			}
			g := newGatekeeper()
			path := twoConnections(t, config)
			d, err := New(g.hold(load(t, path), "a"), zap.NewNop(), WithLease(2*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			stop := launch(t, d)
			for first := g.next(30 * time.Second); first != "a"; first = g.next(30 * time.Second) {
				if first == "" {
					t.Fatal("no window began")
				}
			}
			for g.next(100*time.Millisecond) != "" { // b may have been first
			}
			if err := d.ledger.Submit(context.Background(), jobs.NewRun(d.engine.Load().hunts["b"], jobs.Manual, time.Now(), pipeline.Window{From: 1, To: 2}), time.Now()); err != nil {
				t.Fatal(err)
			}
			stopped := make(chan error, 1)
			go func() { stopped <- stop() }()
			for deadline := time.Now().Add(10 * time.Second); !d.stopping.Load(); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Error("the stop is not known to the workers")
					break
				}
			}
			close(g.goOn) // the worker is free
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			if hunt := g.next(0); hunt != "" {
				t.Errorf("a window of hunt %s began after the stop", hunt)
			}
			if n, err := d.ledger.OpenRuns(context.Background()); err != nil || n == 0 {
				t.Errorf("%d runs are left, %v, want that of b", n, err)
			}
		})
	}
}

// TestGrace: a window that does not end in time is given back, and the stop does
// not take longer.
func TestGrace(t *testing.T) {
	g := newGatekeeper()
	d, err := New(g.hold(load(t, deploy(t, newRefusal(t), "a")), "a"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	d.grace = 300 * time.Millisecond
	stop := launch(t, d)
	if g.next(30*time.Second) != "a" {
		t.Fatal("no window began")
	}
	begin := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took < d.grace || took > d.grace+3*time.Second {
		t.Errorf("the stop took %s with a grace of %s", took, d.grace)
	}
	runs, err := d.ledger.Runs(context.Background(), "a", jobs.Live)
	if err != nil || len(runs) != 1 || runs[0].State != jobs.Queued || runs[0].Attempts != 0 {
		t.Errorf("runs %+v, %v, want one that was given back", runs, err)
	}
}

// TestIdleDaemonTakesWhatABusyOneHasNot: a run that waits for a worker of one
// daemon is begun by another within a second.
func TestIdleDaemonTakesWhatABusyOneHasNot(t *testing.T) {
	config := fmt.Sprintf("workers: 1\nstate: %q\n", statetest.NewDatabase(t))
	path := twoConnections(t, config)
	busy, idle := newGatekeeper(), newGatekeeper()
	first, err := New(busy.hold(load(t, path), "a"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer close(busy.goOn)
	launch(t, first)
	for hunt := busy.next(30 * time.Second); hunt != "a"; hunt = busy.next(30 * time.Second) {
		if hunt == "" {
			t.Fatal("no window began")
		}
	}
	for busy.next(100*time.Millisecond) != "" {
	}
	second, err := New(idle.hold(load(t, path), ""), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	launch(t, second)
	for deadline := time.Now().Add(10 * time.Second); second.working.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond) // until its workers wait
		if daemons, err := first.ledger.Daemons(context.Background(), time.Now()); err == nil && len(daemons) == 2 {
			break
		}
	}
	time.Sleep(500 * time.Millisecond)
	for range 3 {
		run := jobs.NewRun(first.engine.Load().hunts["b"], jobs.Manual, time.Now(), pipeline.Window{From: 1, To: 2})
		if err := first.ledger.Submit(context.Background(), run, time.Now()); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if hunt := idle.next(5 * time.Second); hunt != "b" || time.Since(begin) > time.Second {
			t.Errorf("after %s the idle daemon began %q", time.Since(begin), hunt)
		}
	}
	if hunt := busy.next(0); hunt != "" {
		t.Errorf("the busy daemon began %s", hunt)
	}
}

// TestReloadWhileABodyIsSent: the outbox worker of the new configuration does not
// send what that of the old one is sending, and the reload does not wait for it.
func TestReloadWhileABodyIsSent(t *testing.T) {
	var posts, atOnce, most atomic.Int64
	answer := make(chan struct{})
	began := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "collector") || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		posts.Add(1)
		most.Store(max(most.Load(), atOnce.Add(1)))
		began <- struct{}{}
		<-answer
		atOnce.Add(-1)
		fmt.Fprint(w, `{"text":"Success","code":0}`)
	}))
	defer server.Close()
	path := deploy(t, &refusal{Server: server}, "a")
	d, err := Open(context.Background(), load(t, path), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	run := staged(t, d, d.engine.Load().setup.Hunts[0])
	launch(t, d)
	select {
	case <-began:
	case <-time.After(30 * time.Second):
		t.Fatal("the body was not sent")
	}
	put(t, strings.Replace(path, "huntd.yaml", "hunts.d/c.yaml", 1), huntText("c"))
	begin := time.Now()
	for range 3 {
		if err := d.replace(context.Background(), d.engine.Load()); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the reloads waited %s", took)
	}
	time.Sleep(300 * time.Millisecond)
	close(answer)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n, err := d.ledger.Pending(context.Background(), run)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d events wait, %v", n, err)
		}
		if n == 0 {
			break
		}
	}
	if posts.Load() != 1 || most.Load() != 1 {
		t.Errorf("the body was sent %d times, %d at once", posts.Load(), most.Load())
	}
}

// TestReloadWithAnotherConnection: hunts of a connection that is new are hunted
// without a restart.
func TestReloadWithAnotherConnection(t *testing.T) {
	const folder = "{ kind: file, path: . }\n"
	path := write(t, map[string]string{
		"huntd.yaml":     "connections:\n  main: " + folder,
		"hunts.d/a.yaml": huntText("a", "search index=NAME", "x.ndjson"),
	})
	r := start(t, path)
	r.wait(1)
	put(t, path, read(t, path)+"  other: "+folder)
	put(t, strings.Replace(path, "huntd.yaml", "hunts.d/b.yaml", 1),
		huntText("b", "search index=NAME", "x.ndjson", "connection: main", "connection: other"))
	if err := r.replace(context.Background(), r.engine.Load()); err != nil {
		t.Fatal(err)
	}
	for r.wait(1)[0] != "b" {
	}
}

// TestQueueIsPruned: jobs that have ended do not stay in the queue.
func TestQueueIsPruned(t *testing.T) {
	g := newGatekeeper()
	path := deploy(t, newRefusal(t), "a")
	d, err := New(g.hold(load(t, path), ""), zap.NewNop(), WithLease(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	launch(t, d)
	if g.next(30*time.Second) != "a" {
		t.Fatal("no window began")
	}
	db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(path), "huntd.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var left, begun int
		if err := db.QueryRowContext(t.Context(), `SELECT count(*), (SELECT seq FROM sqlite_sequence WHERE name='river_job') FROM river_job`).Scan(&left, &begun); err != nil {
			t.Fatal(err)
		}
		if begun > 0 && left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("of %d jobs, %d are still there", begun, left)
		}
	}
}
