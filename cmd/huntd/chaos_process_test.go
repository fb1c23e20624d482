package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
)

// chaosLease is the lease of daemons in crash tests.
const chaosLease = 2 * time.Second

// chaosStaged is the point that only windows of several bodies come to.
const chaosStaged = "staged"

// chaosPoints are all other points that a run comes to.
var chaosPoints = []string{
	"planned", "claimed", "searching", "searched", "run closed", "memory kept", "runs offered",
	"committed", "taken", "sent", "confirmed",
}

// The environment of the command huntd-witnessed, which is huntd with a short
// lease and an observer that sends its own process a signal.
const (
	envPoint  = "HUNTD_TEST_POINT"  // where it stops itself
	envPasses = "HUNTD_TEST_PASSES" // at which of its passings
	envSignal = "HUNTD_TEST_SIGNAL" // by which signal
)

func witnessed() int {
	w := &witness{point: os.Getenv(envPoint)}
	fmt.Sscan(os.Getenv(envPasses), &w.at)
	fmt.Sscan(os.Getenv(envSignal), (*int)(&w.signal))
	c := &cli{in: os.Stdin, out: os.Stdout, err: os.Stderr, options: []daemon.Option{daemon.WithObserver(w), daemon.WithLease(chaosLease)}}
	return c.run(os.Args[1:])
}

// A witness is an observer that sends its own process a signal at one point.
type witness struct {
	jobs.NopObserver
	point  string
	at     int64
	signal syscall.Signal

	passes atomic.Int64
}

func (w *witness) pass(point string) {
	if point != chaosStaged && !slices.Contains(chaosPoints, point) {
		panic(fmt.Sprintf("nobody dies at %q: it stands in no test", point))
	}
	if point != w.point || w.passes.Add(1) != w.at {
		return
	}
	_ = syscall.Kill(os.Getpid(), w.signal)
	<-time.After(50 * time.Millisecond) // the signal strikes meanwhile
}

// Planned implements [jobs.Observer].
func (w *witness) Planned(int) { w.pass("planned") }

// Claimed implements [jobs.Observer].
func (w *witness) Claimed(jobs.Run) { w.pass("claimed") }

// Searching implements [jobs.Observer].
func (w *witness) Searching(jobs.Run) { w.pass("searching") }

// Searched implements [jobs.Observer].
func (w *witness) Searched(jobs.Run, jobs.Result, time.Duration) { w.pass("searched") }

// Staged implements [jobs.Observer].
func (w *witness) Staged(jobs.Run, []jobs.Body) { w.pass(chaosStaged) }

// Committing implements [jobs.Observer].
func (w *witness) Committing(_ jobs.Run, step string) { w.pass(step) }

// Committed implements [jobs.Observer].
func (w *witness) Committed(jobs.Commit, time.Duration) { w.pass("committed") }

// Taken implements [outbox.Observer].
func (w *witness) Taken([]outbox.Item) { w.pass("taken") }

// Sent implements [outbox.Observer].
func (w *witness) Sent(_ outbox.Item, _ time.Duration, err error) {
	if err == nil {
		w.pass("sent")
	}
}

// Confirmed implements [outbox.Observer].
func (w *witness) Confirmed(outbox.Item) { w.pass("confirmed") }

// A process is a daemon at work.
type process struct {
	*exec.Cmd
	said  *lastWords
	ended chan struct{}
}

// start starts a daemon, which sends itself a signal when it comes to a point
// for the n-th time. Without a point it does not.
func (r *rig) start(point string, n int, signal syscall.Signal) *process {
	r.Helper()
	p := &process{
		Cmd:  exec.Command("huntd-witnessed", "run", "--config", filepath.Join(r.dir, "huntd.yaml")),
		said: &lastWords{}, ended: make(chan struct{}),
	}
	p.Stderr = p.said
	p.Env = append(os.Environ(), envPoint+"="+point, fmt.Sprintf("%s=%d", envPasses, n), fmt.Sprintf("%s=%d", envSignal, int(signal)))
	if err := p.Start(); err != nil {
		r.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.Wait() // it was killed
	}()
	r.Cleanup(p.kill)
	return p
}

func (r *rig) startPlain() *process { return r.start("", 0, 0) }

func (p *process) kill() {
	_ = p.Process.Kill() // it may have ended
	<-p.ended
}

// gone reports whether the process has ended.
func (p *process) gone() (bool, string) {
	select {
	case <-p.ended:
		return true, ""
	default:
		return false, "the daemon is alive"
	}
}

// killed reports whether the process has ended by a signal, and not by itself.
func (p *process) killed() (bool, string) {
	ended, why := p.gone()
	if !ended {
		return false, why
	}
	if status, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		return false, "the daemon has ended by itself: " + p.ProcessState.String()
	}
	return true, ""
}

// stopped reports whether all of the process stands still.
func (p *process) stopped() (bool, string) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		return false, err.Error()
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return bytes.HasPrefix(after, []byte("T")), "the daemon runs"
}

// lastWords keep what a process says on standard error.
type lastWords struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

// has reports whether something was said.
func (w *lastWords) has(text string) (bool, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.text.String(), text), fmt.Sprintf("nobody said %q", text)
}

func (w *lastWords) count(text string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Count(w.text.String(), text)
}

func (w *lastWords) tail(n int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.text.Bytes()
	return string(text[max(0, len(text)-n):])
}
