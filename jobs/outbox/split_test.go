package outbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// picky rejects the first event of a body that is among bad, by its number if
// it may name it.
func picky(names bool, bad ...string) func(context.Context, int, string) error {
	return func(_ context.Context, _ int, body string) error {
		for i, e := range strings.Fields(body) {
			if slices.Contains(bad, e) {
				if !names {
					i = -1
				}
				return &pipeline.RejectedError{Event: i, Status: 400, Reason: "bad " + e}
			}
		}
		return nil
	}
}

func TestRejectedEventsStandAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		body   string
		answer func(context.Context, int, string) error
		dead   []string
		done   string
		tries  int
	}{
		{"named, in the middle", "a b x c", picky(true, "x"), []string{"x"}, "a b c", 3},
		{"named, first", "x a b", picky(true, "x"), []string{"x"}, "a b", 3},
		{"named, last", "a b x", picky(true, "x"), []string{"x"}, "a b", 3},
		{"named, several", "x a y b z", picky(true, "x", "y", "z"), []string{"x", "y", "z"}, "a b", 7},
		{"named, alone", "x", picky(true, "x"), []string{"x"}, "", 1},
		{"not named", "a b c d e f x g", picky(false, "x"), []string{"x"}, "a b c d e f g", 7},
		{"not named, all", "x y", picky(false, "x", "y"), []string{"x", "y"}, "", 3},
		{"a number that is not there", "a x", func(ctx context.Context, n int, body string) error {
			if err := picky(true, "x")(ctx, n, body); err != nil {
				return &pipeline.RejectedError{Event: 17, Status: 400}
			}
			return nil
		}, []string{"x"}, "a", 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{}
			q.put(t, tt.body)
			w, sink := newWorker(q, tt.answer)
			runFor(w, time.Second)
			var dead []string
			for _, d := range q.dead {
				dead = append(dead, string(d.Event))
				if d.Status != 400 {
					t.Errorf("%s: %q is dead with status %d", tt.name, d.Event, d.Status)
				}
			}
			slices.Sort(dead)
			if diff := cmp.Diff(tt.dead, dead); diff != "" {
				t.Errorf("%s: dead (-want +got):\n%s", tt.name, diff)
			}
			done := strings.Fields(strings.Join(q.done, " "))
			slices.Sort(done)
			if got := strings.Join(done, " "); got != tt.done {
				t.Errorf("%s: done %q, want %q", tt.name, got, tt.done)
			}
			if len(sink.sent) != tt.tries || len(q.items) != 0 {
				t.Errorf("%s: %d tries %q, want %d; %d still wait", tt.name, len(sink.sent), sink.sent, tt.tries, len(q.items))
			}
		})
	}
}

func TestDamagedBodyIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.add(Item{Dest: "main", Body: []byte("not gzip"), Events: 1})
		q.put(t, "a")
		w, _ := newWorker(q, func(_ context.Context, _ int, body string) error {
			if body == "a" {
				return nil
			}
			return &pipeline.RejectedError{Event: -1, Status: 400}
		})
		runFor(w, 10*time.Second)
		if len(q.items) != 1 || len(q.dead) != 0 || !slices.Equal(q.done, []string{"a"}) {
			t.Errorf("%d wait, %d dead, done %q", len(q.items), len(q.dead), q.done)
		}
	})
}

func TestEmptyBodyVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.put(t, "")
		w, sink := newWorker(q, func(context.Context, int, string) error { return &pipeline.RejectedError{Event: -1, Status: 400} })
		runFor(w, time.Minute)
		if len(q.items) != 0 || len(sink.sent) != 1 {
			t.Errorf("%d wait after %d tries", len(q.items), len(sink.sent))
		}
	})
}
