package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

const lateHunt = `name: late
schedule: { cron: "* * * * *", jitter: 0s }
source: { connection: main, search: search index=windows }
window: { by: event_time, lag: 0s, max: 20m, first: 1h, settle: 6h }
findings: { title: "seen on {{.host}}", entities: { host: host } }
deliver: { index: hunts }
`

// A story is a daemon whose work is done step by step, in a Splunk of its own.
type story struct {
	*Daemon
	t      *testing.T
	path   string
	splunk *sandbox.Sandbox
	now    time.Time
}

func newStory(t *testing.T, hunt, events string) *story {
	t.Helper()
	splunk, err := sandbox.Start(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(splunk.Close)
	ready := splunk.Ready()
	path := write(t, map[string]string{
		"password": ready.Password, "hec-token": ready.HECToken, "hunts.d/late.yaml": hunt, "events.ndjson": events,
		"huntd.yaml": fmt.Sprintf(`{"connections": {"main": {"api": {"url": %q, "user": %q, "password": "file:password"},
			"hec": {"url": %q, "token": "file:hec-token"}}}}`, ready.API, ready.User, ready.HEC),
	})
	if err := splunk.LoadFile(strings.Replace(path, "huntd.yaml", "events.ndjson", 1)); err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, path: path, splunk: splunk, now: time.Now()}
	s.open()
	t.Cleanup(func() { s.must(s.Close()) })
	return s
}

func (s *story) open() {
	s.t.Helper()
	var err error
	s.Daemon, err = Open(context.Background(), load(s.t, s.path), zap.NewNop())
	s.must(err)
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// claim plans as of a time and claims the run that is next on a lane, if one is.
func (s *story) claim(lane jobs.Lane, now time.Time) (jobs.Run, bool) {
	s.t.Helper()
	hunts := []*hunt.Hunt{s.engine.Load().hunts["late"]}
	if lane == jobs.Live {
		_, err := jobs.Plan(context.Background(), s.ledger, hunts, now)
		s.must(err)
	} else {
		s.must(jobs.PlanLate(context.Background(), s.ledger, hunts, now))
	}
	run, err := s.ledger.ClaimLane(context.Background(), "late", lane, now)
	if errors.Is(err, state.ErrNothing) {
		return run, false
	}
	s.must(err)
	return run, true
}

// work does all that is due on a lane and delivers it. It returns how many runs
// there were.
func (s *story) work(lane jobs.Lane, now time.Time) (runs int) {
	s.t.Helper()
	for {
		run, ok := s.claim(lane, now)
		if !ok {
			return runs
		}
		runs++
		_, err := s.runner(s.engine.Load()).Do(context.Background(), s.engine.Load().hunts["late"], run)
		s.must(err)
		s.must(s.deliver(context.Background(), run.ID, "main", time.Minute))
	}
}

// index gives Splunk an event, now.
func (s *story) index(at time.Time, host string) {
	s.t.Helper()
	body, err := splunk.SIEM{}.Join(fmt.Appendf(nil, `{"time":%d,"host":%q,"index":"windows","event":"it came late"}`+"\n", at.Unix(), host))
	s.must(err)
	s.must(s.engine.Load().conns.sinks["main"].Send(context.Background(), body))
}

// A report is what Splunk has got of a finding.
type report struct {
	ID, Title string
	Evidence  int
}

// reports are the findings that Splunk has got.
func (s *story) reports() (all []report) {
	s.t.Helper()
	for _, line := range s.splunk.Received() {
		var e struct {
			Index  string
			Event  json.RawMessage
			Fields map[string]string
		}
		s.must(json.Unmarshal(line, &e))
		if e.Index != "hunts" {
			continue
		}
		var f struct {
			Title    string
			Evidence []json.RawMessage
		}
		s.must(json.Unmarshal(e.Event, &f))
		all = append(all, report{e.Fields["huntd_id"], f.Title, len(f.Evidence)})
	}
	return all
}

// TestLateEventIsFound: an event arrives after its window was examined. That
// window alone is run again, the daemon's death notwithstanding, and one changed
// finding is sent; nothing is sent twice.
func TestLateEventIsFound(t *testing.T) {
	now := time.Now()
	old, recent := now.Add(-50*time.Minute), now.Add(-10*time.Minute)
	s := newStory(t, lateHunt, fmt.Sprintf("{\"_time\":%d,\"host\":\"a\",\"index\":\"windows\"}\n{\"_time\":%d,\"host\":\"b\",\"index\":\"windows\"}\n{\"_time\":%d,\"host\":\"c\",\"index\":\"windows\"}\n",
		old.Unix(), old.Unix()+1, recent.Unix()))
	live := s.work(jobs.Live, now)
	if live < 3 {
		t.Fatalf("%d live windows, want three at least", live)
	}
	before := s.reports()
	if len(before) != 3 {
		t.Fatalf("findings %v, want three", before)
	}
	if n := s.work(jobs.Late, now.Add(4*time.Hour)); n != 0 {
		t.Errorf("%d windows were looked at before they had settled", n)
	}

	s.index(old.Add(time.Second), "a")
	settled := now.Add(7 * time.Hour)
	if _, ok := s.claim(jobs.Late, settled); !ok {
		t.Fatal("no window is looked at")
	}
	s.must(s.Close()) // it dies with the run in hand
	s.open()
	if n := s.work(jobs.Late, settled); n != live {
		t.Errorf("%d windows were looked at for late events, want all, %d", n, live)
	}
	got := s.reports()
	want := append(before, report{before[0].ID, "seen on a", 2})
	for _, r := range before {
		if r.Title == "seen on a" {
			want[3].ID = r.ID
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings in Splunk (-want +got):\n%s", diff)
	}
	runs, err := s.ledger.Runs(context.Background(), "late", jobs.Late)
	s.must(err)
	if len(runs) != 1 || old.Unix() < runs[0].Window.From || old.Unix() >= runs[0].Window.To || runs[0].Notes["late.events"] != 1 || runs[0].Findings != 1 {
		t.Errorf("runs on the late lane: %+v, want one of the window that holds %s", runs, old)
	}
	if n := s.work(jobs.Late, settled.Add(100*time.Hour)); n != 0 {
		t.Errorf("%d windows were looked at twice", n)
	}
}
