package jobs

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A fakeLedger keeps one hunt's live lane in memory.
type fakeLedger struct {
	mu        sync.Mutex
	lane      LaneState
	run       *Run // the open one
	failed    map[string]bool
	ended     []Run
	gaps      []pipeline.Window
	memory    Memory
	staged    []Body
	sent      []Body
	shown     map[string]Suppression
	commits   []Commit
	fails     []failure
	given     int
	settling  Settling
	shrunk    []pipeline.Window
	beats     int
	sids      []string
	err       map[string]error // what a method returns
	forgotten int64
	state     RunState // the run's, if a worker asks
	asked     int
	// lost counts calls that are carried out and whose answer is lost, by method.
	lost map[string]int
}

type failure struct {
	reason string
	again  time.Duration // 0: for good
}

func newFakeLedger() *fakeLedger {
	return &fakeLedger{failed: map[string]bool{}, shown: map[string]Suppression{}, err: map[string]error{}, state: Running, lost: map[string]int{}}
}

func (l *fakeLedger) Lanes(_ context.Context, hunts []string, _ time.Time) (map[string]LaneState, error) {
	if !l.lane.Known {
		return nil, l.err["lanes"]
	}
	l.lane.Open = l.run != nil
	l.lane.Failed = l.failed[fmt.Sprint(l.lane.Slot.Unix(), l.lane.Watermark)]
	return map[string]LaneState{hunts[0]: l.lane}, l.err["lanes"]
}

func (l *fakeLedger) Plan(_ context.Context, intents []Intent, _ time.Time) (int, error) {
	in := intents[0]
	if !l.lane.Known && in.Begin != nil {
		l.lane = LaneState{Known: true, Slot: in.Slot, Watermark: in.Begin.Watermark, ReportFrom: in.Begin.ReportFrom}
	}
	if in.Slot.After(l.lane.Slot) {
		l.lane.Slot = in.Slot
	}
	if !in.Skip.Empty() && in.Skip.From == l.lane.Watermark {
		l.gaps, l.lane.Watermark = append(l.gaps, in.Skip), in.Skip.To
	}
	if in.Run == nil || l.run != nil || in.Run.Window.From != l.lane.Watermark || l.failed[slotKey(*in.Run)] {
		return 0, nil
	}
	l.run = in.Run
	return 1, nil
}

func slotKey(r Run) string { return fmt.Sprint(r.Slot.Unix(), r.Window.From) }

// end closes the open run: well, or for good.
func (l *fakeLedger) end(ok bool) {
	r := *l.run
	l.run = nil
	if !ok {
		l.failed[slotKey(r)] = true
		return
	}
	l.lane.Watermark = r.Window.To
	l.ended = append(l.ended, r)
}

func (l *fakeLedger) Heartbeat(context.Context, Run, time.Duration, time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.beats++
	return l.err["heartbeat"]
}

func (l *fakeLedger) SetSID(_ context.Context, _ Run, sid string) error {
	l.sids = append(l.sids, sid)
	return l.err["sid"]
}

func (l *fakeLedger) Stage(_ context.Context, _ Run, seq int, bodies []Body, _ time.Time) error {
	if err := l.err["stage"]; err != nil {
		return err
	}
	if seq != len(l.staged) {
		return fmt.Errorf("staged as number %d, there are %d", seq, len(l.staged))
	}
	l.staged = append(l.staged, bodies...)
	return nil
}

// errLost is what a caller gets in place of a lost answer.
var errLost = errors.New("unexpected EOF")

// answer is what a method returns that has done what it should.
func (l *fakeLedger) answer(method string) error {
	if l.lost[method] > 0 {
		l.lost[method]--
		return errLost
	}
	return nil
}

func (l *fakeLedger) StateOf(context.Context, Run) (RunState, error) {
	l.asked++
	return l.state, cmp.Or(l.err["state"], l.answer("state"))
}

func (l *fakeLedger) Shrink(_ context.Context, r Run, to int64, _ time.Time) error {
	if err := l.err["shrink"]; err != nil {
		return err
	}
	l.shrunk, l.staged = append(l.shrunk, pipeline.Window{From: r.Window.From, To: to}), nil
	return nil
}

func (l *fakeLedger) Settling(context.Context, Run) (Settling, error) {
	return l.settling, l.err["settling"]
}

func (l *fakeLedger) Memory(context.Context, Run) (Memory, error) { return l.memory, l.err["memory"] }

func (l *fakeLedger) Suppressions(_ context.Context, _ string, _ Lane, keys []string, _ int64) (map[string]Suppression, error) {
	shown := map[string]Suppression{}
	for _, key := range keys {
		if s, ok := l.shown[key]; ok {
			shown[key] = s
		}
	}
	return shown, l.err["suppressions"]
}

func (l *fakeLedger) Commit(ctx context.Context, c Commit, _ time.Time) error {
	if err := l.err["commit"]; err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c.Staged != len(l.staged) {
		return fmt.Errorf("committed after %d bodies, there are %d", c.Staged, len(l.staged))
	}
	l.commits = append(l.commits, c)
	l.sent, l.staged = append(append(l.sent, l.staged...), c.Bodies...), nil
	for _, s := range c.Shown {
		l.shown[s.Key] = s
	}
	l.forgotten = c.Forget
	l.state = Succeeded
	return l.answer("commit")
}

func (l *fakeLedger) Fail(_ context.Context, _ Run, reason string, again, now time.Time) error {
	if err := l.err["fail"]; err != nil {
		return err
	}
	if l.state != Running {
		return ErrSuperseded
	}
	f := failure{reason: reason}
	l.state = Failed
	if !again.IsZero() {
		l.state, f.again = Retry, again.Sub(now)
	}
	l.fails, l.staged = append(l.fails, f), nil
	return l.answer("fail")
}

func (l *fakeLedger) GiveBack(context.Context, Run, time.Time) error {
	if err := l.err["give back"]; err != nil {
		return err
	}
	if l.state != Running {
		return ErrSuperseded
	}
	l.given++
	l.state, l.staged = Queued, nil
	return l.answer("give back")
}

// A fakeSource yields records, then an error if there is one.
type fakeSource struct {
	dict    *pipeline.Dict
	records []map[string][]string
	err     error
	wait    func(context.Context) error // before anything is yielded
	most    int64                       // seconds; records of longer windows are too much, 0 for none
	asked   []pipeline.Window
	single  bool // a batch for each record
	each    func(pipeline.Window) []map[string][]string
}

func (s *fakeSource) Fetch(ctx context.Context, w pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	if s.each != nil {
		s.records = s.each(w)
	}
	return func(yield func(*pipeline.Batch, error) bool) {
		if s.wait != nil {
			if err := s.wait(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		s.asked = append(s.asked, w)
		if len(s.records) > 0 && !s.single && !yield(batchOf(s.dict, s.records...), nil) {
			return
		}
		for _, r := range s.records {
			if s.single && !yield(batchOf(s.dict, r), nil) {
				return
			}
		}
		if s.most > 0 && w.To-w.From > s.most {
			yield(nil, fmt.Errorf("more than max_rows: %w", pipeline.ErrTooMuch))
			return
		}
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}

func batchOf(dict *pipeline.Dict, records ...map[string][]string) *pipeline.Batch {
	b := pipeline.NewBuilder(dict)
	for _, r := range records {
		b.Row()
		for name, values := range r {
			b.SetName(name, values...)
		}
	}
	return b.Batch()
}

// asSplunk is the kind of all connections here.
func asSplunk(string) pipeline.SIEM { return splunk.SIEM{} }

// parseHunt makes a hunt of a file's text.
func parseHunt(t *testing.T, text string) *hunt.Hunt {
	t.Helper()
	h, err := hunt.Parse("hunt.yaml", []byte(text), asSplunk)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// events unpacks bodies into lines.
func events(t *testing.T, bodies []Body) [][]byte {
	t.Helper()
	var lines [][]byte
	for _, b := range bodies {
		z, err := gzip.NewReader(bytes.NewReader(b.Data))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))...)
	}
	return lines
}
