package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// A manager is the service manager's end of the notification socket.
type manager struct {
	mu    sync.Mutex
	lines []string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "300000")
	t.Setenv("WATCHDOG_PID", "")
	m := &manager{}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			m.mu.Lock()
			m.lines = append(m.lines, strings.Split(string(b[:n]), "\n")...)
			m.mu.Unlock()
		}
	}()
	return m
}

// count returns how many lines begin with a prefix.
func (m *manager) count(prefix string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lines {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// An outage is a daemon whose state is a database behind a proxy.
type outage struct {
	*Daemon
	t       *testing.T
	proxy   *statetest.Proxy
	db      string
	manager *manager
	logs    *observer.ObservedLogs
	path    string
	cancel  context.CancelFunc
	done    chan error
	reload  chan os.Signal
	ended   chan jobs.Run
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	db := statetest.NewDatabase(t)
	return startOutage(t, db, statetest.NewProxy(t, db))
}

func startOutage(t *testing.T, db string, proxy *statetest.Proxy) *outage {
	t.Helper()
	o := &outage{
		t: t, db: db, proxy: proxy, manager: newManager(t), done: make(chan error, 1),
		reload: make(chan os.Signal, 1), ended: make(chan jobs.Run, 1000),
	}
	o.path = write(t, map[string]string{ // a connection that is never there
		"huntd.yaml":     fmt.Sprintf("state: %q\nconnections: { main: { kind: file, path: gone } }\n", o.proxy.URL),
		"hunts.d/a.yaml": huntText("a", "search index=NAME", "x.ndjson"),
		"hunts.d/b.yaml": huntText("b", "search index=NAME", "x.ndjson"),
	})
	core, logs := observer.New(zap.InfoLevel)
	o.logs = logs
	var err error
	o.Daemon, err = New(load(t, o.path), zap.New(core), WithLease(2*time.Second), WithObserver(endings{runs: o.ended}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.cancel = cancel
	go func() { o.done <- o.Run(ctx, o.reload) }()
	t.Cleanup(func() {
		cancel()
		o.proxy.Resume()
		select {
		case <-o.done:
		case <-time.After(40 * time.Second):
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *outage) await(what string, holds func() bool) {
	o.t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			o.t.Fatalf("not within 30 s: %s; logged %v", what, o.logs.All())
		}
	}
}

// attempt waits for the next attempt of a run.
func (o *outage) attempt() {
	o.t.Helper()
	select {
	case <-o.ended:
	case <-time.After(30 * time.Second):
		o.t.Fatalf("no run was tried within 30 s; logged %v", o.logs.All())
	}
}

func (o *outage) logged(message string) int { return o.logs.FilterMessage(message).Len() }

// wantStop stops the daemon, which must end within a time.
func (o *outage) wantStop(within time.Duration) {
	o.t.Helper()
	begin := time.Now()
	o.cancel()
	select {
	case err := <-o.done:
		o.done <- err
		if err != nil {
			o.t.Errorf("the daemon ended with an error: %v", err)
		}
		if took := time.Since(begin); took > within {
			o.t.Errorf("the daemon ended after %s, want %s at most", took, within)
		}
	case <-time.After(40 * time.Second):
		o.t.Fatal("the daemon did not end within 40 s")
	}
}

// TestStartWithoutServer: a daemon whose database cannot be reached is ready,
// says so once, feeds the watchdog, and hunts when the database is there.
func TestStartWithoutServer(t *testing.T) {
	db := statetest.NewDatabase(t)
	for _, name := range []string{"refusing", "frozen"} {
		t.Run(name, func(t *testing.T) {
			proxy := statetest.NewProxy(t, db)
			if name == "frozen" {
				proxy.Freeze()
			} else {
				proxy.Refuse()
			}
			o := newOutageOn(t, db, proxy)
			o.await("ready, and the outage in the status", func() bool {
				return o.manager.count("READY=1") == 1 && o.manager.count("STATUS=2 hunts, 0 running; ledger unreachable since ") >= 1
			})
			fed := o.manager.count("WATCHDOG=1")
			o.await("the watchdog is fed", func() bool { return o.manager.count("WATCHDOG=1") > fed+3 })
			o.reload <- os.Interrupt
			o.await("a reload is heard", func() bool { return o.logged("configuration reloaded") == 1 })
			if n := o.logged("ledger unreachable"); n != 1 {
				t.Errorf("the outage was logged %d times", n)
			}
			proxy.Resume()
			o.attempt()
			if n := o.logged("ledger reachable again"); n != 1 {
				t.Errorf("its end was logged %d times", n)
			}
			o.wantStop(5 * time.Second)
		})
	}
	t.Run("stop", func(t *testing.T) {
		proxy := statetest.NewProxy(t, db)
		proxy.Freeze()
		o := newOutageOn(t, db, proxy)
		o.await("ready", func() bool { return o.manager.count("READY=1") == 1 })
		o.wantStop(3 * time.Second)
	})
	t.Run("stop before it is ready", func(t *testing.T) {
		proxy := statetest.NewProxy(t, db)
		proxy.Freeze()
		newOutageOn(t, db, proxy).wantStop(3 * time.Second)
	})
}

// TestDatabaseAway: a daemon goes on through an outage of its database, and
// plans and examines again by itself.
func TestDatabaseAway(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(o *outage) (restore func())
		slow bool // the daemon notices by waiting
	}{
		{"refuses", func(o *outage) func() { o.proxy.Refuse(); return o.proxy.Resume }, false},
		{"hangs", func(o *outage) func() { o.proxy.Freeze(); return o.proxy.Resume }, true},
		{"table locked", func(o *outage) func() { return statetest.LockTable(t, o.db, "run") }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOutage(t)
			o.attempt()
			o.attempt()
			restore := tt.lose(o)
			restore = sync.OnceFunc(restore)
			defer restore()
			if !tt.slow {
				o.await("the outage is logged", func() bool { return o.logged("ledger unreachable") == 1 })
			}
			fed := o.manager.count("WATCHDOG=1")
			time.Sleep(2 * time.Second) // longer than a heartbeat
			if got := o.manager.count("WATCHDOG=1"); got < fed+10 {
				t.Errorf("the watchdog was fed %d times in 2 s, want once each 100 ms", got-fed)
			}
			o.reload <- os.Interrupt
			o.await("a reload is heard", func() bool { return o.logged("configuration reloaded") == 1 })
			for len(o.ended) > 0 {
				<-o.ended
			}
			restore()
			o.attempt()
			if n := o.logged("ledger unreachable"); n > 1 {
				t.Errorf("the outage was logged %d times: %v", n, o.logs.All())
			}
		})
		t.Run(tt.name+", stop", func(t *testing.T) {
			o := newOutage(t)
			o.attempt()
			defer tt.lose(o)()
			time.Sleep(500 * time.Millisecond)
			o.wantStop(8 * time.Second) // no run is under way
		})
	}
}

func newOutageOn(t *testing.T, db string, proxy *statetest.Proxy) *outage {
	t.Helper()
	statetest.Exec(t, db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	return startOutage(t, db, proxy)
}

// TestStalled: a loop that does not turn any more keeps the watchdog hungry.
func TestStalled(t *testing.T) {
	s := newService(t.Context(), &Daemon{})
	now := time.Now()
	s.turns = []*turn{{name: "planner"}, {name: "offers"}}
	for _, t := range s.turns {
		t.mark()
	}
	if name, ok := s.stalled(now); ok {
		t.Errorf("%s is stalled", name)
	}
	s.turns[0].at.Store(now.Add(stallTimeout + time.Second).UnixMilli())
	if name, ok := s.stalled(now.Add(stallTimeout + time.Second)); !ok || name != "offers" {
		t.Errorf("stalled: %q, %v", name, ok)
	}
}

// TestHealth: an outage begins with the last answer, and is a change once.
func TestHealth(t *testing.T) {
	var h health
	away, begin := errors.New("away"), time.Now()
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	for _, tt := range []struct {
		now     int
		err     error
		since   int
		changed bool
	}{
		{0, away, 0, true},
		{5, away, 0, false},
		{10, nil, 0, true},
		{20, nil, 0, false},
		{55, away, 20, true},
		{60, away, 20, false},
		{90, nil, 20, true},
	} {
		since, changed := h.observe(tt.err, at(tt.now))
		if changed != tt.changed || changed && !since.Equal(at(tt.since)) {
			t.Errorf("at %d s: changed %v, since %s", tt.now, changed, since.Sub(begin))
		}
		if got, is := h.unreachableSince(); is != (tt.err != nil) || is && !got.Equal(at(tt.since)) {
			t.Errorf("at %d s: unreachable %v since %s", tt.now, is, got.Sub(begin))
		}
	}
}

// TestReadyAndStatusAreRepeated: a service manager that could not be told at the start is
// told later, and a socket that is not there is logged once.
func TestReadyAndStatusAreRepeated(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	t.Setenv("NOTIFY_SOCKET", socket)
	core, logs := observer.New(zap.InfoLevel)
	d, err := New(load(t, deploy(t, newRefusal(t), "a")), zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	heard := func(want string) {
		t.Helper()
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { conn.Close(); os.Remove(socket) }()
		d.showStatus()
		b := make([]byte, 4096)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(b); err != nil || !strings.HasPrefix(string(b[:n]), want) {
			t.Errorf("told %q, %v, want %q", b[:n], err, want)
		}
	}
	for range 3 {
		d.ready()
		d.showStatus()
	}
	heard("READY=1\n")
	d.working.Store(1)
	for range 3 {
		d.showStatus()
	}
	heard("STATUS=1 hunts, 1 running")
	if n := logs.FilterMessage("service manager notification failed").Len(); n != 2 {
		t.Errorf("logged %d times, want once each", n)
	}
}
