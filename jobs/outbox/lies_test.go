package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// TestASinkThatRejectsEverything: it ends, with every event put aside once and
// alone, and with the queue never longer than the halving of a body makes it.
func TestASinkThatRejectsEverything(t *testing.T) {
	const events = 200
	for name, number := range map[string]int{"the first": 0, "none": -1, "one that is not there": events, "the last": events - 1} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			var all []string
			for i := range events {
				all = append(all, fmt.Sprintf("e%03d", i))
			}
			q.put(t, strings.Join(all, " "))
			longest := 0
			w, sink := newWorker(q, func(context.Context, int, string) error {
				longest = max(longest, len(q.items))
				return &pipeline.RejectedError{Event: number, Status: 400, Reason: "bad"}
			})
			runFor(w, time.Minute)
			var dead []string
			for _, d := range q.dead {
				dead = append(dead, string(d.Event))
			}
			slices.Sort(dead)
			if !slices.Equal(dead, all) || len(q.items) != 0 || len(q.done) != 0 {
				t.Errorf("%s: %d of %d put aside, %d wait, %d done", name, len(dead), events, len(q.items), len(q.done))
			}
			if len(sink.sent) > 2*events || longest > events {
				t.Errorf("%s: %d tries, %d bodies at once", name, len(sink.sent), longest)
			}
		})
	}
}

// TestTheWrongOneIsNamed: a number that is off, as a body that was cut on its way makes
// it, costs no event that is right.
func TestTheWrongOneIsNamed(t *testing.T) {
	for _, off := range []int{-2, -1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			q.put(t, "a b c x d e f")
			w, _ := newWorker(q, func(_ context.Context, _ int, body string) error {
				if i := slices.Index(strings.Fields(body), "x"); i >= 0 {
					return &pipeline.RejectedError{Event: i + off, Status: 400, Reason: "bad"}
				}
				return nil
			})
			runFor(w, time.Minute)
			done := strings.Fields(strings.Join(q.done, " "))
			slices.Sort(done)
			if len(q.dead) != 1 || string(q.dead[0].Event) != "x" || strings.Join(done, "") != "abcdef" || len(q.items) != 0 {
				t.Errorf("off by %d: dead %v, done %q, %d wait", off, q.dead, done, len(q.items))
			}
		})
	}
}

// TestBusyForNoTime: a sink that wants to be left alone for next to no time is
// not run over.
func TestBusyForNoTime(t *testing.T) {
	for _, after := range []time.Duration{-time.Hour, 0, 1, time.Microsecond, time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			q.put(t, "a", "b")
			w, sink := newWorker(q, func(context.Context, int, string) error { return &pipeline.BusyError{After: after} })
			runFor(w, time.Minute)
			if n := len(sink.sent); n < 6 || n > 62 || len(q.items) != 2 {
				t.Errorf("asked for %s: %d tries in a minute, %d wait", after, n, len(q.items))
			}
		})
	}
}
