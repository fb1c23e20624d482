package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"
)

// ErrPermanent marks an error that no repetition will heal: a person must act,
// and the error's text says how.
var ErrPermanent = errors.New("permanent")

// Permanent returns err marked as permanent.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

type permanentError struct{ error }

func (e permanentError) Unwrap() []error { return []error{e.error, ErrPermanent} }

// ErrIncomplete marks a window that could not be read in full: a peer was
// down, a limit cut the results. What was read must not count as covered.
var ErrIncomplete = errors.New("incomplete")

// ErrTimeout marks a window that took longer to examine than it may: a shorter
// one takes less time.
var ErrTimeout = errors.New("took too long")

// A Source yields the records of a window, in batches. It reports a failure
// once, as the last pair, and stops; whether to try again is the runner's to
// say. It releases what it holds at the far side when the loop over it ends,
// however that ends.
type Source interface {
	Fetch(ctx context.Context, w Window) iter.Seq2[*Batch, error]
}

// A Stage is one step of a pipeline. It is made afresh for each run and used
// by one goroutine, so it may keep state and needs no lock.
//
// Process takes over the batch and returns what goes on to the next stage,
// which may be the same batch, a part of it, or nil for nothing. Flush is
// called once, after the window's last batch. These are Splunk's streaming and
// transforming commands under Go's names.
type Stage interface {
	Process(ctx context.Context, b *Batch) (*Batch, error)
	Flush(ctx context.Context, w Window) (*Batch, error)
}

// A Counter is a stage that may leave something out or cut it short. It tells
// what and how often, by a short name, so that the run can show it. It is
// asked after Flush.
type Counter interface {
	Counts() map[string]int
}

// A Stateful stage remembers between the windows of a lane. What it saves is
// committed with the window, or not at all, and given to its successor in the
// next one; each stage of a pipeline has a state of its own.
type Stateful interface {
	Stage
	// Restore is called once before Process, with what Save returned at the end
	// of the lane's window before, nil if there was none. A state that the
	// stage cannot use, because its settings were changed say, is no error: the
	// stage begins anew and counts that (see [Counter]).
	Restore(state []byte) error
	// Save is called once after Flush. The state should stay well below
	// [MaxState]: it is written with every window.
	Save() ([]byte, error)
	// LookBack is how much time before its first window a lane must have drawn
	// through the stage for its answers to count.
	LookBack() time.Duration
}

// MaxState is how many bytes all states of a pipeline may have together.
const MaxState = 4 << 20

// Streaming is embedded by stages that hold nothing back until the end of the
// window.
type Streaming struct{}

// Flush returns nothing.
func (Streaming) Flush(context.Context, Window) (*Batch, error) { return nil, nil }

// A Step is a stage with the name by which a hunt calls it.
type Step struct {
	Name string
	Stage
}

// StepStats say what went through a stage in one run.
type StepStats struct {
	Stage  string         `json:"stage"`
	In     int            `json:"in"`
	Out    int            `json:"out"`
	Counts map[string]int `json:"counts,omitempty"`
}

// Stats say what went through a pipeline in one run.
type Stats struct {
	In, Out int
	Source  map[string]int // what the source left out
	Steps   []StepStats
}

// Notes gathers what the source and the stages left out or cut short, by
// "stage.what".
func (s Stats) Notes() map[string]int {
	notes := map[string]int{}
	for what, n := range s.Source {
		notes["source."+what] = n
	}
	for _, step := range s.Steps {
		for what, n := range step.Counts {
			if n > 0 {
				notes[step.Stage+"."+what] += n
			}
		}
	}
	return notes
}

// Run draws the batches of src through the steps and hands what leaves the
// last one to out, which takes the batch over. An error of src, a stage or out
// ends the run; the statistics say how far it came.
func Run(ctx context.Context, src iter.Seq2[*Batch, error], w Window, steps []Step, out func(*Batch) error) (Stats, error) {
	r := run{steps: steps, out: out, stats: Stats{Steps: make([]StepStats, len(steps))}}
	for i, s := range steps {
		r.stats.Steps[i].Stage = s.Name
	}
	for b, err := range src {
		if err != nil {
			return r.stats, err
		}
		r.stats.In += b.Len()
		if err := r.push(ctx, 0, b); err != nil {
			return r.stats, err
		}
	}
	for i, s := range steps {
		b, err := s.Flush(ctx, w)
		if err != nil {
			return r.stats, fmt.Errorf("stage %d (%s): %w", i+1, s.Name, err)
		}
		r.stats.Steps[i].Out += b.Len()
		if err := r.push(ctx, i+1, b); err != nil {
			return r.stats, err
		}
		if c, ok := s.Stage.(Counter); ok {
			r.stats.Steps[i].Counts = maps.Clone(c.Counts())
		}
	}
	return r.stats, ctx.Err()
}

type run struct {
	steps []Step
	out   func(*Batch) error
	stats Stats
}

// push sends a batch through the steps from the i-th on.
func (r *run) push(ctx context.Context, i int, b *Batch) error {
	for ; i < len(r.steps); i++ {
		if b.Len() == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.stats.Steps[i].In += b.Len()
		var err error
		if b, err = r.steps[i].Process(ctx, b); err != nil {
			return fmt.Errorf("stage %d (%s): %w", i+1, r.steps[i].Name, err)
		}
		r.stats.Steps[i].Out += b.Len()
	}
	if b.Len() == 0 {
		return nil
	}
	r.stats.Out += b.Len()
	return r.out(b)
}

// NoteNames returns the names of notes in order, for display.
func NoteNames(notes map[string]int) []string { return slices.Sorted(maps.Keys(notes)) }
