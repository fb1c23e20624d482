package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// stateful are the steps of a pipeline that remember between windows, by a name
// that stays theirs when stages of other names come or go.
func stateful(steps []pipeline.Step) map[string]pipeline.Stateful {
	found, seen := map[string]pipeline.Stateful{}, map[string]int{}
	for _, step := range steps {
		if s, ok := step.Stage.(pipeline.Stateful); ok {
			seen[step.Name]++
			found[fmt.Sprintf("%s#%d", step.Name, seen[step.Name])] = s
		}
	}
	return found
}

// statesOf takes apart what was saved at the end of a window.
func statesOf(carry []byte) (map[string][]byte, error) {
	states := map[string][]byte{}
	if len(carry) == 0 {
		return states, nil
	}
	if err := json.Unmarshal(carry, &states); err != nil {
		return nil, pipeline.Permanent(fmt.Errorf("what the window before has saved cannot be read: %w", err))
	}
	return states, nil
}

// restore gives the stages what they saved at the end of the window before.
func restore(steps []pipeline.Step, carry []byte) error {
	states, err := statesOf(carry)
	if err != nil {
		return err
	}
	for name, s := range stateful(steps) {
		if err := s.Restore(states[name]); err != nil {
			return fmt.Errorf("stage %s: %w", name, err)
		}
	}
	return nil
}

// save asks the stages for what the next window begins with, nil if none
// remembers anything.
func save(steps []pipeline.Step) ([]byte, error) {
	states, size := map[string][]byte{}, 0
	for name, s := range stateful(steps) {
		state, err := s.Save()
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", name, err)
		}
		states[name] = state
		size += len(state)
	}
	if size > pipeline.MaxState {
		return nil, pipeline.Permanent(fmt.Errorf("the stages want to remember %d bytes, of %d at most: lower their limits", size, pipeline.MaxState))
	}
	if len(states) == 0 {
		return nil, nil
	}
	return json.Marshal(states)
}

// recall returns what the stages of a run begin with. A lane without a watermark
// carries nothing, and a stage that was added to the pipeline later has saved
// nothing: then the time before the window is drawn through the pipeline first.
func (r *Runner) recall(ctx context.Context, h *hunt.Hunt, run Run, m Memory, onJob func(string)) ([]byte, error) {
	if h.LookBack() == 0 {
		return m.Carry, nil
	}
	// A lane's first windows warm it up, or are to begin with nothing.
	if begins := run.Window.From < m.ReportFrom || run.Window.From == m.Began; run.Lane.Kind().Tiles && begins {
		return m.Carry, nil
	}
	states, err := statesOf(m.Carry)
	if err != nil {
		return nil, err
	}
	steps, err := h.Steps(pipeline.NewDict())
	if err != nil {
		return nil, pipeline.Permanent(err)
	}
	known := true
	for name := range stateful(steps) {
		known = known && states[name] != nil
	}
	if known {
		return m.Carry, nil
	}
	carry, err := r.warm(ctx, h, run, onJob)
	if err != nil {
		return nil, err
	}
	warmed, err := statesOf(carry)
	if err != nil {
		return nil, err
	}
	maps.Copy(warmed, states) // what was carried knows more
	return json.Marshal(warmed)
}

// warm draws the time before a window through the pipeline and returns what the
// stages saved. Nothing is reported.
func (r *Runner) warm(ctx context.Context, h *hunt.Hunt, run Run, onJob func(string)) (carry []byte, err error) {
	longest := int64(h.Window.Max / time.Second)
	for from := max(0, run.Window.From-int64(h.LookBack()/time.Second)); from < run.Window.From; {
		piece := run
		piece.Window = pipeline.Window{From: from, To: min(from+longest, run.Window.From)}
		if _, carry, err = r.draw(ctx, h, piece, carry, onJob, func(string, []byte) error { return nil }); err != nil {
			return nil, fmt.Errorf("warm up over %s: %w", piece.Window, err)
		}
		from = piece.Window.To
	}
	return carry, nil
}
