package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

// TestFourHundredDays runs a hunt through 400 days in a few seconds. Splunk, the
// disk, the process and the clock fail at random; what the ledger promises is
// checked after each step.
func TestFourHundredDays(t *testing.T) {
	s := newSimulation(t, 7)
	end := t0.Add(400 * 24 * time.Hour)
	for s.now.Before(end) {
		s.step()
		s.check()
	}
	s.calm()
	s.checkAll()
	if s.committed < 300 {
		t.Errorf("only %d windows in 400 days", s.committed)
	}
}

const simulatedHunt = `
name: simulated
schedule: { cron: "0 0 * * *", timezone: America/New_York }
source: { connection: main, search: search index=windows }
window: { lag: 90s, max: 24h, first: 24h }
deliver: { records: all }
`

type simulation struct {
	*world
	h    *jobs.Hunt
	rand *rand.Rand
	path string

	zombies   []jobs.Run // of processes and workers that lost their run
	committed int
	first     int64
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	h, err := jobs.Parse("simulated.yaml", []byte(simulatedHunt))
	if err != nil {
		t.Fatal(err)
	}
	s := &simulation{h: h, rand: rand.New(rand.NewPCG(seed, 400)), path: filepath.Join(t.TempDir(), "huntd.db")}
	s.world = &world{t: t, ctx: context.Background(), hunt: h.Name, now: t0}
	s.open()
	return s
}

func (s *simulation) open() {
	s.Ledger = openFile(s.t, s.path)
	change(s.t, s.Ledger, "PRAGMA synchronous=OFF") // no power is cut here
}

// chance is true once in n times.
func (s *simulation) chance(n int) bool { return s.rand.IntN(n) == 0 }

// step lets time pass, and whatever is due be done or go wrong.
func (s *simulation) step() {
	switch {
	case s.chance(25): // the host is off, for up to a week
		s.restart()
		s.now = s.now.Add(time.Duration(s.rand.IntN(7*24)) * time.Hour)
	case s.chance(20):
		s.restart()
	case s.chance(25): // the clock is set back a little, and ahead again later
		s.now = s.now.Add(-time.Duration(s.rand.IntN(3600)) * time.Second)
	default:
		s.now = s.now.Add(time.Duration(s.rand.IntN(36*60)) * time.Minute)
	}
	s.planDue()
	for {
		r, ok := s.next()
		if !ok {
			return
		}
		if !s.work(r) {
			return
		}
		s.planDue()
	}
}

func (s *simulation) restart() {
	s.must(s.Close())
	s.open()
	if s.chance(2) {
		s.must(s.Resume(s.ctx, []string{s.hunt}, s.now))
	}
}

// planDue plans, twice at times, as a bell and the heartbeat may.
func (s *simulation) planDue() {
	for range 1 + s.rand.IntN(2) {
		_, err := jobs.Plan(s.ctx, s.Ledger, []*jobs.Hunt{s.h}, s.now)
		if err != nil && s.mark <= s.now.Unix() {
			s.t.Fatal(err)
		}
	}
	if s.first == 0 {
		lane := s.lane()
		s.first, s.mark = lane.Watermark, lane.Watermark
	}
}

// work is a run's attempt; it reports whether it ended well.
func (s *simulation) work(r jobs.Run) bool {
	for r.Window.To-r.Window.From > 3600 && s.chance(6) { // it holds too much
		s.must(s.Stage(s.ctx, r, 0, []jobs.Body{body("half")}, s.now))
		to := r.Window.From + (r.Window.To-r.Window.From)/2
		s.must(s.Shrink(s.ctx, r, to, s.now))
		r.Window.To = to
	}
	for seq := range s.rand.IntN(3) {
		s.must(s.Stage(s.ctx, r, seq, []jobs.Body{body(fmt.Sprint(r.Window.From, "/", seq))}, s.now))
	}
	switch {
	case s.chance(10): // Splunk is down
		s.must(s.Fail(s.ctx, r, "down", s.now.Add(time.Duration(1+s.rand.IntN(60))*time.Minute), s.now))
	case s.chance(15): // a person must act
		s.must(s.Fail(s.ctx, r, "bad token", time.Time{}, s.now))
	case s.chance(15): // SIGTERM
		s.must(s.GiveBack(s.ctx, r, s.now))
	case s.chance(15): // kill -9
		s.zombies = append(s.zombies, r)
		s.restart()
	case s.chance(15): // the worker hangs
		s.zombies = append(s.zombies, r)
	default:
		s.must(s.Commit(s.ctx, jobs.Commit{Run: r}, s.now))
		s.mark = r.Window.To
		s.committed++
		return true
	}
	return false
}

// check looks at what may have changed in a step.
func (s *simulation) check() {
	s.t.Helper()
	s.zombies = slices.DeleteFunc(s.zombies, func(z jobs.Run) bool {
		got, err := s.Run(s.ctx, z.ID)
		s.must(err)
		if got.Fence == z.Fence && got.State == jobs.Running {
			return false // nobody has taken it over yet
		}
		if err := s.Commit(s.ctx, jobs.Commit{Run: z}, s.now); !errors.Is(err, jobs.ErrSuperseded) {
			s.t.Fatalf("a zombie commits %s with fence %d: %v", z.Window, z.Fence, err)
		}
		return true
	})
	s.wantWatermark(s.mark)
	if n, err := s.OpenRuns(s.ctx); err != nil || n > 1 {
		s.t.Fatalf("%d runs of one lane are open, %v", n, err)
	}
	if s.chance(50) {
		s.checkAll()
	}
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// checkAll looks at all that was ever done.
func (s *simulation) checkAll() {
	s.t.Helper()
	runs, err := s.Runs(s.ctx, s.hunt, jobs.Live)
	s.must(err)
	mark, succeeded := s.first, map[string]bool{}
	for _, r := range runs {
		if r.State != jobs.Succeeded {
			continue
		}
		if r.Window.From != mark || r.Window.Empty() || r.Window.Span() > 24*time.Hour {
			s.t.Fatalf("window %s follows %d", r.Window, mark)
		}
		mark, succeeded[r.ID] = r.Window.To, true
	}
	if mark != s.mark || len(succeeded) != s.committed {
		s.t.Fatalf("%d windows until %d have succeeded, want %d until %d", len(succeeded), mark, s.committed, s.mark)
	}
	seen := map[string]bool{}
	s.must(s.read(s.ctx, func(tx *tx) error {
		return tx.each(s.ctx, func(r row) error {
			var run string
			var data []byte
			var ready bool
			if err := r.Scan(&run, &data, &ready); err != nil {
				return err
			}
			if ready != succeeded[run] {
				return fmt.Errorf("body %s of run %s: sendable %v, committed %v", data, run, ready, succeeded[run])
			}
			if ready && seen[string(data)] {
				return fmt.Errorf("body %s is there twice", data)
			}
			seen[string(data)] = seen[string(data)] || ready
			return nil
		}, "SELECT run_id, body, ready FROM outbox")
	}))
}

// calm lets everything work again: the hunt must catch up.
func (s *simulation) calm() {
	s.t.Helper()
	for range 50 {
		s.now = s.now.Add(12 * time.Hour)
		s.planDue()
		for {
			r, ok := s.next()
			if !ok {
				break
			}
			s.commit(r)
			s.committed++
			s.planDue()
		}
		if covered, err := jobs.Covered(s.ctx, s.Ledger, s.h, s.now); err != nil || covered {
			s.must(err)
			return
		}
	}
	s.t.Error("the hunt does not catch up")
}
