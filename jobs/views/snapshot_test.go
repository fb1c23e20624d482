package views

import (
	"encoding/json"
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

// asSplunk is the kind of all connections here.
func asSplunk(string) pipeline.SIEM { return splunk.SIEM{} }

func parseHunt(t *testing.T, more string) *hunt.Hunt {
	t.Helper()
	h, err := hunt.Parse("a.yaml", []byte("name: a\nschedule: { cron: '0 * * * *', jitter: 0s }\n"+
		"source: { connection: main, search: search index=a }\n"+more), asSplunk)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const deliverAll = "deliver: { records: all }\n"

// TestListSaysThatTheOutboxIsFull: for people in a line, for programs in a row.
func TestListSaysThatTheOutboxIsFull(t *testing.T) {
	ctx, now, hunts := t.Context(), time.Now(), []*hunt.Hunt{parseHunt(t, deliverAll)}
	l, err := state.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	list := func() (held, row string) {
		s, err := ReadSnapshot(ctx, l, hunts, now)
		rows, notes := s.List(hunts, 1<<20, now)
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		text, err := json.Marshal(rows[0])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(notes, "\n"), string(text)
	}
	if held, row := list(); held != "" || strings.Contains(row, `"held"`) {
		t.Errorf("of an empty outbox: %q, %s", held, row)
	}
	run := jobs.NewRun(hunts[0], jobs.Manual, now, pipeline.Window{From: 1, To: 2})
	if run, err = l.Begin(ctx, run, now); err != nil {
		t.Fatal(err)
	}
	if err := l.Stage(ctx, run, 0, []jobs.Body{{Dest: "main", Data: make([]byte, 3<<19), Events: 1}}, now); err != nil {
		t.Fatal(err)
	}
	held, row := list()
	if want := "the outbox is full: 1.5MiB wait for HEC, limits.spool is 1MiB: no run begins until some have left"; held != want || !strings.Contains(row, `"held":"`+want) {
		t.Errorf("of a full outbox: %q, %s", held, row)
	}
}

// TestListOfNothing: hunts are listed before anything has run.
func TestListOfNothing(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	rows, notes := Snapshot{}.List([]*hunt.Hunt{parseHunt(t, deliverAll)}, 1, now)
	want := Hunt{Hunt: "a", Cron: "0 * * * *", Timezone: "UTC", Next: "2026-11-30T13:00:00Z"}
	if len(rows) != 1 || rows[0] != want || notes != nil {
		t.Errorf("%+v, %q", rows, notes)
	}
}

// TestHuntRemarks: a row says how a hunt fares, and what is in trouble.
func TestHuntRemarks(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	retry := state.HuntView{Open: jobs.Run{State: jobs.Retry, Attempts: 2, Error: "away\nbusy"}}
	later := retry
	later.RetryAt = now
	running := state.HuntView{Open: jobs.Run{State: jobs.Running}, PausedAt: now, PauseReason: "lunch"}
	paused := state.HuntView{Last: jobs.Run{State: jobs.Succeeded}, Ended: true, PausedAt: now, PauseUntil: now.Add(time.Hour), PauseReason: "lunch"}
	for _, tt := range []struct {
		view    state.HuntView
		status  string
		remarks string
	}{
		{state.HuntView{}, "", ""},
		{retry, "retrying (attempt 2)", "a: retrying: away; busy; next attempt at once"},
		{later, "retrying (attempt 2)", "a: retrying: away; busy; next attempt 2026-11-30T12:00:00Z"},
		{state.HuntView{Last: jobs.Run{State: jobs.Failed, Error: "refused"}, Ended: true}, "failed", "a: failed: refused"},
		{running, "running", "a: paused since 2026-11-30T12:00:00Z: lunch"},
		{paused, "paused", "a: paused since 2026-11-30T12:00:00Z until 2026-11-30T13:00:00Z: lunch"},
		{state.HuntView{Gaps: 2}, "", "a: 2 gaps in what it has covered: see huntd coverage a"},
		{state.HuntView{LateFailed: 1}, "", "a: late events of 1 window could not be looked for: see the lane late in huntd runs a, and huntd retry"},
	} {
		row := Hunt{Hunt: "a"}
		row.addView(tt.view, now)
		if got := strings.Join(row.Remarks(), "\n"); got != tt.remarks || row.StatusText() != tt.status {
			t.Errorf("%q, %q; want %q, %q", row.StatusText(), got, tt.status, tt.remarks)
		}
	}
}
