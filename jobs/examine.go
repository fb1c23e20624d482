package jobs

import (
	"context"
	"maps"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// examine draws the window through the hunt's pipeline and stages what is to
// be delivered.
func (r *Runner) examine(ctx context.Context, h *Hunt, run Run, log *zap.Logger) (Commit, error) {
	stage := &stager{ctx: ctx, ledger: r.Ledger, run: run, dest: h.Deliver.Connection}
	onJob := func(sid string) {
		if err := r.Ledger.SetSID(ctx, run, sid); err != nil {
			log.Warn("the search job's id was not noted", zap.String("sid", sid), zap.Error(err))
		}
	}
	commit := Commit{Run: run}
	stats, found, err := r.draw(ctx, h, run, onJob, stage.add)
	commit.Result = Result{RecordsIn: stats.In, RecordsOut: stats.Out, Notes: stats.Notes()}
	if err != nil {
		return commit, err
	}
	if found != nil {
		report, err := r.report(ctx, h, found, &commit)
		if err != nil {
			return commit, err
		}
		for _, f := range report {
			ev, err := event(f, run.ID)
			if err != nil {
				return commit, pipeline.Permanent(err)
			}
			if err := stage.add(h.envelope().Append(nil, ev)); err != nil {
				return commit, err
			}
		}
	}
	return commit, stage.flush()
}

// report returns what of the findings is to be delivered, and notes the rest.
func (r *Runner) report(ctx context.Context, h *Hunt, found *Finder, commit *Commit) ([]*pipeline.Finding, error) {
	maps.Copy(commit.Result.Notes, found.notes)
	report, run := found.Findings(), commit.Run
	if rule := h.Findings.Suppress; rule != nil && run.Lane != Manual {
		commit.Forget = run.Window.From - int64(h.Window.MaxEventAge/time.Second) // there is no older evidence
		shown, err := r.Ledger.Suppressions(ctx, run.Hunt, run.Lane, commit.Forget)
		if err != nil {
			return nil, err
		}
		report, commit.Result.Suppressed, commit.Shown = suppress(rule, report, shown)
	}
	commit.Result.Findings = len(report)
	return report, nil
}

// draw runs the pipeline over the window. Records go to line as events, ready
// to be packed, if the hunt delivers records; else the findings are returned.
func (r *Runner) draw(ctx context.Context, h *Hunt, run Run, onJob func(string), line func([]byte) error) (pipeline.Stats, *Finder, error) {
	dict := pipeline.NewDict()
	steps, err := h.Steps(dict)
	if err != nil {
		return pipeline.Stats{}, nil, pipeline.Permanent(err)
	}
	src, err := r.Source(h, dict, onJob)
	if err != nil {
		return pipeline.Stats{}, nil, err
	}
	var finder *Finder
	out := recordEvents(h, run, line)
	if h.Deliver.Records != DeliverAll {
		finder = NewFinder(h, run.Window)
		out = finder.Add
	}
	stats, err := pipeline.Run(ctx, src.Fetch(ctx, run.Window), run.Window, steps, func(b *pipeline.Batch) error {
		defer b.Release()
		return out(b)
	})
	return stats, finder, err
}

// recordEvents makes an event of every record.
func recordEvents(h *Hunt, run Run, line func([]byte) error) func(*pipeline.Batch) error {
	envelope, keys := h.envelope(), &pipeline.RecordKeys{}
	return func(b *pipeline.Batch) error {
		timeKey := b.Dict().Key("_time")
		for row := range b.Len() {
			ev := pipeline.Event{
				ID:  pipeline.EventID(h.Name, run.Window.From, keys.Key(b, row)),
				Run: run.ID, Body: b.AppendRecord(nil, row),
			}
			var ok bool
			if ev.Time, ok = pipeline.ParseTime(b.Get(row, timeKey)); !ok {
				ev.Time = time.Unix(run.Window.To, 0) // not the receiver's clock: it would change from try to try
			}
			if err := line(envelope.Append(nil, ev)); err != nil {
				return err
			}
		}
		return nil
	}
}

// Preview examines a window without the ledger: nothing is stored or sent. The
// events that a run would deliver are given to show, a line of JSON each.
func (r *Runner) Preview(ctx context.Context, h *Hunt, run Run, show func([]byte) error) (Result, error) {
	stats, found, err := r.draw(ctx, h, run, func(string) {}, show)
	res := Result{RecordsIn: stats.In, RecordsOut: stats.Out, Notes: stats.Notes()}
	if err != nil || found == nil {
		return res, err
	}
	maps.Copy(res.Notes, found.notes)
	for _, f := range found.Findings() {
		ev, err := event(f, run.ID)
		if err != nil {
			return res, err
		}
		if err := show(h.envelope().Append(nil, ev)); err != nil {
			return res, err
		}
		res.Findings++
	}
	return res, nil
}
