package state

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// wantNothing wants an order to be refused.
func (w *world) wantNothing(what string, err error) {
	w.t.Helper()
	if !errors.Is(err, ErrNothing) {
		w.t.Errorf("%s: %v, want %v", what, err, ErrNothing)
	}
}

func testPause(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.wantNothing("pause of a stranger", w.Pause(w.ctx, "stranger", "x", time.Time{}, w.now))
	w.wantNothing("resume of what is not paused", w.Unpause(w.ctx, "h", w.now))
	r := w.plan(w.mark + 600)
	job, _ := w.offered()
	w.must(w.Pause(w.ctx, "h", "change at the source", w.now.Add(time.Hour), w.now))
	if !w.lane().Paused {
		t.Error("the hunt is not paused")
	}
	if _, err := w.Ledger.claim(w.ctx, job, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim of a paused hunt's run: %v", err)
	}
	if job, ok := w.offered(); ok {
		t.Errorf("run %s of a paused hunt is offered", job.Run)
	}
	manual := w.run(w.mark + 60)
	manual.Lane = jobs.Manual
	claimed, err := w.Begin(w.ctx, manual, w.now)
	if err != nil {
		t.Fatalf("a run by hand is held back: %v", err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: claimed}, w.now))
	views, err := w.Overview(w.ctx)
	w.must(err)
	if v := views["h"]; v.PauseReason != "change at the source" || !v.PausedAt.Equal(w.now) || !v.PauseUntil.Equal(w.now.Add(time.Hour)) {
		t.Errorf("shown as %+v", v)
	}
	w.now = w.now.Add(time.Hour) // it ends by itself
	if w.lane().Paused {
		t.Error("the hunt is still paused")
	}
	w.must(w.Pause(w.ctx, "h", "again", time.Time{}, w.now))
	w.now = w.now.Add(1000 * time.Hour)
	if !w.lane().Paused {
		t.Error("a pause without an end has ended")
	}
	w.must(w.Unpause(w.ctx, "h", w.now))
	w.commit(w.claim(r))
}

func testCancelAndRetry(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.wantNothing("cancel of a stranger", w.Cancel(w.ctx, "stranger", "x", w.now))
	r := w.claim(w.plan(w.mark + 600))
	w.must(w.Stage(w.ctx, r, 0, []jobs.Body{body("a")}, w.now))
	w.must(w.Cancel(w.ctx, r.ID, "too heavy", w.now))
	if got := w.wantState(r, jobs.Cancelled); got.Error != "too heavy" {
		t.Errorf("reason %q", got.Error)
	}
	if err := w.Commit(w.ctx, jobs.Commit{Run: r}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a cancelled run commits: %v", err)
	}
	if n := w.staged(); n != 0 {
		t.Errorf("%d bodies of it are left", n)
	}
	if !w.lane().Failed {
		t.Error("the lane does not know that its slot is spent")
	}
	w.must(w.Retry(w.ctx, r.ID, w.now))
	r = w.claim(r)
	w.must(w.Fail(w.ctx, r, "busy", w.now.Add(time.Hour), w.now))
	w.must(w.Retry(w.ctx, r.ID, w.now)) // at once
	r = w.claim(r)
	w.must(w.Fail(w.ctx, r, "bad token", time.Time{}, w.now))
	w.slot = w.slot.Add(time.Hour)
	newer := w.plan(w.mark + 900)
	w.wantNothing("retry beside an open run", w.Retry(w.ctx, r.ID, w.now))
	w.commit(w.claim(newer))
	w.wantNothing("retry behind the watermark", w.Retry(w.ctx, r.ID, w.now))
	w.wantNothing("retry of what has succeeded", w.Retry(w.ctx, newer.ID, w.now))
	w.wantNothing("cancel of what has succeeded", w.Cancel(w.ctx, newer.ID, "x", w.now))
}

func testSkipAndWaive(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.claim(w.plan(w.mark + 600))
	gap, err := w.Skip(w.ctx, "h", w.mark+300, "unreadable", w.now)
	w.must(err)
	if want := (pipeline.Window{From: w.mark, To: w.mark + 300}); gap != want {
		t.Errorf("gap %s, want %s", gap, want)
	}
	w.wantState(r, jobs.Cancelled)
	w.wantWatermark(gap.To)
	_, err = w.Skip(w.ctx, "h", w.mark+300, "again", w.now)
	w.wantNothing("skip of what is covered", err)
	_, err = w.Skip(w.ctx, "stranger", w.mark+300, "x", w.now)
	w.wantNothing("skip of a stranger", err)
	w.slot, w.mark = w.slot.Add(time.Hour), gap.To
	w.commit(w.claim(w.plan(w.mark + 600)))

	_, err = w.Waive(w.ctx, "h", pipeline.Window{From: gap.To, To: gap.To + 60}, "x", w.now)
	w.wantNothing("waive where there is no gap", err)
	n, err := w.Waive(w.ctx, "h", pipeline.Window{From: gap.From + 10, To: gap.From + 20}, "nobody at work", w.now)
	if n != 1 || err != nil {
		t.Errorf("%d gaps waived, %v", n, err)
	}
	want := []Gap{{Window: gap, Reason: "unreadable", At: w.now, WaivedAt: w.now, WaivedReason: "nobody at work"}}
	gaps, err := w.Gaps(w.ctx, "h")
	w.must(err)
	if diff := cmp.Diff(want, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func testCoverage(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	begin := w.mark
	cover := func() Coverage {
		t.Helper()
		c, err := w.Coverage(w.ctx, "h")
		w.must(err)
		return c
	}
	if c := cover(); len(c.Covered)+len(c.Missing)+len(c.Lanes) != 0 {
		t.Errorf("before anything has run: %+v", c)
	}
	w.commit(w.claim(w.plan(w.mark + 600)))
	gap, err := w.Skip(w.ctx, "h", w.mark+600, "unreadable", w.now)
	w.must(err)
	unclosed := func() int {
		t.Helper()
		views, err := w.Overview(w.ctx)
		w.must(err)
		return views["h"].Gaps
	}
	if c := cover(); len(c.Missing) != 1 || c.Missing[0] != gap || c.Gaps[0].Closed || unclosed() != 1 {
		t.Errorf("with the gap in the end: missing %v, gaps %+v, %d of them open", c.Missing, c.Gaps, unclosed())
	}
	w.slot, w.mark = w.slot.Add(time.Hour), gap.To
	w.commit(w.claim(w.plan(w.mark + 600)))
	c := cover()
	if diff := cmp.Diff([]pipeline.Window{{From: begin, To: begin + 600}, {From: begin + 1200, To: begin + 1800}}, c.Covered); diff != "" {
		t.Errorf("covered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]pipeline.Window{gap}, c.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	b := jobs.Backfill{ID: "b1", Hunt: "h", Window: pipeline.Window{From: gap.From - 100, To: gap.To}, WarmFrom: gap.From - 500}
	w.must(w.StartBackfill(w.ctx, b, w.now))
	for _, to := range []int64{gap.From - 100, gap.From, gap.To} {
		w.backfillTo(&b, to)
	}
	c = cover()
	if diff := cmp.Diff([]pipeline.Window{{From: begin, To: begin + 1800}}, c.Covered); diff != "" || len(c.Missing) != 0 || len(c.Gaps) != 1 || !c.Gaps[0].Closed || unclosed() != 0 {
		t.Errorf("after a backfill %+v is missing, covered (-want +got):\n%s", c.Missing, diff)
	}
}

func testDaemons(t *testing.T, open func() *Ledger) {
	l := open()
	w := newWorld(t, l, "h")
	me := Daemon{ID: l.Owner(), Version: "v1", ConfigHash: "aa", Hunts: 3, Started: w.now, Seen: w.now}
	w.must(l.Report(w.ctx, me, w.now))
	w.now = w.now.Add(time.Minute)
	me.ConfigHash, me.Seen = "bb", w.now
	me.Skews = []ClockSkew{{Offset: -10 * time.Minute, Since: w.now}, {Connection: "main", Offset: time.Hour, Since: w.now}}
	w.must(l.Report(w.ctx, me, w.now))
	list := func() []Daemon {
		t.Helper()
		all, err := l.Daemons(w.ctx, w.now)
		w.must(err)
		return all
	}
	if diff := cmp.Diff([]Daemon{me}, list()); diff != "" {
		t.Errorf("daemons (-want +got):\n%s", diff)
	}
	me.Skews = nil
	w.must(l.Report(w.ctx, me, w.now))
	if all := list(); len(all) != 1 || len(all[0].Skews) != 0 {
		t.Errorf("clocks that agree again: %+v", all)
	}
	w.now = w.now.Add(gone + time.Second)
	if all := list(); len(all) != 0 {
		t.Errorf("one that gave no sign is there: %+v", all)
	}
	w.must(l.Report(w.ctx, me, w.now))
	w.must(l.Depart(w.ctx))
	if all := list(); len(all) != 0 {
		t.Errorf("one that has left is there: %+v", all)
	}
}

// testPauseConnection: it holds back what is left to daemons, until it ends by
// itself, and shows.
func testPauseConnection(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	r := w.plan(w.mark + 600)
	job, _ := w.offered()
	until := w.now.Add(time.Hour)
	w.must(w.PauseConnection(w.ctx, "elsewhere", "x", time.Time{}, w.now))
	w.must(w.PauseConnection(w.ctx, r.Connection, "upgrade", until, w.now))
	if _, err := w.Ledger.claim(w.ctx, job, Work{}, w.now); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("claim of a run that searches a paused connection: %v", err)
	}
	if job, ok := w.offered(); ok {
		t.Errorf("run %s is offered though its connection is paused", job.Run)
	}
	manual := w.run(w.mark + 60)
	manual.Lane = jobs.Manual
	claimed, err := w.Begin(w.ctx, manual, w.now)
	if err != nil {
		t.Fatalf("a run by hand is held back: %v", err)
	}
	w.must(w.Commit(w.ctx, jobs.Commit{Run: claimed}, w.now))
	paused, err := w.PausedConnections(w.ctx, w.now)
	w.must(err)
	if diff := cmp.Diff(map[string]Pause{
		"elsewhere": {Since: w.now, Reason: "x"}, r.Connection: {Since: w.now, Until: until, Reason: "upgrade"},
	}, paused); diff != "" {
		t.Errorf("paused (-want +got):\n%s", diff)
	}
	w.now = until
	if paused, err := w.PausedConnections(w.ctx, w.now); len(paused) != 1 || err != nil {
		t.Errorf("paused behind the end: %v, %v", paused, err)
	}
	w.commit(w.claim(r))
}
