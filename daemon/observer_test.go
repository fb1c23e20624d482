package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// observations are what an observer has seen, by "method hunt".
type observations struct {
	mu   sync.Mutex
	seen map[string]int
}

func (o *observations) add(n int, format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[fmt.Sprintf(format, args...)] += n
}

// missing returns those of the names that have not been seen.
func (o *observations) missing(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return o.count(name) > 0 })
}

func (o *observations) count(name string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[name]
}

func (o *observations) Planned(runs int)   { o.add(runs, "planned") }
func (o *observations) Offered(runs int)   { o.add(runs, "offered") }
func (o *observations) Claimed(r jobs.Run) { o.add(1, "claimed %s %s", r.Hunt, r.State) }
func (o *observations) Failed(r jobs.Run, err error) {
	o.add(1, "failed %s %s %t", r.Hunt, r.Lane, errors.Is(err, pipeline.ErrUnreachable))
}
func (o *observations) LeaseLost(r jobs.Run) { o.add(1, "lease lost %s", r.Hunt) }
func (o *observations) Searching(r jobs.Run) { o.add(1, "searching %s", r.Hunt) }
func (o *observations) Committing(r jobs.Run, step string) {
	o.add(1, "committing %s: %s", r.Hunt, step)
}

func (o *observations) Searched(r jobs.Run, res jobs.Result, took time.Duration) {
	o.add(1, "searched %s %d %t", r.Hunt, res.RecordsIn, took > 0)
}

func (o *observations) Staged(r jobs.Run, bodies []jobs.Body) {
	for _, b := range bodies {
		o.add(b.Events, "staged %s %s", r.Hunt, b.Dest)
	}
}

func (o *observations) Committed(c jobs.Commit, took time.Duration) {
	o.add(1, "committed %s %d %t", c.Run.Hunt, c.Result.RecordsOut, took > 0)
}

func (o *observations) Retried(r jobs.Run, pause time.Duration, err error) {
	o.add(1, "retried %s %t %t", r.Hunt, pause > time.Second, errors.Is(err, pipeline.ErrUnreachable))
}

func (o *observations) Taken(items []outbox.Item) { o.add(len(items), "taken %s", items[0].Dest) }

func (o *observations) Sent(it outbox.Item, took time.Duration, err error) {
	o.add(it.Events, "sent %s %t %v", it.Dest, took > 0, err)
}

func (o *observations) Confirmed(it outbox.Item) { o.add(it.Events, "confirmed %s", it.Dest) }

// TestObserver: an observer sees each step of runs that succeed, fail, are tried
// again and are cancelled.
func TestObserver(t *testing.T) {
	const records, window = 4, "window: { max: 30h }\n"
	line := fmt.Sprintf(`{"_time":%d,"host":"h","command":%q}`+"\n", time.Now().Unix()-3600, strings.Repeat("x", 400_000))
	path := write(t, map[string]string{
		"huntd.yaml":     "connections: { here: { kind: file, path: here }, gone: { kind: file, path: gone }, held: { kind: file, path: here } }\n",
		"hunts.d/a.yaml": huntText("a", "search index=NAME", "a.ndjson", "connection: main", "connection: here") + window,
		"hunts.d/b.yaml": huntText("b", "search index=NAME", "b.ndjson", "connection: main", "connection: gone") + window,
		"hunts.d/c.yaml": huntText("c", "search index=NAME", "c.ndjson", "connection: main", "connection: held") + window,
		"here/a.ndjson":  strings.Repeat(line, records),
	})
	s, g := load(t, path), newGatekeeper()
	s.Connections["held"] = Connection{heldKind{s.Connections["held"].ConnectionKind, g, "c.ndjson"}}
	o := &observations{seen: map[string]int{}}
	d, err := Open(context.Background(), s, zap.NewNop(), WithObserver(o), WithLease(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	launch(t, d)
	if g.next(30*time.Second) != "c.ndjson" {
		t.Fatal("the search that is held did not begin")
	}
	manual := jobs.NewRun(d.engine.Load().hunts["b"], jobs.Manual, time.Now(), pipeline.Window{From: 1, To: 2})
	if err := d.ledger.Submit(t.Context(), manual, time.Now()); err != nil {
		t.Fatal(err)
	}
	open, err := d.ledger.Runs(t.Context(), "c", jobs.Live)
	if err != nil || len(open) != 1 {
		t.Fatalf("%d runs of the hunt that is held, %v", len(open), err)
	}
	if err := d.ledger.Cancel(t.Context(), open[0].ID, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"planned", "offered", "claimed a running", "claimed b running", "claimed c running",
		fmt.Sprintf("searched a %d true", records), "staged a here", fmt.Sprintf("committed a %d true", records),
		"committing a: run closed", "committing a: memory kept", "committing a: runs offered",
		"taken here", "sent here true <nil>", "confirmed here", "searching c", "retried b true true", "failed b manual true", "lease lost c",
	}
	for end := time.Now().Add(30 * time.Second); (len(o.missing(want)) > 0 || o.count("confirmed here") < records) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if missing := o.missing(want); len(missing) > 0 {
		t.Errorf("not observed: %q\nobserved: %v", missing, o.seen)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen["planned"] != 4 || o.seen["offered"] < 4 {
		t.Errorf("%d runs planned and %d offered, want 4 planned, and each offered", o.seen["planned"], o.seen["offered"])
	}
	delivered, err := os.ReadFile(filepath.Join(filepath.Dir(path), "here", "delivered.ndjson"))
	if n := strings.Count(string(delivered), "\n"); err != nil || n != records || o.seen["confirmed here"] != records || o.seen["sent here true <nil>"] != records {
		t.Errorf("%d events delivered, %v; observed: %v", n, err, o.seen)
	}
}
