package jobs

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// examine draws the window through the hunt's pipeline and stages what is to
// be delivered.
func (r *Runner) examine(ctx context.Context, h *hunt.Hunt, run Run, log *zap.Logger) (Commit, error) {
	commit, kind := Commit{Run: run}, run.Lane.Kind()
	memory, err := r.Ledger.Memory(ctx, run)
	if err != nil {
		return commit, err
	}
	onJob := func(sid string) {
		if err := r.Ledger.SetSID(ctx, run, sid); err != nil {
			log.Warn("search job id update failed", zap.String("sid", sid), zap.Error(err))
		}
	}
	stage := &stager{ctx: ctx, ledger: r.Ledger, run: run, dest: h.Deliver.Connection, packer: outbox.Packer{Format: h.Format()}}
	stage.discard = kind.Tiles && run.Window.To <= memory.ReportFrom // it warms up
	sent := &register{keeps: kind.Settles && h.Window.Settle > 0 && !stage.discard}
	if kind.LooksBack {
		if sent, commit.Late, err = r.lookBehind(ctx, h, run, onJob); err != nil || commit.Late == 0 {
			return commit, err
		}
	}
	carry, err := r.recall(ctx, h, run, memory, onJob)
	if err != nil {
		return commit, err
	}
	if sent.keeps {
		commit.Searched = time.Now()
	}
	drawn, next, err := r.draw(ctx, h, run, carry, onJob, sent.onlyNew(stage.add))
	commit.Result = resultOf(drawn)
	if err != nil {
		return commit, err
	}
	commit.Carry, commit.Pace = next, nextPace(h, memory.Pace)
	if h.Deliver.Records != hunt.DeliverAll {
		if err := r.stageFindings(ctx, h, drawn.Findings(), sent, stage, &commit); err != nil {
			return commit, err
		}
	}
	if stage.discard {
		commit.Result.Notes["warm_up.events"] = stage.discarded
		commit.Result.Findings = 0
		return commit, nil
	}
	sent.close(&commit)
	err = stage.leave(&commit)
	return commit, err
}

func (r *Runner) stageFindings(ctx context.Context, h *hunt.Hunt, found []*pipeline.Finding, sent *register, stage *stager, commit *Commit) error {
	report, err := r.report(ctx, h, found, sent, commit)
	if err != nil {
		return err
	}
	for _, f := range report {
		ev, err := event(f, commit.Run.ID)
		if err != nil {
			return pipeline.Permanent(err)
		}
		if err := stage.add(h.AppendEvent(nil, ev)); err != nil {
			return err
		}
	}
	return nil
}

// report returns what of the findings is to be delivered, and notes the rest.
func (r *Runner) report(ctx context.Context, h *hunt.Hunt, found []*pipeline.Finding, sent *register, commit *Commit) ([]*pipeline.Finding, error) {
	run := commit.Run
	report, changed, withheld := sent.sort(found)
	if rule := h.Findings.Suppress; rule != nil && run.Lane.Kind().Suppresses {
		commit.Forget = run.Window.From - int64(h.Window.MaxEventAge/time.Second) // there is no older evidence
		keys := make([]string, len(report))
		for i, f := range report {
			keys[i] = f.Key
		}
		shown, err := r.Ledger.Suppressions(ctx, run.Hunt, run.Lane.SuppressionLane(), keys, commit.Forget)
		if err != nil {
			return nil, err
		}
		var more []*pipeline.Finding
		report, more, commit.Shown = suppress(rule, report, shown)
		withheld = append(withheld, more...)
		for _, f := range changed {
			commit.Shown = append(commit.Shown, span(rule, f))
		}
		sent.withhold(more, shown)
	}
	report = append(report, changed...)
	commit.Result.Findings, commit.Result.Suppressed = len(report), len(withheld)
	sent.deliver(report)
	return report, nil
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
