package daemon

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// TestSpool: while more waits than the outbox may hold no run begins, which is
// said once; nothing is dropped, and once a tenth has left runs begin again.
func TestSpool(t *testing.T) {
	path := deploy(t, newRefusal(t), "a")
	put(t, path, "limits: { spool: 1MiB }\n"+read(t, path))
	s := load(t, path)
	core, log := observer.New(zap.InfoLevel)
	d, err := Open(context.Background(), s, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := context.Background()
	fill := func(bytes int) {
		t.Helper()
		run := jobs.NewRun(s.Hunts[0], jobs.Manual, time.Now(), pipeline.Window{From: 1, To: 2})
		run, err := d.ledger.Begin(ctx, run, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := jobs.Body{Dest: "main", Data: make([]byte, bytes), Events: 1}
		if err := errors.Join(d.ledger.Stage(ctx, run, 0, []jobs.Body{b}, time.Now()), d.ledger.Commit(ctx, jobs.Commit{Run: run}, time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	admitted := func(measured bool) bool {
		if measured {
			d.spool.next = time.Time{}
		}
		d.measureSpool(ctx)
		return d.mayBegin("main")
	}
	fill(900 << 10)
	if !admitted(true) {
		t.Error("a run is held back though there is room")
	}
	fill(100 << 10)
	fill(100 << 10)
	if !admitted(false) {
		t.Error("the outbox was measured twice in a second")
	}
	for range 3 {
		if admitted(true) {
			t.Error("a run begins though the outbox is full")
		}
	}
	if _, err := d.RunOnce(ctx, s.Hunts[0], pipeline.Window{From: 1, To: 2}, 0); !errors.Is(err, ErrSpoolFull) {
		t.Errorf("by hand: %v", err)
	}
	items, err := d.ledger.Due(ctx, "main", time.Now(), 10)
	if err != nil || len(items) != 3 {
		t.Fatalf("%d bodies wait, %v", len(items), err)
	}
	for i, want := range []bool{false, true} { // 1000 KiB are more than nine tenths, 900 KiB are not
		if err := d.ledger.Done(ctx, items[2-i]); err != nil {
			t.Fatal(err)
		}
		if got := admitted(true); got != want {
			t.Errorf("after %d bodies have left, a run begins: %v", i+1, got)
		}
	}
	var said []string
	for _, e := range log.All() {
		if strings.Contains(e.Message, "outbox") {
			said = append(said, e.Message)
		}
	}
	if len(said) != 2 {
		t.Errorf("it was said %q", said)
	}
}
