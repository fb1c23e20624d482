package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// A scripted stage notes what it is asked for and does as told.
type scripted struct {
	name    string
	log     *[]string
	process func(*pipeline.Batch) (*pipeline.Batch, error)
	flush   func() (*pipeline.Batch, error)
}

func (s *scripted) note(b *pipeline.Batch, what string) {
	line := s.name + " " + what
	for row := range b.Len() {
		line += " " + b.Get(row, b.Dict().Key("n"))
	}
	*s.log = append(*s.log, line)
}

func (s *scripted) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	s.note(b, "process")
	if s.process == nil {
		return b, nil
	}
	return s.process(b)
}

func (s *scripted) Flush(_ context.Context, w pipeline.Window) (*pipeline.Batch, error) {
	s.note(nil, "flush "+w.String())
	if s.flush == nil {
		return nil, nil
	}
	return s.flush()
}

// counting is a scripted stage that leaves things out.
type counting struct {
	scripted
	counts map[string]int
}

func (c *counting) Counts() map[string]int {
	c.note(nil, "counts")
	return c.counts
}

func batches(t *testing.T, dict *pipeline.Dict, lines ...string) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		for _, line := range lines {
			if line == "nil" {
				if !yield(nil, nil) {
					return
				}
				continue
			}
			if !yield(decodeWith(t, dict, line, line+" "), nil) {
				return
			}
		}
	}
}

var runWindow = pipeline.Window{From: 0, To: 60}

const shownWindow = "[1970-01-01T00:00:00Z, 1970-01-01T00:01:00Z)"

func TestRun(t *testing.T) {
	dict := pipeline.NewDict()
	var log []string
	first := &counting{scripted{name: "first", log: &log, process: func(b *pipeline.Batch) (*pipeline.Batch, error) {
		if b.Get(0, dict.Key("n")) == "2" {
			return nil, nil
		}
		return b.Select([]int{0}), nil
	}, flush: func() (*pipeline.Batch, error) {
		return decodeWith(t, dict, `{"n":"held"}`), nil
	}}, map[string]int{"cut": 2, "none": 0}}
	second := &scripted{name: "second", log: &log, flush: func() (*pipeline.Batch, error) {
		return decodeWith(t, dict, `{"n":"end"}`), nil
	}}
	stats, err := pipeline.Run(t.Context(), batches(t, dict, `{"n":"1"}`, `nil`, `{"n":"2"}`, `{"n":"3"}`), runWindow,
		[]pipeline.Step{{Name: "one", Stage: first}, {Name: "two", Stage: second}}, func(b *pipeline.Batch) error {
			(&scripted{name: "out", log: &log}).note(b, "takes")
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	first.counts["cut"] = 99 // the statistics are a copy
	if diff := cmp.Diff([]string{
		"first process 1 1", "second process 1", "out takes 1",
		"first process 2 2",
		"first process 3 3", "second process 3", "out takes 3",
		"first flush " + shownWindow, "second process held", "out takes held", "first counts",
		"second flush " + shownWindow, "out takes end",
	}, log); diff != "" {
		t.Error(diff)
	}
	want := pipeline.Stats{In: 6, Out: 4, Steps: []pipeline.StepStats{
		{Stage: "one", In: 6, Out: 3, Counts: map[string]int{"cut": 2, "none": 0}},
		{Stage: "two", In: 3, Out: 4},
	}}
	if diff := cmp.Diff(want, stats); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"one.cut": 2}, stats.Notes()); diff != "" {
		t.Error(diff)
	}
}

func TestRunWithoutSteps(t *testing.T) {
	n := 0
	stats, err := pipeline.Run(t.Context(), batches(t, pipeline.NewDict(), `{"n":"1"}`), runWindow, nil, func(b *pipeline.Batch) error {
		n += b.Len()
		return nil
	})
	if n != 2 || err != nil || stats.In != 2 || stats.Out != 2 {
		t.Error(n, err, stats)
	}
}

func TestRunEndsWithAnError(t *testing.T) {
	broken := errors.New("broken")
	fails := func(*pipeline.Batch) (*pipeline.Batch, error) { return nil, broken }
	for _, c := range []struct {
		name   string
		change func(first, second *scripted, src *iter.Seq2[*pipeline.Batch, error], out *error)
		want   string
		last   string // what was done last
		stats  [2]int
	}{
		{"process", func(_, s *scripted, _ *iter.Seq2[*pipeline.Batch, error], _ *error) { s.process = fails }, "stage 2 (two): broken", "second process 1 1", [2]int{2, 0}},
		{"flush", func(f, _ *scripted, _ *iter.Seq2[*pipeline.Batch, error], _ *error) {
			f.flush = func() (*pipeline.Batch, error) { return nil, broken }
		}, "stage 1 (one): broken", "first flush " + shownWindow, [2]int{4, 4}},
		{"process of what was held", func(f, s *scripted, _ *iter.Seq2[*pipeline.Batch, error], _ *error) {
			f.flush = func() (*pipeline.Batch, error) { s.process = fails; return decode(t, `{"n":"held"}`), nil }
		}, "stage 2 (two): broken", "second process held", [2]int{4, 4}},
		{"source", func(_, _ *scripted, src *iter.Seq2[*pipeline.Batch, error], _ *error) {
			all := *src
			*src = func(yield func(*pipeline.Batch, error) bool) {
				for b := range all {
					if !yield(b, nil) || !yield(nil, broken) {
						return
					}
				}
			}
		}, "broken", "second process 1 1", [2]int{2, 2}},
		{"out", func(_, _ *scripted, _ *iter.Seq2[*pipeline.Batch, error], out *error) { *out = broken }, "broken", "second process 1 1", [2]int{2, 2}},
	} {
		dict := pipeline.NewDict()
		var log []string
		var failure error
		first, second := &scripted{name: "first", log: &log}, &scripted{name: "second", log: &log}
		src := batches(t, dict, `{"n":"1"}`, `{"n":"2"}`)
		c.change(first, second, &src, &failure)
		stats, err := pipeline.Run(t.Context(), src, runWindow, []pipeline.Step{{Name: "one", Stage: first}, {Name: "two", Stage: second}},
			func(*pipeline.Batch) error { return failure })
		if !errors.Is(err, broken) || err.Error() != c.want || log[len(log)-1] != c.last {
			t.Errorf("%s: %v after %q, want %s after %q", c.name, err, log[len(log)-1], c.want, c.last)
		}
		if got := [2]int{stats.In, stats.Out}; got != c.stats {
			t.Errorf("%s: in and out are %v, want %v", c.name, got, c.stats)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dict := pipeline.NewDict()
	var log []string
	s := &scripted{name: "s", log: &log, process: func(b *pipeline.Batch) (*pipeline.Batch, error) {
		cancel()
		return b, nil
	}}
	steps := []pipeline.Step{{Name: "one", Stage: s}, {Name: "two", Stage: s}}
	_, err := pipeline.Run(ctx, batches(t, dict, `{"n":"1"}`, `{"n":"2"}`), runWindow, steps, func(*pipeline.Batch) error { return nil })
	if !errors.Is(err, context.Canceled) || len(log) != 1 {
		t.Error(err, log)
	}
	// A run that is told to end in its last moment has not ended well either.
	_, err = pipeline.Run(ctx, batches(t, dict), runWindow, nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestStreaming(t *testing.T) {
	if b, err := (pipeline.Streaming{}).Flush(t.Context(), runWindow); b != nil || err != nil {
		t.Error(b, err)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	if pipeline.Permanent(nil) != nil {
		t.Error("nothing is permanent")
	}
	err := fmt.Errorf("around: %w", pipeline.Permanent(cause))
	if !errors.Is(err, pipeline.ErrPermanent) || !errors.Is(err, cause) || err.Error() != "around: cause" {
		t.Error(err)
	}
	for want, err := range map[string]error{
		"event 3 rejected with status 400: why":      &pipeline.RejectedError{Event: 3, Status: 400, Reason: "why"},
		"rejected with status 413: why":              &pipeline.RejectedError{Event: -1, Status: 413, Reason: "why"},
		"parked, nothing is taken (status 403): why": &pipeline.ParkedError{Status: 403, Reason: "why"},
		"busy: why": &pipeline.BusyError{Reason: "why"},
	} {
		if err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestNoteNames(t *testing.T) {
	if diff := cmp.Diff([]string{"a.x", "b.a", "b.c"}, pipeline.NoteNames(map[string]int{"b.c": 1, "a.x": 2, "b.a": 0})); diff != "" {
		t.Error(diff)
	}
}
