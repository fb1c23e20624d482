package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline/splunk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fakeQueue holds bodies in memory.
type fakeQueue struct {
	mu      sync.Mutex // tests add while a worker runs
	items   []Item
	due     map[int64]time.Time
	reasons []string
	done    []string // the events of bodies that were confirmed
	dead    []Dead
	next    int64
	broken  int // how many of its writes fail
	reads   int // how many of its reads fail
}

var errDisk = errors.New("disk is full")

// put packs events into one body each.
func (q *fakeQueue) put(t *testing.T, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		var events [][]byte
		for _, e := range strings.Fields(b) {
			events = append(events, []byte(e))
		}
		body, err := (&Worker{Format: splunk.SIEM{}}).join(events)
		if err != nil {
			t.Fatal(err)
		}
		q.add(Item{Run: "run", Dest: "main", Body: body, Events: len(events)})
	}
}

func (q *fakeQueue) add(it Item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.due == nil {
		q.due = map[int64]time.Time{}
	}
	q.next++
	it.ID = q.next
	q.items, q.due[it.ID] = append(q.items, it), time.Now()
}

func (q *fakeQueue) Due(_ context.Context, dest string, now time.Time, limit int) (items []Item, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reads > 0 {
		q.reads--
		return nil, errDisk
	}
	for _, it := range q.items {
		if it.Dest == dest && !q.due[it.ID].After(now) {
			items = append(items, it)
		}
	}
	slices.SortStableFunc(items, func(a, b Item) int { return q.due[a.ID].Compare(q.due[b.ID]) })
	return items[:min(limit, len(items))], nil
}

func (q *fakeQueue) NextSend(context.Context, string) (at time.Time, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range q.items {
		if t := q.due[it.ID]; !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	return at, ok, nil
}

func (q *fakeQueue) write() error {
	if q.broken > 0 {
		q.broken--
		return errDisk
	}
	return nil
}

func (q *fakeQueue) take(it Item) bool {
	i := slices.IndexFunc(q.items, func(o Item) bool { return o.ID == it.ID })
	if i >= 0 {
		q.items = slices.Delete(q.items, i, i+1)
	}
	return i >= 0
}

func (q *fakeQueue) Done(_ context.Context, it Item) error {
	if err := q.write(); err != nil {
		return err
	}
	if q.take(it) {
		q.done = append(q.done, text(it.Body))
	}
	return nil
}

func (q *fakeQueue) Defer(_ context.Context, it Item, until time.Time, reason string) error {
	if err := q.write(); err != nil {
		return err
	}
	for i := range q.items {
		if q.items[i].ID == it.ID {
			q.items[i].Attempts++
			q.due[it.ID] = until
			q.reasons = append(q.reasons, reason)
		}
	}
	return nil
}

func (q *fakeQueue) Split(_ context.Context, it Item, dead []Dead, parts []Part, _ time.Time) error {
	if err := q.write(); err != nil {
		return err
	}
	if q.take(it) {
		q.dead = append(q.dead, dead...)
		for _, p := range parts {
			q.add(Item{Run: it.Run, Dest: it.Dest, Body: p.Body, Events: p.Events})
		}
	}
	return nil
}

// text is a body's events, with blanks between.
func text(body []byte) string {
	events, err := splunk.SIEM{}.Split(body)
	if err != nil {
		return err.Error()
	}
	var words []string
	for _, e := range events {
		words = append(words, string(e))
	}
	return strings.Join(words, " ")
}

// A fakeSink answers as it is told, and notes what was sent when.
type fakeSink struct {
	answer func(ctx context.Context, n int, body string) error // n counts the tries, from 0
	sent   []string
	at     []time.Duration
	start  time.Time
}

func (s *fakeSink) Send(ctx context.Context, body []byte) error {
	n := len(s.sent)
	s.sent, s.at = append(s.sent, text(body)), append(s.at, time.Since(s.start))
	if s.answer == nil {
		return nil
	}
	return s.answer(ctx, n, text(body))
}

func newWorker(q *fakeQueue, answer func(context.Context, int, string) error) (*Worker, *fakeSink) {
	s := &fakeSink{answer: answer, start: time.Now()}
	return &Worker{Dest: "main", Queue: q, Sink: s, Format: splunk.SIEM{}, Log: zap.NewNop(), Wake: make(chan struct{})}, s
}

// runFor runs a worker for some time of the bubble.
func runFor(w *Worker, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	w.Run(ctx)
}

// Release implements [Queue]; nobody else is there.
func (*fakeQueue) Release(context.Context, string) error { return nil }
