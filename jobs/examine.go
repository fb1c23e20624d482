package jobs

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// examine draws the window through the hunt's pipeline and stages what is to
// be delivered. A window on the late lane that no event came late to is not drawn.
func (r *Runner) examine(ctx context.Context, h *hunt.Hunt, run Run, log *zap.Logger) (Commit, error) {
	commit := Commit{Run: run}
	onJob := func(sid string) {
		if err := r.Ledger.SetSID(ctx, run, sid); err != nil {
			log.Warn("search job id update failed", zap.String("sid", sid), zap.Error(err))
			return
		}
		r.observer().Searching(run)
	}
	memory, err := r.Ledger.Memory(ctx, run)
	if err != nil {
		return commit, err
	}
	out := newStager(ctx, r, h, run, memory)
	known := newKnownEvents(h, run, out.discard)
	if run.Lane.Kind().LooksBack {
		commit.Late, err = r.countLate(ctx, h, run, known, onJob)
		if err != nil || commit.Late == 0 {
			return commit, err
		}
	}
	carry, err := r.recall(ctx, h, run, memory, onJob)
	if err != nil {
		return commit, err
	}
	if known.keeps {
		commit.Searched = time.Now()
	}
	drawn, next, err := r.draw(ctx, h, run, carry, onJob, func(id string, event []byte) error {
		if !known.addRecord(id) {
			return nil
		}
		return out.add(event)
	})
	commit.Result = resultOf(drawn)
	if err != nil {
		return commit, err
	}
	commit.Carry, commit.Pace = next, nextPace(h, memory.Pace)
	if h.Deliver.Records != hunt.DeliverAll {
		report, err := known.selectNew(ctx, r.Ledger, drawn.Findings())
		if err != nil {
			return commit, err
		}
		if err := out.addFindings(report); err != nil {
			return commit, err
		}
	}
	known.record(&commit)
	return commit, out.leave(&commit)
}

// draw runs the hunt's pipeline over the window and returns, beside it, what the next
// one begins with. Records go to line as events, ready to be packed, if the hunt
// delivers records; else findings are made of them.
func (r *Runner) draw(ctx context.Context, h *hunt.Hunt, run Run, carry []byte, onJob func(string), line func(id string, event []byte) error) (*Analysis, []byte, error) {
	dict := pipeline.NewDict()
	a, err := NewAnalysis(h, run.Window, dict)
	if err != nil {
		return nil, nil, err
	}
	if err := restore(a.steps, carry); err != nil {
		return a, nil, err
	}
	src, err := r.Source(h, dict, onJob)
	if err != nil {
		return a, nil, err
	}
	var records func(*pipeline.Batch) error
	if h.Deliver.Records == hunt.DeliverAll {
		records = recordEvents(h, run, line)
	}
	if err := a.Run(ctx, src, records); err != nil {
		return a, nil, err
	}
	next, err := save(a.steps)
	return a, next, err
}

// recordEvents makes an event of every record.
func recordEvents(h *hunt.Hunt, run Run, line func(id string, event []byte) error) func(*pipeline.Batch) error {
	keys := &pipeline.RecordKeys{From: run.Window.From}
	return func(b *pipeline.Batch) error {
		timeKey := b.Dict().Key("_time")
		for row := range b.Len() {
			ev := pipeline.Event{
				ID:  pipeline.EventID(h.Name, keys.Key(b, row)),
				Run: run.ID, Body: b.AppendRecord(nil, row),
			}
			var ok bool
			if ev.Time, ok = pipeline.ParseTime(b.Get(row, timeKey)); !ok {
				ev.Time = time.Unix(run.Window.To, 0) // not the receiver's clock: it would change from try to try
			}
			if err := line(ev.ID, h.AppendEvent(nil, ev)); err != nil {
				return err
			}
		}
		return nil
	}
}

// resultOf is what an analysis adds to a run's record, nothing if there is none.
func resultOf(a *Analysis) Result {
	if a == nil {
		return Result{}
	}
	return Result{RecordsIn: a.Stats.In, RecordsOut: a.Stats.Out, Notes: a.Notes()}
}

// Preview examines a window without the ledger: nothing is stored or sent. The
// events that a run would deliver are given to show, a line of JSON each.
func (r *Runner) Preview(ctx context.Context, h *hunt.Hunt, run Run, show func([]byte) error) (res Result, err error) {
	carry, err := r.recall(ctx, h, run, Memory{}, func(string) {})
	if err != nil {
		return res, err
	}
	drawn, _, err := r.draw(ctx, h, run, carry, func(string) {}, func(_ string, event []byte) error { return show(event) })
	if res = resultOf(drawn); err != nil {
		return res, err
	}
	for _, f := range drawn.Findings() {
		ev, err := event(f, run.ID)
		if err != nil {
			return res, err
		}
		if err := show(h.AppendEvent(nil, ev)); err != nil {
			return res, err
		}
		res.Findings++
	}
	return res, nil
}
