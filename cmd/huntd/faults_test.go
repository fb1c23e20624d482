package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs/state/statetest"
)

// TestTwoDaemonsOnOneFile: the second is refused and told who has it.
func TestTwoDaemonsOnOneFile(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), chaosWindow)
	first := r.startPlain()
	r.await(30*time.Second, func() (bool, string) { return first.said.has("daemon started") }, first)
	second := r.startPlain()
	r.await(30*time.Second, second.gone, second)
	if code := second.ProcessState.ExitCode(); code != exitLater {
		t.Errorf("exit code %d, want %d", code, exitLater)
	}
	if ok, _ := second.said.has(fmt.Sprintf("the state is in use by process %d: stop it, or name another state", first.Process.Pid)); !ok {
		t.Errorf("it says %q", second.said.tail(1000))
	}
}

// TestDiskFull: nothing can be written while the disk is full, not even by a
// daemon that starts then, and nothing of that is seen in the end.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("huntd-test", disk, "tmpfs", 0, "size=24m,mode=700"); err != nil {
		skip(t, "a small disk can be mounted by root alone: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	r := newRig(t, "sqlite:"+filepath.Join(disk, "huntd.db"), chaosWindow)
	p := r.start("claimed", 3, syscall.SIGSTOP)
	r.await(30*time.Second, p.stopped, p)
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	const full = "database or disk is full"
	r.await(30*time.Second, func() (bool, string) { return p.said.count(full) > 5, "nothing failed" }, p)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r.await(chaosPatience, func() (bool, string) { return p.said.has("run succeeded") }, p)

	fill(t, filler)
	p.kill()
	late := r.startPlain()
	r.await(30*time.Second, func() (bool, string) { return late.said.has(full) }, late)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	// It may be about to end, if it could not even open its state.
	for range 30 {
		if ended, _ := late.gone(); ended {
			late = r.startPlain()
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	r.end(late)
}

// fill writes a file until the disk is full.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// TestDatabaseGone: PostgreSQL breaks off again and again, is gone for a while,
// and does not answer for a while.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	gone, err := time.ParseDuration(cmp.Or(os.Getenv("HUNTD_TEST_GONE"), "4s"))
	if err != nil {
		t.Fatal("HUNTD_TEST_GONE: ", err)
	}
	door, state := newDoorway(t, statetest.NewDatabase(t))
	r := newRig(t, state, chaosWindow)
	daemons := []*process{r.startPlain(), r.startPlain()}
	for _, p := range daemons {
		r.await(30*time.Second, func() (bool, string) { return p.said.has("daemon started") }, p)
	}
	for range 10 {
		door.shut()
		<-time.After(50 * time.Millisecond)
		door.open()
		<-time.After(200 * time.Millisecond)
	}
	door.shut()
	<-time.After(gone)
	door.open()
	<-time.After(300 * time.Millisecond)
	door.gate.Lock()
	<-time.After(gone)
	door.gate.Unlock()
	for i, p := range daemons {
		if ended, _ := p.gone(); ended {
			t.Errorf("daemon %d has ended: %s", i, p.said.tail(2000))
		}
	}
	r.end(daemons...)
}
