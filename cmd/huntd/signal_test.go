package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state"
)

// startHuntd starts a command in a folder.
func startHuntd(t *testing.T, dir string, stdin io.Reader, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("huntd", args...), said: &lastWords{}, ended: make(chan struct{})}
	p.Dir, p.Stdin, p.Stderr = dir, stdin, p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.Wait() // its state says how it ended
	}()
	t.Cleanup(p.kill)
	return p
}

// wantEnd waits for a process to end by itself, with an exit code.
func (p *process) wantEnd(t *testing.T, within time.Duration, code int) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		t.Fatalf("%q has not ended within %s:\n%s", p.Args, within, p.said.tail(4000))
	}
	if got := p.ProcessState.ExitCode(); got != code {
		t.Errorf("%q ended with %s, want exit code %d:\n%s", p.Args, p.ProcessState, code, p.said.tail(4000))
	}
}

// wantSaid waits until a process has written a text to standard error.
func (p *process) wantSaid(t *testing.T, text string) {
	t.Helper()
	(&rig{T: t}).await(chaosPatience, func() (bool, string) { return p.said.has(text) }, p)
}

// inputPipe returns a pipe, and a function that fills it. It returns when
// somebody reads.
func inputPipe(t *testing.T, line string) (stdin *os.File, fill func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, func() {
		t.Helper()
		if err := w.SetWriteDeadline(time.Now().Add(chaosPatience)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte(line), 100<<10/len(line))); err != nil { // a pipe holds 64 KiB
			t.Fatalf("nobody reads: %v", err)
		}
	}
}

// quietSplunk is one that answers nothing until it is released, and then refuses
// everybody.
func quietSplunk(t *testing.T) (url string, asked <-chan struct{}, release func()) {
	t.Helper()
	requests, released := make(chan struct{}, 100), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/server/info") {
			w.WriteHeader(http.StatusNotFound) // its clock is all that is asked for
			return
		}
		requests <- struct{}{}
		<-released
		w.WriteHeader(http.StatusUnauthorized)
	}))
	release = sync.OnceFunc(func() { close(released) })
	t.Cleanup(s.Close)
	t.Cleanup(release)
	return s.URL, requests, release
}

// deploy writes a configuration with one hunt.
func deploy(t *testing.T, url string) string {
	t.Helper()
	r := &rig{T: t, dir: t.TempDir()}
	r.write("token", "t")
	r.write("huntd.yaml", fmt.Sprintf(`{"connections": {"main": {"api": {"url": %q, "token": "file:token"}, "hec": {"url": %q, "token": "file:token"}}}}`, url, url))
	r.write("hunts.d/h.yaml", `{name: h, schedule: {cron: "* * * * *", jitter: 0s}, source: {connection: main, search: search index=main},
  deliver: {records: all}}`)
	r.write("pipe.yaml", `{name: p, pipeline: [keep: "true"]}`)
	return r.dir
}

// endsWithin is how long an interrupted command may take in a test.
const endsWithin = endTime + 8*time.Second

// TestCommandsEndWhileTheyRead: a command that waits for its configuration, or for
// records, ends at a signal.
func TestCommandsEndWhileTheyRead(t *testing.T) {
	t.Parallel()
	dir := deploy(t, "http://127.0.0.1:1")
	const never = "# a comment that goes on\n"
	var started []*process
	for i, c := range []struct{ line, args string }{
		{never, "check"},
		{never, "run"},
		{never, "run-once h"},
		{never, "run-now h"},
		{never, "backfill h --from 1 --to 2"},
		{never, "list"},
		{never, "runs h"},
		{never, "backfills"},
		{never, "coverage h"},
		{never, "explain h"},
		{never, "pause h --reason x"},
		{never, "resume h"},
		{never, "cancel x --reason x"},
		{never, "retry x"},
		{never, "skip h --to 1 --reason x"},
		{never, "waive h --reason x"},
		{never, "state backup b.db"},
		{never, "state migrate --to sqlite:m.db"},
		{never, "pipe /dev/stdin"},
		{`{"a":"b"}` + "\n", "pipe pipe.yaml"},
	} {
		stdin, fill := inputPipe(t, c.line)
		args := strings.Fields(c.args)
		if args[0] != "pipe" {
			args = append(args, "--config", "/dev/stdin")
		}
		p := startHuntd(t, dir, stdin, args...)
		fill()
		if err := p.Process.Signal([]syscall.Signal{syscall.SIGTERM, syscall.SIGINT}[i%2]); err != nil {
			t.Fatal(err)
		}
		started = append(started, p)
	}
	for _, p := range started {
		p.wantEnd(t, endsWithin, exitInterrupted)
		p.wantSaid(t, "huntd: interrupted")
	}
}

// TestCommandsEndAtAFIFO: so does one whose file of records nobody writes.
func TestCommandsEndAtAFIFO(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"pipe pipe.yaml --in fifo", "sandbox --load fifo"} {
		dir := deploy(t, "http://127.0.0.1:1")
		fifo := filepath.Join(dir, "fifo")
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		p := startHuntd(t, dir, nil, strings.Fields(args)...)
		var writer *os.File
		(&rig{T: t}).await(chaosPatience, func() (bool, string) {
			var err error
			writer, err = os.OpenFile(fifo, os.O_WRONLY|syscall.O_NONBLOCK, 0)
			return err == nil, "nobody reads the FIFO"
		}, p)
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		p.wantEnd(t, endsWithin, exitInterrupted)
		writer.Close()
	}
}

// TestOrdersEndAtALock: so does one that waits for another writer.
func TestOrdersEndAtALock(t *testing.T) {
	t.Parallel()
	dir := deploy(t, "http://127.0.0.1:1")
	path := filepath.Join(dir, "huntd.db")
	l, err := state.Open(t.Context(), "sqlite:"+path, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	writer, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Rollback()
	p := startHuntd(t, dir, nil, "pause", "h", "--reason", "x")
	waitsFor(t, p, path)
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.wantEnd(t, endsWithin, exitInterrupted)
}

// waitsFor waits until a process has a file open.
func waitsFor(t *testing.T, p *process, path string) {
	t.Helper()
	(&rig{T: t}).await(chaosPatience, func() (bool, string) {
		fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.Process.Pid))
		if err != nil {
			return false, err.Error()
		}
		for _, fd := range fds {
			if target, err := os.Readlink(fd); err == nil && target == path {
				return true, ""
			}
		}
		return false, "the process has not opened " + path
	}, p)
}

// TestDrainIsNotCutShort: running windows get their time after SIGTERM, until a
// second one comes. Two in a row, as timeout(1) sends them, are one.
func TestDrainIsNotCutShort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		second bool
		code   int
	}{{"drained", false, 0}, {"twice", true, exitInterrupted}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, asked, release := quietSplunk(t)
			p := startHuntd(t, deploy(t, url), nil, "run")
			p.wantSaid(t, `"msg":"daemon started"`)
			<-asked
			for range 2 {
				if err := p.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			p.wantSaid(t, `"msg":"daemon stopping"`)
			select {
			case <-p.ended:
				t.Fatalf("the daemon has not drained:\n%s", p.said.tail(4000))
			case <-time.After(endTime + sameRequest):
			}
			if c.second {
				if err := p.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			} else {
				release()
			}
			p.wantEnd(t, 15*time.Second, c.code)
		})
	}
}

// TestReloadWithAFIFO: what cannot be loaded is refused, and does not stand in the
// way of a later reload or of the end.
func TestReloadWithAFIFO(t *testing.T) {
	t.Parallel()
	url, _, release := quietSplunk(t)
	release()
	dir := deploy(t, url)
	p := startHuntd(t, dir, nil, "run")
	p.wantSaid(t, `"msg":"daemon started"`)
	fifo := filepath.Join(dir, "hunts.d", "fifo.yaml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	reload := func() {
		t.Helper()
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	reload()
	p.wantSaid(t, `"msg":"reload failed"`)
	p.wantSaid(t, fifo+" is a FIFO")
	if err := os.Rename(fifo, fifo+".bak"); err != nil {
		t.Fatal(err)
	}
	reload()
	p.wantSaid(t, `"msg":"configuration reloaded","hunts":1`)
	p.wantSaid(t, `"entries":["fifo.yaml.bak"]`)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	p.wantEnd(t, 15*time.Second, 0)
}
