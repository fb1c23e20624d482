package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

// A skewed is a daemon at work on a Splunk whose clock a test sets.
type skewed struct {
	*Daemon
	t      *testing.T
	splunk *sandbox.Sandbox
	offset atomic.Int64
	logs   *observer.ObservedLogs
	hunt   *hunt.Hunt
}

const skewedHunt = `name: all
schedule: { cron: "* * * * *", jitter: 0s }
source: { connection: main, search: search index=windows }
window: { lag: 0s, max: 1h, first: 30m }
deliver: { index: hunts, records: all }
`

func newSkewed(t *testing.T, offset time.Duration) *skewed {
	t.Helper()
	s := &skewed{t: t}
	s.offset.Store(int64(offset))
	var err error
	s.splunk, err = sandbox.Start(sandbox.Config{Clock: func() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.splunk.Close)
	ready := s.splunk.Ready()
	path := write(t, map[string]string{
		"password": ready.Password, "hec-token": ready.HECToken, "hunts.d/all.yaml": skewedHunt,
		"huntd.yaml": fmt.Sprintf(`{"connections": {"main": {"api": {"url": %q, "user": %q, "password": "file:password"},
			"hec": {"url": %q, "token": "file:hec-token"}}}}`, ready.API, ready.User, ready.HEC),
	})
	core, logs := observer.New(zap.InfoLevel)
	s.logs = logs
	if s.Daemon, err = Open(context.Background(), load(t, path), zap.New(core), WithLease(2*time.Second)); err != nil {
		t.Fatal(err)
	}
	s.clocks.every = time.Second
	s.hunt = s.engine.Load().hunts["all"]
	return s
}

// run has the daemon hunt until the test ends.
func (s *skewed) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, nil) }()
	s.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			s.t.Error(err)
		}
	})
}

// await waits until something holds.
func (s *skewed) await(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(end) {
			s.t.Fatalf("within 30 s it does not come to this: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *skewed) logged(message string) int { return s.logs.FilterMessage(message).Len() }

func (s *skewed) beats(n int) {
	s.t.Helper()
	begin := s.splunk.Calls(sandbox.AnyAPI)
	s.await("heartbeats ask the idle Splunk", func() bool { return s.splunk.Calls(sandbox.AnyAPI) >= begin+n })
}

// index gives Splunk events, now by its clock.
func (s *skewed) index(n int) {
	s.t.Helper()
	var lines []byte
	for i := range n {
		lines = fmt.Appendf(lines, `{"time":%d,"index":"windows","event":"event %d"}`+"\n", time.Now().Unix()+s.offset.Load()/1e9, i)
	}
	body, err := splunk.SIEM{}.Join(lines)
	if err == nil {
		err = s.engine.Load().conns.sinks["main"].Send(context.Background(), body)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// hunted are the events that came back as the hunt's.
func (s *skewed) hunted() (n int) {
	for _, line := range s.splunk.Received() {
		if strings.Contains(string(line), `"index":"hunts"`) {
			n++
		}
	}
	return n
}

func (s *skewed) openRuns() int {
	s.t.Helper()
	n, err := s.ledger.OpenRuns(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestSplunkIsBehind: nothing is planned and nothing that is queued begins while
// Splunk's clock is ten minutes behind. What was indexed then is found when it is
// set.
func TestSplunkIsBehind(t *testing.T) {
	s := newSkewed(t, -10*time.Minute)
	ctx, now := context.Background(), time.Now()
	queued := jobs.NewRun(s.hunt, jobs.Late, now, pipeline.Window{From: now.Unix() - 60, To: now.Unix()})
	if err := s.ledger.Submit(ctx, queued, now); err != nil {
		t.Fatal(err)
	}
	past := pipeline.Window{From: now.Unix() - 7200, To: now.Unix() - 3600}
	if err := s.ledger.StartBackfill(ctx, jobs.NewBackfill(s.hunt, "b", past, false), now); err != nil {
		t.Fatal(err)
	}
	s.checkClocks(ctx, s.engine.Load())
	s.run()
	s.await("the skew is logged", func() bool { return s.logged("clock skew started") == 1 })
	s.index(5)
	s.beats(3)
	lanes, err := s.ledger.Lanes(ctx, []string{"all"}, time.Now())
	if err != nil || len(lanes) != 0 || s.splunk.Calls(sandbox.CreateJob) != 0 || s.splunk.Calls(sandbox.Login) != 0 {
		t.Errorf("lanes %v, %v; %d searches, %d logins", lanes, err, s.splunk.Calls(sandbox.CreateJob), s.splunk.Calls(sandbox.Login))
	}
	if runs, err := s.ledger.Runs(ctx, "all", jobs.BackfillLane("b")); err != nil || len(runs) != 0 {
		t.Errorf("of the backfill, %d runs were planned, %v", len(runs), err)
	}
	if run, err := s.ledger.Run(ctx, queued.ID); err != nil || run.State != jobs.Queued {
		t.Errorf("the run that was queued is %s, %v", run.State, err)
	}
	daemons, err := s.ledger.Daemons(ctx, time.Now())
	if err != nil || len(daemons) != 1 || len(daemons[0].Skews) != 1 {
		t.Fatalf("daemons %+v, %v", daemons, err)
	}
	if got := daemons[0].Skews[0]; got.Connection != "main" || (got.Offset+10*time.Minute).Abs() > time.Second || got.Since.Before(now) {
		t.Errorf("the ledger has %+v", got)
	}
	manual := jobs.NewRun(s.hunt, jobs.Manual, now, past)
	if err := s.ledger.Submit(ctx, manual, now); err != nil {
		t.Fatal(err)
	}
	s.beats(2)
	if run, err := s.ledger.Run(ctx, manual.ID); err != nil || run.State != jobs.Queued {
		t.Errorf("the manual run is %s, %v", run.State, err)
	}
	s.offset.Store(0)
	s.await("the manual run ends", func() bool {
		run, err := s.ledger.Run(ctx, manual.ID)
		return err == nil && run.State == jobs.Succeeded
	})
	s.await("what was indexed meanwhile is found", func() bool { return s.hunted() >= 5 })
	s.await("the backfill is done", func() bool {
		views, err := s.ledger.Backfills(ctx, "all")
		return err == nil && len(views) == 1 && views[0].State == jobs.BackfillDone
	})
	s.await("the ledger shows no skew", func() bool {
		daemons, err := s.ledger.Daemons(ctx, time.Now())
		return err == nil && len(daemons) == 1 && len(daemons[0].Skews) == 0
	})
	if n := s.hunted(); n != 5 || s.logged("clock skew started") != 1 || s.logged("clock skew ended") != 1 {
		t.Errorf("%d events were found, want 5; logged %d and %d times", n, s.logged("clock skew started"), s.logged("clock skew ended"))
	}
}

// statusOf listens as the service manager does, and returns a function for the
// newest line of status.
func statusOf(t *testing.T) func() string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	var newest atomic.Value
	newest.Store("")
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			if _, text, ok := strings.Cut(string(buf[:n]), "STATUS="); ok {
				newest.Store(text)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return func() string { return newest.Load().(string) }
}

// TestSplunkIsAhead counts as much.
func TestSplunkIsAhead(t *testing.T) {
	status := statusOf(t)
	s := newSkewed(t, 10*time.Minute)
	s.run()
	s.await("the skew is logged", func() bool { return s.logged("clock skew started") == 1 })
	if s.beats(3); s.openRuns() != 0 || s.splunk.Calls(sandbox.CreateJob) != 0 {
		t.Errorf("%d runs are open, %d searches", s.openRuns(), s.splunk.Calls(sandbox.CreateJob))
	}
	if want := "1 hunts, 0 running; the clock of connection main is 10m0s ahead"; status() != want {
		t.Errorf("the status is %q, want %q", status(), want)
	}
	if err := s.ledger.PauseConnection(context.Background(), "lab", "lab is rebuilt", time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.offset.Store(0)
	s.await("the hunt goes on", func() bool { return s.splunk.Calls(sandbox.CreateJob) > 0 })
	s.await("the status shows it", func() bool { return status() == "1 hunts, 0 running; paused: lab" })
}

// TestSkewIsFoundBySearching: where a Splunk could not be asked, the replies to a
// search say that its window has not ended. It is not committed.
func TestSkewIsFoundBySearching(t *testing.T) {
	s := newSkewed(t, -10*time.Minute)
	defer s.Close()
	ctx, e := context.Background(), s.engine.Load()
	s.clocks.keep(e.conns.addresses())
	do := func(lane jobs.Lane, w pipeline.Window) (jobs.Run, error) {
		t.Helper()
		now := time.Now()
		run := jobs.NewRun(s.hunt, lane, now, w)
		if lane == jobs.Live {
			if _, err := jobs.Plan(ctx, s.ledger, []*hunt.Hunt{s.hunt}, now); err != nil {
				t.Fatal(err)
			}
		}
		var claimed jobs.Run
		var err error
		if lane == jobs.Live {
			claimed, err = s.ledger.ClaimLane(ctx, "all", lane, time.Now())
		} else {
			claimed, err = s.ledger.Begin(ctx, run, now)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.runner(e).Do(ctx, s.hunt, claimed)
		ended, rerr := s.ledger.Run(ctx, claimed.ID)
		if rerr != nil {
			t.Fatal(rerr)
		}
		return ended, err
	}
	run, err := do(jobs.Live, pipeline.Window{})
	var future *jobs.FutureError
	if !errors.As(err, &future) || run.State != jobs.Retry || future.After < 8*time.Minute || future.After > 10*time.Minute {
		t.Fatalf("the run is %s: %v", run.State, err)
	}
	if want := "by the clock of connection main, which is 10m0s behind this host's"; !strings.Contains(run.Error, want) {
		t.Errorf("the run says %q, want %q", run.Error, want)
	}
	if s.splunk.Calls(sandbox.CreateJob) != 1 || s.clocks.mayBegin("main") || s.logged("clock skew started") != 1 {
		t.Errorf("%d searches; further runs may begin: %v", s.splunk.Calls(sandbox.CreateJob), s.clocks.mayBegin("main"))
	}
	now := time.Now().Unix()
	for name, tt := range map[string]struct {
		w    pipeline.Window
		want jobs.RunState
	}{
		"ended by one clock":     {pipeline.Window{From: now - 60, To: now - 1}, jobs.Failed},
		"ended by both":          {pipeline.Window{From: now - 3600, To: now - 900}, jobs.Succeeded},
		"to come by both clocks": {pipeline.Window{From: now - 60, To: now + 3600}, jobs.Succeeded},
	} {
		if run, err := do(jobs.Manual, tt.w); run.State != tt.want || errors.As(err, &future) != (tt.want == jobs.Failed) {
			t.Errorf("a manual window, %s: %s, %v", name, run.State, err)
		}
	}
	s.offset.Store(int64(-20 * time.Second)) // within the limit, and more than the lag
	if run, err := do(jobs.Manual, pipeline.Window{From: now - 60, To: now}); run.State != jobs.Succeeded {
		t.Errorf("a manual window within the limit: %s, %v", run.State, err)
	}
}

// TestSmallSkewIsWaitedFor: within the limit windows are planned, but one that has
// not ended by Splunk's clock is left until it has.
func TestSmallSkewIsWaitedFor(t *testing.T) {
	s := newSkewed(t, -20*time.Second)
	now := time.Now()
	s.checkClocks(context.Background(), s.engine.Load())
	if !s.clocks.mayPlan("main") {
		t.Fatal("twenty seconds hold everything up")
	}
	run := jobs.NewRun(s.hunt, jobs.Live, now, pipeline.Window{From: now.Unix() - 60, To: now.Unix() - 5})
	var future *jobs.FutureError
	if err := s.checkEnded(s.engine.Load(), s.hunt, run, now); !errors.As(err, &future) || future.After > 16*time.Second || future.After < 13*time.Second {
		t.Errorf("a window that ended 5 s ago: %v", err)
	}
	run.Window.To = now.Unix() - 21
	if err := s.checkEnded(s.engine.Load(), s.hunt, run, now); err != nil {
		t.Errorf("a window that ended 21 s ago: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestRefusedSplunkIsNotAsked: credentials that were refused are not tried by
// asking for the time, nor is the server.
func TestRefusedSplunkIsNotAsked(t *testing.T) {
	s := newSkewed(t, 0)
	defer s.Close()
	s.splunk.Inject(sandbox.Fault{On: sandbox.Login, Times: 100, Do: sandbox.Unauthorized()})
	e := s.engine.Load()
	if _, err := e.conns.searchers["main"].(*splunk.Client).Check(context.Background()); err == nil {
		t.Fatal("the login was not refused")
	}
	before := s.splunk.Calls(sandbox.AnyAPI)
	if s.checkClocks(context.Background(), e); s.splunk.Calls(sandbox.AnyAPI) != before || !s.clocks.mayPlan("main") {
		t.Errorf("asked %d times; planned: %v", s.splunk.Calls(sandbox.AnyAPI)-before, s.clocks.mayPlan("main"))
	}
}
