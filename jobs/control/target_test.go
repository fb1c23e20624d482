package control

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

func openLedger(t *testing.T) *state.Ledger {
	t.Helper()
	l, err := state.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func parseHunt(t *testing.T, name string) *hunt.Hunt {
	t.Helper()
	h, err := hunt.Parse(name+".yaml", []byte("name: "+name+"\nschedule: { cron: '* * * * *', jitter: 0s }\n"+
		"source: { connection: main, search: search index=a }\ndeliver: { records: all }\n"), func(string) pipeline.SIEM { return splunk.SIEM{} })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// setupOf is a configuration of some hunts.
func setupOf(hunts ...*hunt.Hunt) Setup {
	return Setup{
		Path: "huntd.yaml", Hunts: hunts, Connections: []string{"main"}, ClockSkew: 30 * time.Second,
		FindHunt: func(name string) (*hunt.Hunt, error) {
			for _, h := range hunts {
				if h.Name == name {
					return h, nil
				}
			}
			return nil, fmt.Errorf("no hunt %q", name)
		},
	}
}

func openRuns(t *testing.T, l *state.Ledger) int {
	t.Helper()
	n, err := l.OpenRuns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTargets: what is named is paused, and goes on when it is resumed; what is
// unknown is wrong input, and what is not paused is not.
func TestTargets(t *testing.T) {
	ctx, l, h := t.Context(), openLedger(t), parseHunt(t, "a")
	s := setupOf(h)
	if err := planHunts(ctx, l, s, s.Hunts); err != nil {
		t.Fatal(err)
	}
	if err := l.StartBackfill(ctx, jobs.NewBackfill(h, "b1", pipeline.Window{From: 100, To: 200}, false), time.Now()); err != nil {
		t.Fatal(err)
	}
	var input InputError
	for _, text := range []string{"b", "connection:other", ""} {
		if _, err := PauseTarget(ctx, l, s, text, "x", 0); !errors.As(err, &input) {
			t.Errorf("pause %q: %v", text, err)
		}
		if err := ResumeTarget(ctx, l, s, text); !errors.As(err, &input) {
			t.Errorf("resume %q: %v", text, err)
		}
	}
	if _, err := PauseTarget(ctx, l, s, "backfill:b1", "x", time.Hour); !errors.As(err, &input) {
		t.Errorf("a backfill for a time: %v", err)
	}
	for _, text := range []string{"a", "backfill:b1", "connection:main"} {
		if until, err := PauseTarget(ctx, l, s, text, "x", 0); err != nil || !until.IsZero() {
			t.Errorf("pause %s: until %s, %v", text, until, err)
		}
		if err := ResumeTarget(ctx, l, s, text); err != nil {
			t.Errorf("resume %s: %v", text, err)
		}
		if err := ResumeTarget(ctx, l, s, text); !errors.Is(err, state.ErrNothing) || errors.As(err, &input) {
			t.Errorf("resume %s again: %v", text, err)
		}
	}
	if n := openRuns(t, l); n != 2 { // of the live lane, and of the backfill
		t.Errorf("%d runs are open", n)
	}
	if until, err := PauseTarget(ctx, l, s, "a", "x", time.Hour); err != nil || time.Until(until).Round(time.Minute) != time.Hour {
		t.Errorf("for an hour: until %s, %v", until, err)
	}
	if err := CancelTarget(ctx, l, "backfill:b1", "enough"); err != nil || openRuns(t, l) != 1 {
		t.Errorf("cancel: %v, %d runs are open", err, openRuns(t, l))
	}
}

// A skewedLedger has a clock that is ahead of the host's.
type skewedLedger struct {
	*state.Ledger
	ahead time.Duration
}

func (l skewedLedger) ClockOffset(context.Context) (offset, bound time.Duration, err error) {
	return l.ahead, time.Second, nil
}

// TestPlanHeedsClocks: no window is cut while the database's clock differs, nor by a
// clock that a daemon has found to differ.
func TestPlanHeedsClocks(t *testing.T) {
	ctx, l, s := t.Context(), openLedger(t), setupOf(parseHunt(t, "a"))
	for _, tt := range []struct {
		ahead time.Duration
		skews []state.ClockSkew
		open  int
	}{
		{-10 * time.Minute, nil, 0},
		{0, []state.ClockSkew{{Connection: "main"}}, 0},
		{31 * time.Second, []state.ClockSkew{{Connection: "other"}}, 1},
	} {
		if err := l.Report(ctx, state.Daemon{Skews: tt.skews}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := planHunts(ctx, skewedLedger{l, tt.ahead}, s, s.Hunts); err != nil {
			t.Fatal(err)
		}
		if n := openRuns(t, l); n != tt.open {
			t.Errorf("%s ahead, with %v: %d runs are open", tt.ahead, tt.skews, n)
		}
	}
}

// TestSkip: the time up to an instant becomes a gap, and the hunt goes on behind it.
func TestSkipTime(t *testing.T) {
	ctx, l, h := t.Context(), openLedger(t), parseHunt(t, "a")
	s, now := setupOf(h), time.Now().Unix()
	if err := planHunts(ctx, l, s, s.Hunts); err != nil {
		t.Fatal(err)
	}
	var input InputError
	if gap, err := SkipTime(ctx, l, s, h, now+3600, "x"); !errors.As(err, &input) || !gap.Empty() {
		t.Errorf("in the future: gap %s, %v", gap, err)
	}
	if gap, err := SkipTime(ctx, l, s, h, now-3600, "x"); err != nil || gap.To != now-3600 {
		t.Errorf("gap %s, %v", gap, err)
	}
	if gap, err := SkipTime(ctx, l, s, h, now-3600, "x"); !errors.Is(err, state.ErrNothing) || !gap.Empty() {
		t.Errorf("again: gap %s, %v", gap, err)
	}
	if n := openRuns(t, l); n != 1 {
		t.Errorf("%d runs are open", n)
	}
}

// TestWindows: wrong ends are wrong input; those of a run by hand may be left out.
func TestWindows(t *testing.T) {
	h, now := parseHunt(t, "a"), time.Unix(1_000_000, 0)
	first, end := int64(h.Window.First/time.Second), now.Add(-h.Window.Lag).Unix()
	for _, tt := range []struct {
		from, to string
		want     pipeline.Window
		err      string
	}{
		{"", "", pipeline.Window{From: end - first, To: end}, ""},
		{"", "500000", pipeline.Window{From: 500000 - first, To: 500000}, ""},
		{"1970-01-06T00:00:00Z", "500000", pipeline.Window{From: 432000, To: 500000}, ""},
		{"x", "500000", pipeline.Window{}, `--from: "x" is no instant`},
		{"", "y", pipeline.Window{}, `--to: "y" is no instant`},
		{"2000000", "3000000", pipeline.Window{}, "lies in the future"},
		{"500000", "500000", pipeline.Window{}, "is empty: --from must lie before --to"},
	} {
		w, err := ParseManualWindow(h, tt.from, tt.to, now)
		checkParsed(t, tt.from+".."+tt.to, w, tt.want, err, tt.err)
	}
	w, err := ParseWindow("10", "20")
	checkParsed(t, "10..20", w, pipeline.Window{From: 10, To: 20}, err, "")
	w, err = ParseWindow("20", "10")
	checkParsed(t, "20..10", w, pipeline.Window{}, err, "is empty")
	w, err = ParseWindow("10", "")
	checkParsed(t, "10..", w, pipeline.Window{}, err, "--to: ")
}

func checkParsed(t *testing.T, text string, got, want pipeline.Window, err error, words string) {
	t.Helper()
	var input InputError
	switch {
	case words == "" && (err != nil || got != want):
		t.Errorf("%s: %s, %v; want %s", text, got, err, want)
	case words != "" && (!errors.As(err, &input) || !strings.Contains(err.Error(), words)):
		t.Errorf("%s: %v, want %q", text, err, words)
	}
}

// TestTargetWithoutName: what names nothing is wrong input.
func TestTargetWithoutName(t *testing.T) {
	for _, text := range []string{"", "backfill:", "connection:"} {
		var wrong InputError
		if _, err := setupOf().parseTarget(text); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
	var wrong InputError
	if err := CancelTarget(t.Context(), openLedger(t), "backfill:", "x"); !errors.As(err, &wrong) {
		t.Errorf("cancelled: %v", err)
	}
}
