package state

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// A world is a ledger with a clock, and one hunt that is followed through it.
type world struct {
	*Ledger
	t    *testing.T
	ctx  context.Context
	hunt string
	now  time.Time
	slot time.Time
	mark int64 // where the watermark should stand
}

func newWorld(t *testing.T, l *Ledger, hunt string) *world {
	w := &world{Ledger: l, t: t, ctx: context.Background(), hunt: hunt, now: t0, slot: t0, mark: t0.Unix() - 3600}
	w.must(l.Begin(w.ctx, hunt, w.slot, w.mark, w.now))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run is a run from the watermark to to, in the world's slot.
func (w *world) run(to int64) jobs.Run {
	h := &jobs.Hunt{SpecHash: "spec"}
	h.Name = w.hunt
	return jobs.NewRun(h, jobs.Live, w.slot, pipeline.Window{From: w.mark, To: to})
}

// plan queues a run, which must succeed.
func (w *world) plan(to int64) jobs.Run {
	w.t.Helper()
	r := w.run(to)
	if !w.planned(r) {
		w.t.Fatalf("window %s was not queued", r.Window)
	}
	return r
}

func (w *world) planned(r jobs.Run) bool {
	w.t.Helper()
	queued, err := w.Plan(w.ctx, r, w.now)
	w.must(err)
	return queued
}

// claim claims the run, which must be the next one.
func (w *world) claim(r jobs.Run) jobs.Run {
	w.t.Helper()
	got, ok := w.next()
	if !ok || got.ID != r.ID {
		w.t.Fatalf("claimed %v %s, want %s", ok, got.ID, r.ID)
	}
	return got
}

func (w *world) next() (jobs.Run, bool) {
	w.t.Helper()
	r, ok, err := w.Claim(w.ctx, []string{w.hunt}, "me", w.now.Add(jobs.Lease), w.now)
	w.must(err)
	return r, ok
}

// commit stages an event and commits the run.
func (w *world) commit(r jobs.Run) {
	w.t.Helper()
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body(r.ID)}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	w.mark = r.Window.To
}

func body(text string) jobs.Body {
	return jobs.Body{Dest: "main", Data: []byte(text), Events: 1}
}

// sendable are the bodies that may be sent.
func (w *world) sendable() []string {
	w.t.Helper()
	items, err := w.Due(w.ctx, "main", w.now, 1000)
	w.must(err)
	var got []string
	for _, it := range items {
		got = append(got, string(it.Body))
	}
	return got
}

func (w *world) wantSendable(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.sendable()); diff != "" {
		w.t.Errorf("sendable bodies (-want +got):\n%s", diff)
	}
}

func (w *world) wantWatermark(want int64) {
	w.t.Helper()
	s, err := w.Lane(w.ctx, w.hunt, jobs.Live)
	w.must(err)
	if s.Watermark != want {
		w.t.Errorf("the watermark stands at %d, want %d", s.Watermark, want)
	}
}

func (w *world) wantState(r jobs.Run, state string) jobs.Run {
	w.t.Helper()
	got, err := w.Run(w.ctx, r.ID)
	w.must(err)
	if got.State != state {
		w.t.Errorf("the run is %s, want %s", got.State, state)
	}
	return got
}

// staged counts bodies that wait for a commit.
func (w *world) staged() (n int) {
	w.t.Helper()
	w.must(w.read(w.ctx, func(tx *tx) error {
		return tx.one(w.ctx, "SELECT count(*) FROM outbox WHERE ready=0").Scan(&n)
	}))
	return n
}
