package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

var (
	ranRecords = []map[string][]string{
		record("_time", "1000100", "host", "a", "user", "u"), record("_time", "1000200", "host", "b", "user", "u"),
	}
	ranRun = Run{ID: "run-1", Hunt: "finder", Lane: Live, Window: findingWindow, Fence: 2, Attempts: 1}
)

// A bench is a runner with fakes on all sides.
type bench struct {
	*Runner
	ledger    *fakeLedger
	source    *fakeSource
	cancelled []string
}

func newBench(records ...map[string][]string) *bench {
	b := &bench{ledger: newFakeLedger(), source: &fakeSource{records: records}}
	b.Runner = &Runner{
		Ledger: b.ledger, Log: zap.NewNop(),
		Source: func(_ *hunt.Hunt, dict *pipeline.Dict, job func(string)) (pipeline.Source, error) {
			b.source.dict = dict
			job("sid-1")
			return b.source, nil
		},
		Cancel: func(_ context.Context, _ *hunt.Hunt, sid string) error {
			b.cancelled = append(b.cancelled, sid)
			return errors.New("gone")
		},
	}
	return b
}

type sentEvent struct {
	ID, Run, Title string
	Time           float64
}

// delivered are the events that a commit made sendable.
func (b *bench) delivered(t *testing.T) []sentEvent {
	t.Helper()
	var all []sentEvent
	for _, line := range events(t, b.ledger.sent) {
		var e struct {
			Time   float64
			Event  struct{ Title string }
			Fields map[string]string
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, sentEvent{e.Fields["huntd_id"], e.Fields["huntd_run"], e.Event.Title, e.Time})
	}
	return all
}

func TestRunSucceeds(t *testing.T) {
	b, h := newBench(ranRecords...), parseHunt(t, findingHunt)
	run := ranRun
	run.SID, run.SpecHash = "left-behind", "old"
	res, err := b.Do(context.Background(), h, run)
	if err != nil {
		t.Fatal(err)
	}
	want := Result{RecordsIn: 2, RecordsOut: 2, Findings: 2, Notes: map[string]int{}}
	if diff := cmp.Diff(want, res); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if len(b.ledger.commits) != 1 || len(b.ledger.fails) != 0 {
		t.Fatalf("%d commits and %d failures", len(b.ledger.commits), len(b.ledger.fails))
	}
	if c := b.ledger.commits[0]; c.Run.Fence != 2 || c.Run.SpecHash != h.SpecHash {
		t.Errorf("committed with fence %d and spec %q, want 2 and the file's %q", c.Run.Fence, c.Run.SpecHash, h.SpecHash)
	}
	if got := b.delivered(t); len(got) != 2 || got[0].Title != "u on a" || got[0].Time != 1000100 || got[0].Run != "run-1" {
		t.Errorf("delivered %+v", got)
	}
	if b.ledger.sent[0].Dest != "main" || b.ledger.sent[0].Events != 2 {
		t.Errorf("body for %q of %d events, want both for main", b.ledger.sent[0].Dest, b.ledger.sent[0].Events)
	}
	if !slices.Equal(b.cancelled, []string{"left-behind"}) || !slices.Equal(b.ledger.sids, []string{"sid-1"}) {
		t.Errorf("cancelled %q, noted %q", b.cancelled, b.ledger.sids)
	}
}

// TestRerunGivesTheSameIDs runs a window again, under another run, fence and
// lane, with its records in another order.
func TestRerunGivesTheSameIDs(t *testing.T) {
	all := strings.Replace(findingHunt, "deliver: {", "deliver: { records: all,", 1)
	for _, tt := range []struct {
		name, text string
		events     int
	}{{"findings", findingHunt, 2}, {"records", all, 3}} {
		var ids [2][]string
		for i := range ids {
			records := append(slices.Clone(ranRecords), ranRecords[0]) // with a double
			run := ranRun
			if i == 1 {
				slices.Reverse(records)
				run.ID, run.Fence, run.Lane, run.Attempts = "run-2", 9, Manual, 4
			}
			b := newBench(records...)
			if _, err := b.Do(context.Background(), parseHunt(t, tt.text), run); err != nil {
				t.Fatal(err)
			}
			for _, e := range b.delivered(t) {
				if e.Run != run.ID || len(e.ID) != 32 {
					t.Errorf("%s: event %+v of run %s", tt.name, e, run.ID)
				}
				ids[i] = append(ids[i], e.ID)
			}
			slices.Sort(ids[i])
			if n := len(slices.Compact(slices.Clone(ids[i]))); n != tt.events {
				t.Errorf("%s: %d different ids, want %d", tt.name, n, tt.events)
			}
		}
		if !slices.Equal(ids[0], ids[1]) {
			t.Errorf("%s: ids %q, then %q", tt.name, ids[0], ids[1])
		}
	}
}

func TestSuppressionAcrossRuns(t *testing.T) {
	h := parseHunt(t, strings.Replace(findingHunt, "  attack:", "  suppress: { by: [host], for: 1h }\n  attack:", 1))
	b := newBench(ranRecords...)
	counts := func(lane Lane) [2]int {
		t.Helper()
		run := ranRun
		run.Lane = lane
		res, err := b.Do(context.Background(), h, run)
		if err != nil {
			t.Fatal(err)
		}
		return [2]int{res.Findings, res.Suppressed}
	}
	if got, want := counts(Manual), [2]int{2, 0}; got != want {
		t.Errorf("by hand first: reported and withheld %v, want %v", got, want)
	}
	if len(b.ledger.shown) != 0 {
		t.Errorf("a run by hand is remembered: %v", b.ledger.shown)
	}
	if got, want := counts(Live), [2]int{2, 0}; got != want {
		t.Errorf("live: reported and withheld %v, want %v", got, want)
	}
	if want := findingWindow.From - int64(30*24*time.Hour/time.Second); b.ledger.forgotten != want {
		t.Errorf("what ended before %d is forgotten, want max_event_age before the window: %d", b.ledger.forgotten, want)
	}
	if got, want := counts(Live), [2]int{0, 2}; got != want {
		t.Errorf("live again: reported and withheld %v, want %v", got, want)
	}
	if got, want := counts(Manual), [2]int{2, 0}; got != want {
		t.Errorf("by hand after: reported and withheld %v, want %v", got, want)
	}
}

// hang is a search that does not end by itself.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestShutdownGivesTheRunBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(ranRecords...)
		b.source.wait = hang
		ctx, stop := context.WithCancelCause(context.Background())
		time.AfterFunc(3*Lease, func() { stop(ErrShutdown) })
		if _, err := b.Do(ctx, parseHunt(t, findingHunt), ranRun); err == nil {
			t.Error("a run that was given back has no error")
		}
		if b.ledger.given != 1 || len(b.ledger.fails) != 0 || len(b.ledger.commits) != 0 {
			t.Errorf("given back %d times, failures %v, commits %d", b.ledger.given, b.ledger.fails, len(b.ledger.commits))
		}
		if b.ledger.beats < 8 || b.ledger.beats > 9 {
			t.Errorf("%d signs of life in three leases, want one each third", b.ledger.beats)
		}
	})
}

func TestLostLeaseEndsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(ranRecords...)
		b.source.wait = hang
		b.ledger.err["heartbeat"] = ErrSuperseded
		start := time.Now()
		if _, err := b.Do(context.Background(), parseHunt(t, findingHunt), ranRun); !errors.Is(err, ErrSuperseded) {
			t.Errorf("error %v, want %v", err, ErrSuperseded)
		}
		if took := time.Since(start); took != Lease/3 {
			t.Errorf("the work went on for %s, want until the first sign of life, %s", took, Lease/3)
		}
		if b.ledger.given != 0 || len(b.ledger.fails) != 0 {
			t.Errorf("something was written on a run of somebody else's: %v", b.ledger.fails)
		}
	})
}

func TestTroubleWithTheLeaseIsBorne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(ranRecords...)
		b.source.wait = func(context.Context) error { time.Sleep(2 * Lease); return nil }
		b.ledger.err["heartbeat"] = errors.New("disk is full")
		if _, err := b.Do(context.Background(), parseHunt(t, findingHunt), ranRun); err != nil {
			t.Errorf("the run failed of its lease: %v", err)
		}
	})
}

func TestFinishedWorkIsCommittedThoughStopped(t *testing.T) {
	b := newBench(ranRecords...)
	ctx, stop := context.WithCancelCause(context.Background())
	h := parseHunt(t, strings.Replace(findingHunt, "  attack:", "  suppress: { by: [host], for: 1h }\n  attack:", 1))
	b.Ledger = stopWhenDone{b.ledger, func() { stop(ErrShutdown) }}
	if _, err := b.Do(ctx, h, ranRun); err != nil || len(b.ledger.commits) != 1 {
		t.Errorf("error %v, %d commits: all was done when the daemon was stopped", err, len(b.ledger.commits))
	}
}

type stopWhenDone struct {
	*fakeLedger
	stop func()
}

func (s stopWhenDone) Suppressions(ctx context.Context, hunt string, lane Lane, keys []string, after int64) (map[string]Suppression, error) {
	defer s.stop()
	return s.fakeLedger.Suppressions(ctx, hunt, lane, keys, after)
}

func TestPreviewStoresNothing(t *testing.T) {
	b := newBench(ranRecords...)
	b.Ledger = nil
	var lines []string
	res, err := b.Preview(context.Background(), parseHunt(t, findingHunt), ranRun, func(line []byte) error {
		lines = append(lines, string(line))
		return nil
	})
	if err != nil || res.Findings != 2 || len(lines) != 2 || !strings.Contains(lines[1], `"title":"u on b"`) {
		t.Errorf("error %v, result %+v, shown %q", err, res, lines)
	}
}
