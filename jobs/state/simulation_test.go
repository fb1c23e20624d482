package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// long reports whether tests take the time that .ci/nightly has.
func long() bool { return os.Getenv("HUNTD_TEST_LONG") == "1" }

// TestSimulation runs a hunt through many days. Splunk, the disk, the process and
// the clock fail at random; what the ledger promises is checked after each step.
func TestSimulation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	simulate(t, func(t *testing.T, name string) *Ledger {
		l := openFile(t, filepath.Join(dir, name))
		change(t, l, "PRAGMA synchronous=OFF") // no power is cut here
		return l
	})
}

func TestSimulationOnPostgres(t *testing.T) {
	t.Parallel()
	empty := statetest.NewDatabase(t)
	openPostgres(t, empty).Close()
	var mu sync.Mutex
	names := map[string]string{}
	simulate(t, func(t *testing.T, name string) *Ledger {
		mu.Lock()
		if names[name] == "" {
			names[name] = statetest.CopyDatabase(t, empty) + "&synchronous_commit=off"
		}
		url := names[name]
		mu.Unlock()
		return openPostgres(t, url)
	})
}

// simulate takes 40 days of one seed or, where there is time, 400 days of each of
// several.
func simulate(t *testing.T, open func(t *testing.T, name string) *Ledger) {
	days, seeds := 40, []uint64{7}
	if long() {
		days, seeds = 400, []uint64{7, 8, 9}
	}
	for _, seed := range seeds {
		for _, policy := range []string{hunt.CatchUpCoalesce, hunt.CatchUpEach, hunt.CatchUpSkip} {
			name := fmt.Sprintf("%s-%d", policy, seed)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSimulation(t, seed, policy, func() *Ledger { return open(t, name) })
				for end := t0.AddDate(0, 0, days); s.now.Before(end); {
					s.step()
					s.check()
				}
				s.calm()
				s.checkAll()
				gaps, err := s.Gaps(s.ctx, s.hunt)
				s.must(err)
				if s.committed < days/2 || s.byHand == 0 || (len(gaps) > 0) != (policy == hunt.CatchUpSkip) {
					t.Errorf("%d windows in %d days, %d by hand, %d gaps", s.committed, days, s.byHand, len(gaps))
				}
			})
		}
	}
}

const simulatedHunt = `
name: simulated
schedule: { cron: "0 0 * * *", timezone: America/New_York, catch_up: %s }
source: { connection: main, search: search index=windows }
window: { lag: 90s, max: 24h, first: 24h }
deliver: { records: all }
`

type simulation struct {
	*world
	h    *hunt.Hunt
	rand *rand.Rand
	open func() *Ledger

	zombies   []jobs.Run // of processes and workers that lost their run
	committed int        // windows of the live lane
	byHand    int        // windows of the manual lane
	first     int64
}

func newSimulation(t *testing.T, seed uint64, policy string, open func() *Ledger) *simulation {
	h, err := hunt.Parse("simulated.yaml", fmt.Appendf(nil, simulatedHunt, policy), asSplunk)
	if err != nil {
		t.Fatal(err)
	}
	s := &simulation{h: h, rand: rand.New(rand.NewPCG(seed, 400)), open: open}
	s.world = &world{Ledger: open(), t: t, ctx: context.Background(), hunt: h.Name, now: t0}
	return s
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
		s.now = s.now.Add(-time.Duration(s.rand.IntN(3601)) * time.Second)
	case s.chance(25):
		s.must(s.Submit(s.ctx, jobs.NewRun(s.h, jobs.Manual, s.now, s.h.ManualWindow(s.now)), s.now))
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
	s.Ledger = s.open()
	if s.chance(2) {
		s.must(s.Resume(s.ctx, map[string]string{s.hunt: fmt.Sprint("version-", s.rand.IntN(3))}, nil, s.now))
	}
}

// planDue plans, twice at times, as a bell and the heartbeat may.
func (s *simulation) planDue() {
	for range 1 + s.rand.IntN(2) {
		_, err := jobs.Plan(s.ctx, s.Ledger, []*hunt.Hunt{s.h}, s.now)
		if err != nil && s.mark <= s.now.Unix() {
			s.t.Fatal(err)
		}
	}
	if s.first == 0 {
		lane := s.lane()
		s.first, s.mark = lane.Watermark, lane.Watermark
	}
	gaps, err := s.Gaps(s.ctx, s.hunt)
	s.must(err)
	for _, g := range gaps {
		if g.Window.From == s.mark {
			s.mark = g.Window.To
		}
	}
}

// work is a run's attempt; it reports whether it ended well.
func (s *simulation) work(r jobs.Run) bool {
	for r.Lane.Kind().Tiles && r.Window.To-r.Window.From > 3600 && s.chance(6) { // it holds too much
		s.must(s.Stage(s.ctx, r, 0, []jobs.Body{body("half")}, s.now))
		to := r.Window.From + (r.Window.To-r.Window.From)/2
		s.must(s.Shrink(s.ctx, r, to, s.now))
		r.Window.To = to
	}
	for seq := range s.rand.IntN(3) {
		s.must(s.Stage(s.ctx, r, seq, []jobs.Body{body(fmt.Sprint(r.ID, "/", seq))}, s.now))
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
		s.counted(r)
		return true
	}
	return false
}

// counted takes note of a commit.
func (s *simulation) counted(r jobs.Run) {
	if r.Lane == jobs.Manual {
		s.byHand++
		return
	}
	s.mark = r.Window.To
	s.committed++
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
	var open int
	s.must(s.read(s.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(s.ctx, "SELECT count(*) FROM run WHERE lane=? AND state"+isOpen, jobs.Live).Scan(&open)
	}))
	if open > 1 {
		s.t.Fatalf("%d runs of one lane are open", open)
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
	byHand, err := s.Runs(s.ctx, s.hunt, jobs.Manual)
	s.must(err)
	gaps, err := s.Gaps(s.ctx, s.hunt)
	s.must(err)
	mark, succeeded := s.first, map[string]bool{}
	over := func() {
		for len(gaps) > 0 && gaps[0].Window.From == mark {
			mark, gaps = gaps[0].Window.To, gaps[1:]
		}
	}
	for _, r := range runs {
		if r.State != jobs.Succeeded {
			continue
		}
		over()
		if r.Window.From != mark || r.Window.Empty() || r.Window.Span() > 24*time.Hour {
			s.t.Fatalf("window %s follows %d", r.Window, mark)
		}
		mark, succeeded[r.ID] = r.Window.To, true
	}
	over()
	if mark != s.mark || len(succeeded) != s.committed || len(gaps) > 0 {
		s.t.Fatalf("%d windows until %d have succeeded, want %d until %d; gaps elsewhere: %v", len(succeeded), mark, s.committed, s.mark, gaps)
	}
	for _, r := range byHand {
		succeeded[r.ID] = r.State == jobs.Succeeded
	}
	if len(succeeded) < s.committed+s.byHand {
		s.t.Fatalf("%d runs are there, want %d and %d by hand", len(succeeded), s.committed, s.byHand)
	}
	seen := map[string]bool{}
	s.must(s.read(s.ctx, func(ctx context.Context, tx *tx) error {
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
		}, "SELECT run_id, body, ready=1 FROM outbox")
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
			s.must(s.Commit(s.ctx, jobs.Commit{Run: r}, s.now))
			s.counted(r)
			s.planDue()
		}
		if covered, err := jobs.Covered(s.ctx, s.Ledger, s.h, s.now); err != nil || covered {
			s.must(err)
			return
		}
	}
	s.t.Error("the hunt does not catch up")
}
