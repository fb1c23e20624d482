package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

func TestStatus(t *testing.T) {
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for want, s := range map[string]status{
		"0 hunts, 0 running": {},
		"12 hunts, 3 running; ledger unreachable since 2026-11-30T12:00:00Z; the clock of the database is 1m0s ahead; " +
			"the clock of connection main is 10m0s behind; outbox full; paused: lab, main": {
			hunts: 12, running: 3, paused: []string{"lab", "main"}, outboxFull: true, unreachable: at.In(time.FixedZone("", 3600)),
			skews: []state.ClockSkew{{Offset: time.Minute}, {Connection: "main", Offset: -10 * time.Minute}},
		},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSomeOf(t *testing.T) {
	var ids []string
	for i := range maxNamed + 5 {
		ids = append(ids, fmt.Sprint(i))
	}
	for n, want := range map[int]string{0: "[]", 2: "[0 1]", maxNamed: fmt.Sprint(ids[:maxNamed]), maxNamed + 5: strings.TrimSuffix(fmt.Sprint(ids[:maxNamed]), "]") + " and 5 more]"} {
		if got := fmt.Sprint(encoded(someOf("ids", ids[:n]))["ids"]); got != want {
			t.Errorf("of %d: %s, want %s", n, got, want)
		}
	}
	if ids[maxNamed] != fmt.Sprint(maxNamed) {
		t.Error("the ids were changed")
	}
}

func encoded(fields ...zap.Field) map[string]any {
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range fields {
		f.AddTo(enc)
	}
	return enc.Fields
}

// TestLogFields: what the lines of a start and of a reload say.
func TestLogFields(t *testing.T) {
	path := write(t, map[string]string{
		"huntd.yaml":     "state: postgres://huntd:s3cret@db.example/huntd\n" + goodConfig,
		"hunts.d/a.yaml": huntText("a"), "hunts.d/b.yaml": huntText("b"), "hunts.d/c.yaml": huntText("c"),
	})
	d := &Daemon{log: zap.NewNop()}
	engineOf := func() *engine {
		t.Helper()
		e, err := d.newEngine(load(t, path))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.conns.close)
		return e
	}
	old := engineOf()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	got := encoded(old.startFields(now)...)
	name, at := got["next_hunt"], got["next_fire"]
	first := time.Time{}
	for _, h := range old.setup.Hunts {
		if next := (trigger{h}).Next(now); first.IsZero() || next.Before(first) {
			first = next
		}
	}
	if when, ok := at.(time.Time); !ok || !when.Equal(first) || !(trigger{old.hunts[fmt.Sprint(name)]}).Next(now).Equal(first) {
		t.Errorf("next is %v at %v, want the first, at %s", name, at, first)
	}
	delete(got, "next_hunt")
	delete(got, "next_fire")
	want := map[string]any{
		"version": Version(), "config": path, "state": "postgres://huntd:xxxxx@db.example/huntd",
		"connections": int64(len(old.setup.Connections)), "hunts": int64(3), "workers": int64(4),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("start (-want +got):\n%s", diff)
	}

	put(t, strings.Replace(path, "huntd.yaml", "hunts.d/b.yaml", 1), huntText("b")+"description: another\n")
	put(t, strings.Replace(path, "huntd.yaml", "hunts.d/c.yaml", 1), huntText("d"))
	want = map[string]any{
		"hunts": int64(3), "added": int64(1), "removed": int64(1), "changed": int64(1),
		"added_hunts": []any{"d"}, "removed_hunts": []any{"c"}, "changed_hunts": []any{"b"},
	}
	if diff := cmp.Diff(want, encoded(engineOf().changeFields(old)...)); diff != "" {
		t.Errorf("reload (-want +got):\n%s", diff)
	}
}

// TestAbandonedRunsAreNamed: the log says which runs were taken from workers that
// are gone.
func TestAbandonedRunsAreNamed(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	s := load(t, deploy(t, newRefusal(t), "a"))
	d, err := Open(t.Context(), s, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	now := time.Now()
	run := jobs.NewRun(s.Hunts[0], jobs.Manual, now, pipeline.Window{From: 1, To: 2})
	if _, err := d.ledger.Begin(t.Context(), run, now.Add(-2*jobs.Lease)); err != nil {
		t.Fatal(err)
	}
	d.beat(t.Context())
	d.beat(t.Context())
	lines := logs.FilterMessage("abandoned runs queued again").All()
	if len(lines) != 1 {
		t.Fatalf("logged %d times: %v", len(lines), logs.All())
	}
	if diff := cmp.Diff(map[string]any{"count": int64(1), "runs": []any{run.ID}}, lines[0].ContextMap()); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
