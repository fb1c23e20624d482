package state

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state/dispatch"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A world is a ledger with a clock, and one hunt that is followed through it.
type world struct {
	*Ledger
	t    testing.TB
	ctx  context.Context
	hunt string
	now  time.Time
	slot time.Time
	mark int64 // where the watermark should stand
}

func newWorld(t testing.TB, l *Ledger, hunt string) *world {
	w := &world{Ledger: l, t: t, ctx: context.Background(), hunt: hunt, now: t0, slot: t0, mark: t0.Unix() - 3600}
	w.begin()
	return w
}

// begin makes the hunt known, if it is not.
func (w *world) begin() {
	w.t.Helper()
	_, err := w.Plan(w.ctx, []jobs.Intent{{
		Hunt: w.hunt, Slot: w.slot, Begin: &jobs.Beginning{Watermark: w.mark, ReportFrom: w.mark},
	}}, w.now)
	w.must(err)
}

// lane is what the ledger knows of the hunt's live lane.
func (w *world) lane() jobs.LaneState {
	w.t.Helper()
	lanes, err := w.Lanes(w.ctx, []string{w.hunt}, w.now)
	w.must(err)
	return lanes[w.hunt]
}

// advance deals with a slot that has nothing to examine.
func (w *world) advance(slot time.Time) {
	w.t.Helper()
	_, err := w.Plan(w.ctx, []jobs.Intent{{Hunt: w.hunt, Slot: slot}}, w.now)
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run is a run from the watermark to to, in the world's slot.
func (w *world) run(to int64) jobs.Run {
	h := &hunt.Hunt{SpecHash: "spec"}
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
	queued, err := w.Plan(w.ctx, []jobs.Intent{{Hunt: r.Hunt, Slot: r.Slot, Run: &r}}, w.now)
	w.must(err)
	return queued == 1
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

// next claims the run that a worker would get now.
func (w *world) next() (jobs.Run, bool) {
	w.t.Helper()
	_, err := w.Rescue(w.ctx, w.now)
	w.must(err)
	j, ok := w.offered()
	if !ok {
		return jobs.Run{}, false
	}
	r, err := w.Ledger.claim(w.ctx, j, Work{}, w.now)
	w.must(err)
	return r, true
}

// offered is the job of the hunt's run that a worker would get now.
func (w *world) offered() (j dispatch.Job, ok bool) {
	w.t.Helper()
	_, err := w.Offer(w.ctx, w.now)
	w.must(err)
	err = w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(w.ctx, `SELECT run_id, fence, priority FROM run WHERE hunt_id=? AND offered_at IS NOT NULL
			ORDER BY CASE lane WHEN 'manual' THEN 0 ELSE 1 END, created_at, run_id LIMIT 1`, w.hunt).Scan(&j.Run, &j.Fence, &j.Priority)
	})
	if missing(err) {
		return j, false
	}
	w.must(err)
	return j, true
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
	if got := w.lane().Watermark; got != want {
		w.t.Errorf("the watermark stands at %d, want %d", got, want)
	}
}

func (w *world) wantState(r jobs.Run, state jobs.RunState) jobs.Run {
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
	w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(w.ctx, "SELECT count(*) FROM outbox WHERE ready=0").Scan(&n)
	}))
	return n
}

// reported is all that is remembered of a lane and counts until later than after.
func reported(l *Ledger, hunt string, lane jobs.Lane, after int64) (map[string]jobs.Suppression, error) {
	all, ctx := map[string]jobs.Suppression{}, context.Background()
	err := l.read(ctx, func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var s jobs.Suppression
			err := r.Scan(&s.Key, &s.Shown, &s.Until)
			all[s.Key] = s
			return err
		}, `SELECT key, shown, until FROM suppression WHERE hunt_id=? AND lane=? AND until>?`, hunt, lane, after)
	})
	return all, err
}

// asSplunk is the kind of all connections here.
func asSplunk(string) pipeline.SIEM { return splunk.SIEM{} }
