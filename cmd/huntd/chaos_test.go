package main

import (
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline/splunk/sandbox"

	"github.com/huntd/huntd/jobs/state/statetest"
)

const (
	// chaosPatience is how long daemons may take to mend a day of hours.
	chaosPatience = 2 * time.Minute
	// chaosShort is how long daemons are tormented if HUNTD_TEST_CHAOS does not
	// say how long, such as 10m.
	chaosShort = "5s"
	// chaosWindow cuts a day into some seconds of work.
	chaosWindow = time.Hour
)

// onBothStates runs a test on a new state of each kind; of PostgreSQL's, so many
// daemons may share one.
func onBothStates(t *testing.T, daemons int, longest time.Duration, test func(r *rig, daemons int)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(newRig(t, "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), longest), 1)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(newRig(t, statetest.NewDatabase(t), longest), daemons)
	})
}

// TestDeathAtEveryPoint kills a daemon at each point that a run comes to, one
// after the other or, where the state is shared, some at the same time.
func TestDeathAtEveryPoint(t *testing.T) {
	onBothStates(t, 5, chaosWindow, func(r *rig, daemons int) {
		all := chaosPoints
		if daemons == 1 { // of several, another may come to it
			all = slices.Insert(slices.Clone(all), 0, chaosStaged)
		}
		for points := range slices.Chunk(all, daemons) {
			var doomed []*process
			for i, point := range points {
				doomed = append(doomed, r.start(point, 1+i%2, syscall.SIGKILL))
			}
			for _, p := range doomed {
				r.await(30*time.Second, p.killed, doomed...)
			}
		}
		r.end(r.startPlain())
	})
}

// TestStandstillAtEveryPoint makes daemons stand still, one at each point, until
// another has taken over what they held and has done it. Then they go on, as
// zombies, of whose commits none may count.
func TestStandstillAtEveryPoint(t *testing.T) {
	t.Parallel()
	r := newRig(t, statetest.NewDatabase(t), chaosWindow)
	var zombies []*process
	for _, point := range chaosPoints {
		zombies = append(zombies, r.start(point, 1, syscall.SIGSTOP))
	}
	for _, p := range zombies {
		r.await(30*time.Second, p.stopped, zombies...)
	}
	alive := r.startPlain()
	r.await(chaosPatience, r.covered, alive)
	for _, p := range zombies {
		if err := p.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	for i, point := range chaosPoints {
		switch point {
		case "planned", "committed", "taken", "sent", "confirmed": // they hold no run
		default:
			r.await(20*time.Second, func() (bool, string) { return zombies[i].said.has("nothing of this attempt counts") }, zombies[i])
		}
	}
	r.end(append(zombies, alive)...)
}

// TestChaos kills daemons and makes them stand still at random, while HEC loses
// replies and both ends refuse to answer.
func TestChaos(t *testing.T) {
	torment, err := time.ParseDuration(cmp.Or(os.Getenv("HUNTD_TEST_CHAOS"), chaosShort))
	if err != nil {
		t.Fatal("HUNTD_TEST_CHAOS: ", err)
	}
	longest := chaosWindow
	if torment > time.Minute {
		longest = 3 * time.Minute
	}
	onBothStates(t, 3, longest, func(r *rig, daemons int) {
		r.patience += 2 * torment // there is more to do the longer it lasts
		c := newChaos(r, daemons)
		for end := time.Now().Add(torment); time.Now().Before(end); {
			c.step()
		}
		for _, v := range c.victims {
			c.resume(v)
		}
		r.splunk.Heal()
		r.Logf("%d daemons killed, %d stood still, %d faults of Splunk", c.killed, c.stopped, c.spoiled)
		if c.killed == 0 || c.stopped == 0 || c.spoiled == 0 {
			r.Error("nothing befell them")
		}
		r.end(c.daemons()...)
	})
}

// chaos is what befalls daemons and their Splunk.
type chaos struct {
	*rig
	dice                     *rand.Rand
	victims                  []*victim
	killed, stopped, spoiled int
	refuse                   int // how many calls there must be before another is refused
}

type victim struct {
	*process
	still time.Time // until when it stands still; zero if it does not
}

func newChaos(r *rig, daemons int) *chaos {
	seed := rand.Uint64()
	r.Logf("seed %d", seed)
	c := &chaos{rig: r, dice: rand.New(rand.NewPCG(seed, 0))}
	for range daemons {
		c.victims = append(c.victims, &victim{process: r.startPlain()})
	}
	return c
}

func (c *chaos) daemons() (all []*process) {
	for _, v := range c.victims {
		all = append(all, v.process)
	}
	return all
}

// step lets one thing happen.
func (c *chaos) step() {
	c.Helper()
	<-time.After(time.Duration(20+c.dice.IntN(600/len(c.victims))) * time.Millisecond)
	if c.spoiled == 0 || c.dice.IntN(2) == 0 {
		c.spoil(chaosFaults()[c.dice.IntN(len(chaosFaults()))])
	}
	v := c.victims[c.dice.IntN(len(c.victims))]
	switch {
	case !v.still.IsZero():
		if time.Now().After(v.still) {
			c.resume(v)
		}
	case c.killed > 2*c.stopped:
		if err := v.Process.Signal(syscall.SIGSTOP); err != nil {
			c.Fatal(err)
		}
		v.still = time.Now().Add(time.Duration(c.dice.Int64N(int64(2 * chaosLease))))
		c.stopped++
	default:
		if ended, _ := v.gone(); ended {
			c.Errorf("a daemon has ended by itself: %s", v.said.tail(2000))
		}
		v.kill()
		v.process = c.startPlain()
		c.killed++
	}
}

// spoil injects a fault. Two refusals in a row would fail a run for good, as they
// should, so there is only one in many calls.
func (c *chaos) spoil(f sandbox.Fault) {
	if f.On == sandbox.JobStatus {
		calls := c.splunk.Calls(f.On)
		if calls < c.refuse {
			return
		}
		c.refuse = calls + 50
	}
	c.splunk.Inject(f)
	c.spoiled++
}

func (c *chaos) resume(v *victim) {
	c.Helper()
	v.still = time.Time{}
	if err := v.Process.Signal(syscall.SIGCONT); err != nil {
		c.Fatal(err)
	}
}

func chaosFaults() []sandbox.Fault {
	return []sandbox.Fault{
		{On: sandbox.PostEvents, Do: sandbox.LostReply()},
		{On: sandbox.PostEvents, Do: sandbox.LostReply()},
		{On: sandbox.PostEvents, Do: sandbox.CutReply()},
		{On: sandbox.PostEvents, Do: sandbox.Busy()},
		{On: sandbox.CreateJob, Do: sandbox.LostReply()},
		{On: sandbox.CreateJob, Do: sandbox.TooManySearches()},
		{On: sandbox.JobStatus, Do: sandbox.Unauthorized()},
		{On: sandbox.JobResults, Do: sandbox.CutReply()},
	}
}
