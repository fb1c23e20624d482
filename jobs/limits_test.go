package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// TestWindowsAreHalved until they fit, and what did not fit leaves nothing.
func TestWindowsAreHalved(t *testing.T) {
	b := newBench(ranRecords...)
	b.source.most = 1000
	h := parseHunt(t, findingHunt)
	res, err := b.Do(context.Background(), h, ranRun)
	if err != nil {
		t.Fatal(err)
	}
	from := findingWindow.From
	want := []pipeline.Window{{From: from, To: from + 3600}, {From: from, To: from + 1800}, {From: from, To: from + 900}}
	if diff := cmp.Diff(want, b.source.asked); diff != "" {
		t.Errorf("windows searched (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[1:], b.ledger.shrunk); diff != "" {
		t.Errorf("windows in the ledger (-want +got):\n%s", diff)
	}
	c := b.ledger.commits[0]
	if c.Run.Window != want[2] || c.Pace != 900 || res.Notes[noteHalved] != 2 || len(b.delivered(t)) != 2 {
		t.Errorf("committed %s at pace %d, halved %d times, %d events", c.Run.Window, c.Pace, res.Notes[noteHalved], len(b.delivered(t)))
	}

	// The next windows grow again.
	b.ledger.memory.Pace, b.source.most = 900, 0
	if _, err := b.Do(context.Background(), h, ranRun); err != nil || b.ledger.commits[1].Pace != 1800 {
		t.Errorf("pace %d after one window, %v", b.ledger.commits[1].Pace, err)
	}
	b.ledger.memory.Pace = 1800
	if _, err := b.Do(context.Background(), h, ranRun); err != nil || b.ledger.commits[2].Pace != 0 {
		t.Errorf("pace %d after two windows, %v", b.ledger.commits[2].Pace, err)
	}
}

func TestWindowsThatCannotBeHalved(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(*bench, *Run)
		shrunk  int
		words   string
		again   bool
	}{
		{"down to a second", func(b *bench, _ *Run) { b.source.err = pipeline.ErrTooMuch }, 11, "[1970-01-12T13:46:40Z, 1970-01-12T13:46:41Z) was halved down to a second", false},
		{"by hand", func(b *bench, r *Run) { b.source.err, r.Lane = pipeline.ErrTooMuch, Manual }, 0, "ask for a shorter one", false},
		{"taken over", func(b *bench, _ *Run) { b.source.most, b.ledger.err["shrink"] = 1, errors.New("disk is full") }, 0, "halve the window: disk is full", true},
	} {
		b, run := newBench(), ranRun
		tt.prepare(b, &run)
		_, err := b.Do(context.Background(), parseHunt(t, findingHunt), run)
		if err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.words)
		}
		if len(b.ledger.shrunk) != tt.shrunk || len(b.ledger.commits) != 0 || len(b.ledger.fails) != 1 || (b.ledger.fails[0].again > 0) != tt.again {
			t.Errorf("%s: shrunk %d times, %d commits, failures %v", tt.name, len(b.ledger.shrunk), len(b.ledger.commits), b.ledger.fails)
		}
	}
}

// TestMemoryIsBounded: findings are held and count, records that pass do not.
func TestMemoryIsBounded(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	records := make([]map[string][]string, 40)
	for i := range records {
		records[i] = record("_time", "1000100", "host", string(rune('A'+i)), "user", "u", "_raw", big)
	}
	for name, tt := range map[string]struct {
		single          bool
		pipeline, words string
	}{
		"findings":            {true, "", "its findings are more than 16MiB in memory"},
		"records that pass":   {true, "pipeline: [ { keep: 'host == \"A\"' } ]", ""},
		"records of one page": {false, "", "its records are more than 16MiB in memory"},
	} {
		h := parseHunt(t, strings.Replace(findingHunt, "\nfindings:", "\nlimits: { memory: 16MiB }\n"+tt.pipeline+"\nfindings:", 1))
		b, run := newBench(records...), ranRun
		b.source.single, run.Lane = tt.single, Manual
		_, err := b.Do(context.Background(), h, run)
		if (err == nil) != (tt.words == "") || err != nil && !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRunsAreBoundedInTime: a run that takes too long is tried again, from the
// second attempt on over half of its window.
func TestRunsAreBoundedInTime(t *testing.T) {
	for _, tt := range []struct {
		lane    Lane
		max     time.Duration
		attempt int
		shrunk  int64 // seconds that are left, 0 for all
		again   bool
	}{
		{Live, time.Hour, 1, 0, true},
		{Live, time.Hour, 2, 1800, true},
		{Live, time.Hour, 1000, 1800, true},
		{Live, 15 * time.Hour, 2, 1800, true},
		{Live, 16 * time.Hour, 2, 0, true}, // it is a sixteenth by now
		{BackfillLane("b"), time.Hour, 2, 1800, true},
		{Late, time.Hour, 1000, 0, true},
		{Manual, time.Hour, 1, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := parseHunt(t, findingHunt+"limits: { timeout: 10m }\n")
			h.Window.Max = tt.max
			b, run := newBench(), ranRun
			b.source.wait, run.Attempts, run.Lane = hang, tt.attempt, tt.lane
			b.Count = func(ctx context.Context, _ *hunt.Hunt, _ pipeline.Window, _ int64, _ func(string)) (int, error) {
				return 0, hang(ctx)
			}
			if tt.lane == Late {
				h.Window.By = hunt.ByEventTime
			}
			start := time.Now()
			_, err := b.Do(context.Background(), h, run)
			if !errors.Is(err, pipeline.ErrTimeout) || !strings.Contains(err.Error(), "more than 10m (limits.timeout)") || time.Since(start) != 10*time.Minute {
				t.Errorf("%+v: %v after %s", tt, err, time.Since(start))
			}
			if len(b.ledger.fails) != 1 || (b.ledger.fails[0].again > 0) != tt.again {
				t.Errorf("%+v: failures %v", tt, b.ledger.fails)
			}
			var left int64
			for _, w := range b.ledger.shrunk {
				left = w.To - w.From
			}
			if left != tt.shrunk || len(b.ledger.shrunk) > 1 {
				t.Errorf("%+v: shrunk to %v", tt, b.ledger.shrunk)
			}
		})
	}
}

func TestLimitsInAFile(t *testing.T) {
	h := parseHunt(t, findingHunt)
	if diff := cmp.Diff(hunt.LimitsRule{Memory: 1 << 30, Timeout: time.Hour}, h.Limits); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"{ memory: 1MiB }": `"memory" must be at least 16MiB, got "1MiB"`,
		"{ memory: 4096 }": "is no size",
		"{ rows: 0 }":      "at least 1",
		"{ timeout: 25h }": "at most 24h",
	} {
		if _, err := hunt.Parse("hunt.yaml", []byte(findingHunt+"limits: "+text+"\n"), asSplunk); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestPace: what a window before it had to be cut down to bounds the next, on a
// live lane and on a backfill's.
func TestPace(t *testing.T) {
	h := parseHunt(t, findingHunt)
	slot := time.Unix(1_003_600, 0)
	for pace, want := range map[int64]int64{0: 3600, 900: 900, 1 << 40: 3600} {
		begin := slot.Unix() - 90 - 2*3600
		if w := nextWindow(h, LaneState{Watermark: begin, Pace: pace}, slot); w.To-w.From != want {
			t.Errorf("pace %d: the next window is %s, want %d s", pace, w, want)
		}
		b := Backfill{Watermark: 997_110, Window: pipeline.Window{From: 997_110, To: 1_100_000}, WarmFrom: 997_110, Pace: pace}
		w, _ := b.Next(h)
		if got := w.To - w.From; got != want {
			t.Errorf("pace %d: the backfill's next window is %s, want %d s", pace, w, want)
		}
	}
}
