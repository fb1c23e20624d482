package state

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

var errConnection = errors.New("unexpected EOF")

// A lossyLedger carries out what a worker notes and loses the answer, once.
type lossyLedger struct {
	*Ledger
	lost int
}

func (l *lossyLedger) lose(err error) error {
	if l.lost++; err == nil && l.lost == 1 {
		return errConnection
	}
	return err
}

func (l *lossyLedger) Commit(ctx context.Context, c jobs.Commit, now time.Time) error {
	return l.lose(l.Ledger.Commit(ctx, c, now))
}

func (l *lossyLedger) Fail(ctx context.Context, r jobs.Run, reason string, again, now time.Time) error {
	return l.lose(l.Ledger.Fail(ctx, r, reason, again, now))
}

func (l *lossyLedger) GiveBack(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.lose(l.Ledger.GiveBack(ctx, r, now))
}

// emptySource has no records, and ends with err if that is not nil.
type emptySource struct{ err error }

func (s emptySource) Fetch(context.Context, pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}

// examine does a claimed run as a worker does.
func (w *world) examine(ctx context.Context, l jobs.RunLedger, r jobs.Run, err error) error {
	w.t.Helper()
	h, perr := hunt.Parse("h.yaml", []byte("name: h\nschedule: { cron: '@hourly' }\n"+
		"source: { connection: main, search: search index=a }\ndeliver: { records: all }\n"), asSplunk)
	w.must(perr)
	runner := jobs.Runner{
		Ledger: l, Log: zap.NewNop(),
		Source: func(*hunt.Hunt, *pipeline.Dict, func(string)) (pipeline.Source, error) { return emptySource{err}, nil },
	}
	_, err = runner.Do(ctx, h, r)
	return err
}

// testLostAnswers: what the database has carried out counts, and nothing else is
// reported, where the connection was lost before the answer came.
func testLostAnswers(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	w.now = time.Now() // the runner's clock
	r := w.claim(w.plan(w.mark + 600))
	if err := w.examine(w.ctx, &lossyLedger{Ledger: w.Ledger}, r, nil); err != nil {
		t.Errorf("a run that was committed: %v", err)
	}
	w.wantState(r, jobs.Succeeded)
	w.wantWatermark(r.Window.To)

	w.mark = r.Window.To
	r = w.claim(w.plan(w.mark + 600))
	down := errors.New("peer is down")
	if err := w.examine(w.ctx, &lossyLedger{Ledger: w.Ledger}, r, down); !errors.Is(err, down) || errors.Is(err, jobs.ErrSuperseded) || errors.Is(err, errConnection) {
		t.Errorf("a run whose failure was noted: %v", err)
	}
	if got := w.wantState(r, jobs.Retry); got.Error != down.Error() {
		t.Errorf("reason %q", got.Error)
	}

	w.now = time.Now().Add(time.Minute)
	r = w.claim(r)
	ctx, stop := context.WithCancelCause(w.ctx)
	stop(jobs.ErrShutdown)
	if err := w.examine(ctx, &lossyLedger{Ledger: w.Ledger}, r, context.Canceled); !errors.Is(err, context.Canceled) || errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a run that was given back: %v", err)
	}
	w.wantState(r, jobs.Queued)
}

// testStateOf: a worker learns what became of its own attempt, and nothing of
// somebody else's.
func testStateOf(t *testing.T, open func() *Ledger) {
	w := newWorld(t, open(), "h")
	want := func(r jobs.Run, state jobs.RunState, err error) {
		t.Helper()
		if got, gotErr := w.StateOf(w.ctx, r); got != state || !errors.Is(gotErr, err) {
			t.Errorf("%q, %v; want %q, %v", got, gotErr, state, err)
		}
	}
	r := w.claim(w.plan(w.mark + 600))
	want(r, jobs.Running, nil)
	w.must(w.Fail(w.ctx, r, "peer is down", w.now.Add(time.Minute), w.now))
	want(r, jobs.Retry, nil)
	w.now = w.now.Add(time.Minute)
	again := w.claim(r)
	want(r, "", jobs.ErrSuperseded)
	w.must(w.GiveBack(w.ctx, again, w.now))
	want(again, jobs.Queued, nil)
	third := w.claim(again)
	w.commit(third)
	want(third, jobs.Succeeded, nil)
	want(again, "", jobs.ErrSuperseded)
	cancelled := w.claim(w.plan(w.mark + 600))
	w.must(w.Cancel(w.ctx, cancelled.ID, "no", w.now))
	want(cancelled, "", jobs.ErrSuperseded)
	unknown := w.run(w.mark + 600)
	want(unknown, "", jobs.ErrSuperseded)
	unknown.Lane = jobs.Late // which leaves nothing behind
	want(unknown, jobs.Succeeded, nil)
}
