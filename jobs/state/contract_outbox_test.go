package state

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
)

func testOutbox(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	if _, ok, err := w.NextSend(w.ctx, "main"); ok || err != nil {
		t.Errorf("something waits in an empty outbox, %v", err)
	}
	r := w.claim(w.plan(w.mark + 600))
	other := body("other")
	other.Dest = "other"
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a"), other, body("b"), {Dest: "main", Data: []byte("c"), Events: 3}}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	items, err := w.Due(w.ctx, "main", w.now, 2)
	w.must(err)
	want := []outbox.Item{
		{ID: items[0].ID, Run: r.ID, Dest: "main", Body: []byte("a"), Events: 1},
		{ID: items[1].ID, Run: r.ID, Dest: "main", Body: []byte("b"), Events: 1},
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	if reason, err := w.Reason(w.ctx, r.ID); reason != "" || err != nil {
		t.Errorf("reason %q, %v", reason, err)
	}
	until := w.now.Add(time.Minute)
	w.must(w.Defer(w.ctx, items[0], until, "busy"))
	w.wantSendable("b", "c")
	if reason, err := w.Reason(w.ctx, r.ID); reason != "busy" || err != nil {
		t.Errorf("reason %q, %v", reason, err)
	}
	w.must(w.Done(w.ctx, items[1]))
	w.must(w.Done(w.ctx, items[1])) // counts once
	w.wantSendable("c")
	items, err = w.Due(w.ctx, "main", w.now, 9)
	w.must(err)
	w.must(w.Done(w.ctx, items[0]))
	if at, ok, err := w.NextSend(w.ctx, "main"); !ok || err != nil || !at.Equal(until) {
		t.Errorf("next at %s, %v, %v; want %s", at, ok, err, until)
	}
	w.now = until
	items, err = w.Due(w.ctx, "main", w.now, 9)
	w.must(err)
	if len(items) != 1 || string(items[0].Body) != "a" || items[0].Attempts != 1 {
		t.Errorf("due after a minute: %+v", items)
	}
	if n, err := w.Pending(w.ctx, r.ID); n != 2 || err != nil {
		t.Errorf("%d events wait, want 2, %v", n, err)
	}
	if got := w.wantState(r, jobs.Succeeded); got.Delivered != 4 || got.Dead != 0 {
		t.Errorf("delivered %d, dead %d", got.Delivered, got.Dead)
	}
	// What has been due for longest comes first, be it deferred or fresh.
	r = w.claim(w.at(until.Add(-time.Second)).planNext())
	w.commit(r)
	w.now = until.Add(time.Second)
	w.wantSendable(r.ID, "a")
}

// planNext queues the window after the last commit.
func (w *world) planNext() jobs.Run {
	w.mark += 600
	return w.plan(w.mark + 600)
}

func testSplit(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{{Dest: "main", Data: []byte("abcd"), Events: 4}, body("z")}, w.now))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r}, w.now))
	items, err := w.Due(w.ctx, "main", w.now, 1)
	w.must(err)
	w.now = w.now.Add(time.Second)
	dead := []outbox.Dead{{Event: []byte("b"), Status: 400, Reason: "blank"}}
	parts := []outbox.Part{{Body: []byte("a"), Events: 1}, {Body: []byte("cd"), Events: 2}}
	for range 2 { // the second finds nothing to split
		w.must(w.Split(w.ctx, items[0], dead, parts, w.now))
	}
	w.wantSendable("z", "a", "cd")
	if n, err := w.Pending(w.ctx, r.ID); n != 4 || err != nil {
		t.Errorf("%d events wait, want 4, %v", n, err)
	}
	if got := w.wantState(r, jobs.Succeeded); got.Dead != 1 || got.Delivered != 0 {
		t.Errorf("dead %d, delivered %d", got.Dead, got.Delivered)
	}
	var event []byte
	var reason string
	var status, n int
	w.must(w.read(w.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(w.ctx, "SELECT event, status, reason, (SELECT count(*) FROM dead_letter) FROM dead_letter").Scan(&event, &status, &reason, &n)
	}))
	if string(event) != "b" || status != 400 || reason != "blank" || n != 1 {
		t.Errorf("%d dead letters, the first %q with %d %q", n, event, status, reason)
	}
}

// testClockSetBack: what was put off by a clock that ran far ahead does not wait
// for that time to come.
func testClockSetBack(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.commit(w.claim(w.plan(w.mark + 600)))
	ahead := w.now.Add(240 * time.Hour)
	items, err := w.Due(w.ctx, "main", ahead, 1)
	w.must(err)
	w.must(w.Defer(w.ctx, items[0], ahead.Add(time.Minute), "busy"))
	if got := w.sendable(); len(got) != 1 {
		t.Errorf("the body waits for a time ten days away")
	}
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Fail(w.ctx, r, "busy", ahead, ahead))
	w.claim(r)

	// Leases of before, of processes that are dead by now.
	w.must(w.Heartbeat(w.ctx, w.wantState(r, jobs.Running), jobs.Lease, ahead))
	items, err = w.Due(w.ctx, "main", ahead.Add(time.Hour), 1)
	w.must(err)
	w.owner = "another"
	if got := w.sendable(); len(got) != 1 || len(items) != 1 {
		t.Errorf("a body is another's for ten days")
	}
	w.claim(r)
	w.now = w.now.Add(-jobs.Lease) // so much the clocks of two hosts may differ
	if ids, err := w.Rescue(w.ctx, w.now); len(ids) != 0 || err != nil {
		t.Errorf("%q runs were taken from workers that are at work, %v", ids, err)
	}

	// An offer of before, which the queue would hide for ten days.
	later := newWorld(t, w.Ledger, "later")
	later.now = ahead
	queued := later.plan(later.mark + 600)
	if ids, err := w.Rescue(w.ctx, w.now); len(ids) != 1 || err != nil {
		t.Errorf("%q runs were taken from a queue that will not hand them out, %v", ids, err)
	}
	if ids, err := w.Rescue(w.ctx, w.now); len(ids) != 0 || err != nil {
		t.Errorf("%q runs were taken from it again, %v", ids, err)
	}
	w.wantState(queued, jobs.Queued)
}

func testSuppressions(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	shown := func(hunt string, lane jobs.Lane, after int64) map[string]jobs.Suppression {
		t.Helper()
		got, err := w.Suppressions(w.ctx, hunt, lane, []string{"c", "b", "a"}, after)
		w.must(err)
		return got
	}
	a, b := jobs.Suppression{Key: "a", Shown: 100, Until: 200}, jobs.Suppression{Key: "b", Shown: 150, Until: 300}
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Shown: []jobs.Suppression{a, b}}, w.now))
	if diff := cmp.Diff(map[string]jobs.Suppression{"a": a, "b": b}, shown("h", jobs.Live, 0)); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]jobs.Suppression{"b": b}, shown("h", jobs.Live, 200)); diff != "" {
		t.Errorf("counts after 200 (-want +got):\n%s", diff)
	}
	if n := len(shown("other", jobs.Live, 0)) + len(shown("h", jobs.Manual, 0)); n != 0 {
		t.Errorf("%d are remembered of another hunt or lane", n)
	}
	b.Shown, b.Until = 400, 500
	r = w.claim(w.planNext())
	w.must(w.Commit(w.ctx, jobs.Commit{Run: r, Shown: []jobs.Suppression{b}, Forget: 200}, w.now))
	if diff := cmp.Diff(map[string]jobs.Suppression{"b": b}, shown("h", jobs.Live, 0)); diff != "" {
		t.Errorf("remembered later (-want +got):\n%s", diff)
	}
}

// testOddKeys: keys that PostgreSQL cannot hold apart, or at all, neither stop a
// commit nor are they forgotten.
func testOddKeys(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	keys := []string{"nul \x00", "nul \uFFFD", "no UTF-8 \xff", "no UTF-8 \xfe", "plain"}
	c := jobs.Commit{Run: w.claim(w.plan(w.mark + 600))}
	for range 2 { // the second merges with the first
		for _, key := range keys {
			c.Shown = append(c.Shown, jobs.Suppression{Key: key, Shown: 100, Until: 200})
		}
	}
	w.must(w.Commit(w.ctx, c, w.now))
	shown, err := w.Suppressions(w.ctx, "h", jobs.Live, keys, 0)
	w.must(err)
	for _, key := range keys {
		if diff := cmp.Diff(jobs.Suppression{Key: key, Shown: 100, Until: 200}, shown[key]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", key, diff)
		}
	}
}

// testOutboxOfSeveral: what another process has taken out to be sent is not due
// before it has had its time for that, and is due then.
func testOutboxOfSeveral(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.commit(w.claim(w.plan(w.mark + 600)))
	if n := len(w.sendable()); n != 1 {
		t.Fatalf("%d bodies are due", n)
	}
	taken := w.owner
	w.owner = "another"
	if n := len(w.sendable()); n != 0 {
		t.Errorf("%d bodies are due that another has taken out", n)
	}
	at, ok, err := w.NextSend(w.ctx, "main")
	if err != nil || !ok || at.Before(w.now.Add(jobs.Lease)) {
		t.Errorf("the next is due at %s, %v, %v: a sender that looks again then does so in vain", at, ok, err)
	}
	w.now = at.Add(time.Millisecond)
	if n := len(w.sendable()); n != 1 {
		t.Errorf("%d bodies are due after the other's time is over", n)
	}
	w.owner = taken
}
