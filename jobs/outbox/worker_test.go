package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

var errLost = errors.New("no reply")

// bodies are those that an observer has seen, with errors where they were not confirmed.
type bodies struct{ taken, sent, confirmed []string }

// Taken implements [Observer].
func (b *bodies) Taken(items []Item) {
	for _, it := range items {
		b.taken = append(b.taken, text(it.Body))
	}
}

// Sent implements [Observer].
func (b *bodies) Sent(it Item, took time.Duration, err error) {
	if err != nil {
		b.sent = append(b.sent, err.Error())
		return
	}
	b.sent = append(b.sent, text(it.Body))
}

// Confirmed implements [Observer].
func (b *bodies) Confirmed(it Item) { b.confirmed = append(b.confirmed, text(it.Body)) }

func TestDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		var want []string
		for i := range 3 * batch {
			want = append(want, fmt.Sprintf("e%d", i))
		}
		q.put(t, want...)
		w, sink := newWorker(q, nil)
		o := &bodies{}
		w.Observer = o
		runFor(w, time.Second)
		for name, got := range map[string][]string{"sent": sink.sent, "done": q.done, "observed to be taken": o.taken, "observed to be sent": o.sent, "observed to be confirmed": o.confirmed} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		w, sink := newWorker(q, nil)
		wake := make(chan struct{})
		w.Wake = wake
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { w.Run(ctx); close(done) }()
		synctest.Wait()
		q.put(t, "a")
		wake <- struct{}{}
		synctest.Wait()
		if len(sink.sent) != 1 || sink.at[0] != 0 {
			t.Errorf("sent %q at %v, want at once", sink.sent, sink.at)
		}
		q.put(t, "b") // nobody wakes
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(sink.sent) != 2 {
			t.Errorf("sent %q a minute later", sink.sent)
		}
		stop()
		<-done
	})
}

func TestRetriesWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "a")
		w, sink := newWorker(q, func(_ context.Context, n int, _ string) error {
			if n < 10 {
				return errLost
			}
			return nil
		})
		o := &bodies{}
		w.Observer = o
		runFor(w, time.Hour)
		if len(q.done) != 1 || len(sink.sent) != 11 {
			t.Fatalf("done %q after %d tries, want after 11", q.done, len(sink.sent))
		}
		if want := append(slices.Repeat([]string{errLost.Error()}, 10), "a"); !slices.Equal(o.sent, want) || len(o.taken) != 11 || len(o.confirmed) != 1 {
			t.Errorf("observed: %+v", o)
		}
		for i := 1; i < len(sink.at); i++ {
			pause, longest := sink.at[i]-sink.at[i-1], grow(i-1)
			if pause < longest/2 || pause > longest+time.Millisecond {
				t.Errorf("pause %d is %s, want %s to %s", i, pause, longest/2, longest)
			}
		}
		if q.reasons[0] != errLost.Error() {
			t.Errorf("reason %q", q.reasons[0])
		}
	})
}

func TestGrow(t *testing.T) {
	var got []time.Duration
	for _, n := range []int{0, 1, 2, 5, 6, 7, 40, 1 << 30} {
		got = append(got, grow(n)/time.Second)
	}
	if want := []time.Duration{1, 2, 4, 32, 60, 60, 60, 60}; !slices.Equal(got, want) {
		t.Errorf("pauses %v, want %v", got, want)
	}
}

// TestBusyIsLeftAlone: what a busy sink asks for holds for all bodies.
func TestBusyIsLeftAlone(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		7 * time.Second: 7 * time.Second, 5 * time.Minute: 5 * time.Minute, 24 * time.Hour: maxBusy, 0: firstPause,
	} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			q.put(t, "a", "b", "c")
			w, sink := newWorker(q, func(_ context.Context, n int, _ string) error {
				if n == 0 {
					return fmt.Errorf("hec: %w", &pipeline.BusyError{After: asked, Reason: "queue is full"})
				}
				return nil
			})
			runFor(w, time.Hour)
			if len(q.done) != 3 || len(sink.at) != 4 {
				t.Fatalf("done %q in %d tries", q.done, len(sink.at))
			}
			if pause := sink.at[1]; pause > want || pause < want/2 || asked > 0 && pause != want {
				t.Errorf("asked for %s, left alone for %s, want %s", asked, pause, want)
			}
		})
	}
}

func TestParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "a", "b", "c")
		var mended atomic.Bool
		w, sink := newWorker(q, func(context.Context, int, string) error {
			if !mended.Load() {
				return &pipeline.ParkedError{Status: 403, Reason: "token disabled"}
			}
			return nil
		})
		wake := make(chan struct{}, 1)
		w.Wake = wake
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { w.Run(ctx); close(done) }()
		for range 300 {
			time.Sleep(time.Second)
			select {
			case wake <- struct{}{}: // new bodies do not hurry it
			default:
			}
		}
		mended.Store(true)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		stop()
		<-done
		var pauses []time.Duration
		for i := 1; sink.at[i] < 300*time.Second; i++ {
			pauses = append(pauses, (sink.at[i]-sink.at[i-1])/time.Second)
		}
		if want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60}; !slices.Equal(pauses, want) {
			t.Errorf("pauses %v, want %v", pauses, want)
		}
		if len(q.done) != 3 || len(q.dead) != 0 {
			t.Errorf("done %q and dead %d after a person acted", q.done, len(q.dead))
		}
	})
}

// TestOneBadBodyHoldsNobodyUp: a body that alone makes the sink park, or fail,
// is tried in turn with the others.
func TestOneBadBodyHoldsNobodyUp(t *testing.T) {
	for name, bad := range map[string]error{"parks": &pipeline.ParkedError{Reason: "incorrect index"}, "fails": errLost} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			q.put(t, "bad", "a", "b")
			w, sink := newWorker(q, func(_ context.Context, _ int, body string) error {
				if body == "bad" {
					return bad
				}
				return nil
			})
			runFor(w, 10*time.Second)
			if !slices.Equal(q.done, []string{"a", "b"}) || len(q.items) != 1 {
				t.Errorf("%s: done %q, waiting %d", name, q.done, len(q.items))
			}
			if i := slices.Index(sink.sent, "b"); i < 0 || sink.at[i] > 2*time.Second {
				t.Errorf("%s: sent %q at %v", name, sink.sent, sink.at)
			}
		})
	}
}

func TestTroubleStaysUntilASuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "a")
		w, sink := newWorker(q, func(_ context.Context, n int, _ string) error {
			return []error{&pipeline.ParkedError{}, errLost, &pipeline.ParkedError{}, nil}[min(n, 3)]
		})
		runFor(w, time.Minute)
		if pause := sink.at[3] - sink.at[2]; pause != 4*time.Second {
			t.Errorf("no reply counted as one: the third pause was %s, want 4s", pause)
		}
	})
}

func TestStopsAfterTheBodyUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "a", "b")
		w, _ := newWorker(q, func(ctx context.Context, _ int, _ string) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(10 * time.Second):
				return nil
			}
		})
		start := time.Now()
		runFor(w, time.Second)
		if took := time.Since(start); took != 10*time.Second || !slices.Equal(q.done, []string{"a"}) || len(q.items) != 1 {
			t.Errorf("stopped after %s with %q done and %d waiting", took, q.done, len(q.items))
		}
	})
}

func TestStopsThoughTheSinkHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "a")
		w, _ := newWorker(q, func(ctx context.Context, _ int, _ string) error { <-ctx.Done(); return ctx.Err() })
		start := time.Now()
		runFor(w, time.Second)
		if took := time.Since(start); took != time.Second+lastWord || len(q.items) != 1 {
			t.Errorf("stopped after %s with %d waiting", took, len(q.items))
		}
	})
}

// TestAnswersAreNotLost: while the queue cannot write, what was sent is not sent
// again, and nothing else is.
func TestAnswersAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{broken: 6}
		q.put(t, "a", "b")
		w, sink := newWorker(q, nil)
		runFor(w, 5*time.Minute)
		if !slices.Equal(sink.sent, []string{"a", "b"}) || !slices.Equal(q.done, []string{"a", "b"}) {
			t.Errorf("sent %q, done %q", sink.sent, q.done)
		}
		// The sixth failure is followed by a pause of 32 s.
		if want := (1 + 2 + 4 + 8 + 16 + 32) * time.Second; sink.at[1] != want {
			t.Errorf("the second was sent at %s, want %s", sink.at[1], want)
		}
	})
}

func TestQueueThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{reads: 3}
		q.put(t, "a")
		w, sink := newWorker(q, nil)
		runFor(w, time.Minute)
		if len(sink.at) != 1 || sink.at[0] != 7*time.Second {
			t.Errorf("sent at %v, want at 7s", sink.at)
		}
	})
}
