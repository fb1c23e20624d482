package jobs

import (
	"context"
	"fmt"
	"iter"
	"maps"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// An Analysis draws the records of one window through a hunt's pipeline: stages,
// findings, limits and notes, without a ledger. The run loop, dry runs and huntd
// pipe have it in common.
type Analysis struct {
	// Stats say what went through the stages by now.
	Stats pipeline.Stats

	hunt   *hunt.Hunt
	window pipeline.Window
	steps  []pipeline.Step
	found  *finder // nil if records are wanted
}

// NewAnalysis makes the hunt's stages afresh for a window whose records use dict.
// Its error is permanent.
func NewAnalysis(h *hunt.Hunt, w pipeline.Window, dict *pipeline.Dict) (*Analysis, error) {
	steps, err := h.Steps(dict)
	if err != nil {
		return nil, pipeline.Permanent(err)
	}
	return &Analysis{hunt: h, window: w, steps: steps}, nil
}

// Run draws the window. What leaves the pipeline is given to records, which leaves
// releasing it to Run; findings are made of it if records is nil. An error wraps
// [pipeline.ErrTooMuch] if the window holds more than limits.memory.
func (a *Analysis) Run(ctx context.Context, src pipeline.Source, records func(*pipeline.Batch) error) (err error) {
	if records == nil {
		a.found = newFinder(a.hunt, a.window)
		records = a.found.Add
	}
	a.Stats, err = pipeline.Run(ctx, a.metered(src.Fetch(ctx, a.window)), a.window, a.steps, func(b *pipeline.Batch) error {
		defer b.Release()
		if err := records(b); err != nil {
			return err
		}
		if a.found != nil && a.found.bytes > int(a.hunt.Limits.Memory) {
			return a.tooMuch("findings")
		}
		return nil
	})
	if c, ok := src.(pipeline.Counter); ok {
		a.Stats.Source = c.Counts()
	}
	return err
}

// Findings returns what was made of the records, nil if records were wanted.
func (a *Analysis) Findings() []*pipeline.Finding {
	if a.found == nil {
		return nil
	}
	return a.found.Findings()
}

// Notes returns what was left out or cut short by now, by source, stage or findings.
func (a *Analysis) Notes() map[string]int {
	notes := a.Stats.Notes()
	if a.found != nil {
		maps.Copy(notes, a.found.notes)
	}
	return notes
}

// metered stops the reading of records of which more are held in memory than a
// window may.
func (a *Analysis) metered(batches iter.Seq2[*pipeline.Batch, error]) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		meter := pipeline.NewMeter(int(a.hunt.Limits.Memory))
		for b, err := range batches {
			if err == nil && meter.Add(b) != nil {
				yield(nil, a.tooMuch("records"))
				return
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func (a *Analysis) tooMuch(what string) error {
	return fmt.Errorf("its %s are more than %s in memory (limits.memory): %w: %w", what, a.hunt.Limits.Memory, pipeline.ErrIncomplete, pipeline.ErrTooMuch)
}
