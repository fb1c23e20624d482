package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// A result is what a daemon has measured.
type result struct {
	Runs     int // that ended well; of lateness: of those that were due
	Due      int // of lateness
	Wall     time.Duration
	CPU      time.Duration
	RSS      int64 // bytes; 0 if the system does not tell
	Written  int64 // bytes
	Planned  spans
	Searched spans
}

// spans are times that passed, of which 50 and 99 in a hundred were shorter.
type spans struct{ P50, P99, Max time.Duration }

func spansOf(all []time.Duration) spans {
	if len(all) == 0 {
		return spans{}
	}
	slices.Sort(all)
	at := func(percent int) time.Duration { return all[(len(all)-1)*percent/100] }
	return spans{at(50), at(99), all[len(all)-1]}
}

// A meter takes down what the daemon does.
type meter struct {
	jobs.NopObserver
	jitter map[string]time.Duration           // by the hunt's search
	open   func(context.Context) (int, error) // counts runs that are planned and not done

	mu     sync.Mutex
	runs   int // that ended well
	failed error
	// from and to bound the slots whose lateness is taken down; zero: none.
	from, to          time.Time
	done              int // runs of those slots
	planned, searches []time.Duration
}

// due returns when a window of the hunt with a search was due.
func (m *meter) due(search string, w pipeline.Window) (time.Time, bool) {
	slot := time.Unix(w.To, 0)
	return slot.Add(m.jitter[search]), !slot.Before(m.from) && slot.Before(m.to)
}

func (m *meter) searched(search string, w pipeline.Window) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if due, counts := m.due(search, w); counts {
		m.searches = append(m.searches, now.Sub(due))
	}
}

// Failed implements [jobs.Observer].
func (m *meter) Failed(_ jobs.Run, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed = err
}

// Retried implements [jobs.Observer]. No attempt fails here.
func (m *meter) Retried(r jobs.Run, _ time.Duration, err error) { m.Failed(r, err) }

// Committed implements [jobs.Observer].
func (m *meter) Committed(c jobs.Commit, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs++
	r := c.Run
	if due, counts := m.due(searchOf(r.Hunt), r.Window); counts {
		m.done++
		if id, err := uuid.Parse(r.ID); err == nil { // its first part is when it was made
			m.planned = append(m.planned, time.Unix(id.Time().UnixTime()).Sub(due))
		}
	}
}

// begun counts the hunts whose first window is done, or planned where it waits.
func (m *meter) begun(ctx context.Context) int {
	n, err := m.open(ctx)
	if err != nil {
		return 0
	}
	return n
}

func (m *meter) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs
}

const (
	shortTime = 2 * time.Second
	// warmUp is how long runs go on before they are counted.
	warmUp = 2 * time.Second
	// calm is how long a daemon has nothing to do before it counts as idle.
	calm = 3 * time.Second
	look = 20 * time.Millisecond
)

// measure goes with the parent through the steps of a measurement.
func (m *meter) measure(ctx context.Context, w workload, in *bufio.Scanner, out *json.Encoder) error {
	if err := m.settle(ctx, w); err != nil {
		return err
	}
	if err := inTurn(in, out, message{Step: ready}); err != nil {
		return err
	}
	res, err := m.take(ctx, w)
	if err != nil {
		return err
	}
	m.mu.Lock()
	failed := m.failed
	m.mu.Unlock()
	if failed != nil {
		return failed
	}
	return inTurn(in, out, message{Step: measured, Result: res})
}

// inTurn tells the parent of a step and waits for its word.
func inTurn(in *bufio.Scanner, out *json.Encoder, m message) error {
	if err := out.Encode(m); err != nil {
		return err
	}
	if !in.Scan() {
		return errors.Join(in.Err(), io.ErrUnexpectedEOF)
	}
	return nil
}

// settle waits until the daemon does what is to be measured.
func (m *meter) settle(ctx context.Context, w workload) error {
	if w.Kind == throughput {
		return sleep(ctx, time.Now().Add(warmUp))
	}
	for m.begun(ctx) < w.Hunts { // every hunt's first window is due at once
		if err := sleep(ctx, time.Now().Add(look)); err != nil {
			return err
		}
	}
	return sleep(ctx, time.Now().Add(calm))
}

// take measures.
func (m *meter) take(ctx context.Context, w workload) (res result, err error) {
	if w.Kind == lateness {
		if err := m.await(ctx, w); err != nil {
			return res, err
		}
	}
	stop, err := profiled(w.Profile)
	if err != nil {
		return res, err
	}
	begin, cpu, runs, disk := time.Now(), processorTime(), m.count(), written()
	if err := sleep(ctx, begin.Add(w.Measure)); err != nil {
		return res, err
	}
	res.Wall, res.CPU, res.Runs, res.RSS = time.Since(begin), processorTime()-cpu, m.count()-runs, resident()
	res.Written = written() - disk
	if err := stop(); err != nil || w.Kind != lateness {
		return res, err
	}
	return m.late(ctx, w, res)
}

// await waits for a slot, from which on lateness is taken down.
func (m *meter) await(ctx context.Context, w workload) error {
	slot := time.Now().Truncate(w.period()).Add(w.period())
	m.mu.Lock()
	m.from, m.to = slot, slot.Add(w.Measure)
	m.mu.Unlock()
	return sleep(ctx, slot)
}

// late waits, a while, for what was due and is still to be done.
func (m *meter) late(ctx context.Context, w workload, res result) (result, error) {
	res.Due = w.Hunts * int(w.Measure/w.period())
	for end := time.Now().Add(w.period()); time.Now().Before(end) && m.taken() < res.Due; {
		if err := sleep(ctx, time.Now().Add(look)); err != nil {
			return res, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	res.Runs, res.Planned, res.Searched = m.done, spansOf(m.planned), spansOf(m.searches)
	return res, nil
}

func (m *meter) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done
}

func sleep(ctx context.Context, until time.Time) error {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
