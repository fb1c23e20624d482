package jobs

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
)

const rememberingHunt = `
name: finder
schedule: { cron: "0 * * * *" }
source: { connection: main, search: search index=windows }
window: { max: 2h }
pipeline:
  - first_seen: { by: [host], look_back: 5h }
findings: { title: '{{.host}}', suppress: { by: [host], for: 24h } }
`

// titles are those of the findings that were delivered.
func (b *bench) titles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, e := range b.delivered(t) {
		all = append(all, e.Title)
	}
	return all
}

// TestStagesRemember: what a stage has seen in one window it knows in the next,
// also where it failed in between.
func TestStagesRemember(t *testing.T) {
	h := parseHunt(t, rememberingHunt)
	if h.LookBack() != 5*time.Hour || h.WarmUp() != 24*time.Hour {
		t.Errorf("looks back %s, warms up over %s", h.LookBack(), h.WarmUp())
	}
	b := newBench(ranRecords...)
	b.ledger.memory.Began = ranRun.Window.From
	if _, err := b.Do(context.Background(), h, ranRun); err != nil {
		t.Fatal(err)
	}
	if got := b.titles(t); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("found %q first", got)
	}
	b.ledger.memory.Carry = b.ledger.commits[0].Carry
	next := ranRun
	next.ID, next.Window = "run-2", pipeline.Window{From: findingWindow.To, To: findingWindow.To + 3600}
	b.source.records = []map[string][]string{record("_time", "1003700", "host", "b"), record("_time", "1003701", "host", "c")}
	b.ledger.state, b.ledger.err["commit"] = Running, errors.New("disk full")
	if _, err := b.Do(context.Background(), h, next); err == nil {
		t.Fatal("the commit did not fail")
	}
	b.ledger.sent, b.ledger.err["commit"] = nil, nil
	if _, err := b.Do(context.Background(), h, next); err != nil {
		t.Fatal(err)
	}
	if got := b.titles(t); !slices.Equal(got, []string{"c"}) {
		t.Errorf("found %q in the second window, want what is new in it", got)
	}
}

// TestWarmUp: a window that warms up reports nothing, and what it has seen and
// would have reported counts from then on.
func TestWarmUp(t *testing.T) {
	h, b := parseHunt(t, rememberingHunt), newBench(ranRecords...)
	b.ledger.memory.ReportFrom = findingWindow.To
	res, err := b.Do(context.Background(), h, ranRun)
	if err != nil || res.Findings != 0 || res.Notes["warm_up.events"] != 2 {
		t.Errorf("result %+v, %v", res, err)
	}
	if got := b.titles(t); len(got) != 0 || len(b.ledger.shown) != 2 || len(b.ledger.commits[0].Carry) == 0 {
		t.Errorf("reported %q, remembers %v", got, b.ledger.shown)
	}
}

// TestRunLooksBack: where nothing is carried, the time before the window is
// examined first, in pieces.
func TestRunLooksBack(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lane   Lane
		memory Memory
	}{
		{"by hand", Manual, Memory{}},
		{"live, the stage is new", Live, Memory{Began: 1, ReportFrom: 1, Carry: []byte(`{"rare#1":"AA=="}`)}},
	} {
		t.Run(tt.name, func(t *testing.T) { looksBack(t, tt.lane, tt.memory) })
	}
}

func looksBack(t *testing.T, lane Lane, memory Memory) {
	h, b := parseHunt(t, rememberingHunt), newBench()
	b.ledger.memory = memory
	var windows []pipeline.Window
	b.source.each = func(w pipeline.Window) []map[string][]string {
		windows = append(windows, w)
		if w.To < findingWindow.To {
			return []map[string][]string{record("_time", "999000", "host", "old")}
		}
		return []map[string][]string{record("_time", "1000100", "host", "old"), record("_time", "1000101", "host", "new")}
	}
	run := ranRun
	run.Lane = lane
	if _, err := b.Do(context.Background(), h, run); err != nil {
		t.Fatal(err)
	}
	from := findingWindow.From
	want := []pipeline.Window{{From: from - 18000, To: from - 10800}, {From: from - 10800, To: from - 3600}, {From: from - 3600, To: from}, findingWindow}
	if !slices.Equal(windows, want) {
		t.Errorf("searched %v, want %v", windows, want)
	}
	if got := b.titles(t); !slices.Equal(got, []string{"new"}) {
		t.Errorf("found %q", got)
	}
}

func TestACarryThatCannotBeReadIsNamed(t *testing.T) {
	h, b := parseHunt(t, rememberingHunt), newBench(ranRecords...)
	b.ledger.memory.Carry = []byte("junk")
	b.ledger.memory.Began = 1
	if _, err := b.Do(context.Background(), h, ranRun); !errors.Is(err, pipeline.ErrPermanent) {
		t.Errorf("error %v", err)
	}
}
