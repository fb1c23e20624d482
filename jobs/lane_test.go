package jobs

import (
	"errors"
	"strings"
	"testing"
)

// TestLaneKinds: each row differs from the others, and what is none of them has no
// kind.
func TestLaneKinds(t *testing.T) {
	for _, k := range LaneKinds() {
		lane, other := Lane(k.Name), Lane(k.Name+":id")
		if k.IDs {
			lane, other = other, lane
		}
		if got := lane.Kind(); got != k || !lane.Known() {
			t.Errorf("lane %s is of the kind %+v", lane, got)
		}
		if other.Known() || Lane(k.Name+":").Known() {
			t.Errorf("lane %s or %s: is known", other, k.Name)
		}
		if k.Priority < 1 || k.Priority > 4 {
			t.Errorf("lane %s has the priority %d, want 1 to 4", lane, k.Priority)
		}
		if on := k.SuppressesOn; on != "" && (!k.Suppresses || !on.Kind().Suppresses) {
			t.Errorf("lane %s suppresses on %s", lane, on)
		}
		if id, ok := BackfillOf(lane); ok != (k.Name == backfillKind) || ok && id != "id" {
			t.Errorf("lane %s is of backfill %q, %v", lane, id, ok)
		}
	}
	if Late.SuppressionLane() != Live || Manual.SuppressionLane() != Manual {
		t.Errorf("late suppresses on %s, manual on %s", Late.SuppressionLane(), Manual.SuppressionLane())
	}
}

func TestRunStates(t *testing.T) {
	for _, k := range RunStates() {
		if s := k.State; s.Open() != k.Open || s.Ended() == k.Open || s.Shown() != k.Shown {
			t.Errorf("state %s: open %v, ended %v, shown as %q", s, s.Open(), s.Ended(), s.Shown())
		}
	}
	if s := RunState(""); s.Open() || s.Ended() || s.Shown() != "" {
		t.Error("no state is one")
	}
}

// TestLaneKindsAtWork: the run loop treats the runs of each kind of lane as its row
// says.
func TestLaneKindsAtWork(t *testing.T) {
	hunt := strings.Replace(settlingHunt, "  attack:", "  suppress: { by: [host], for: 1h }\n  attack:", 1)
	for _, k := range LaneKinds() {
		run := ranRun
		if run.Lane = Lane(k.Name); k.IDs {
			run.Lane += ":id"
		}
		g := newGrowing(t, hunt)
		c := g.run(run.Lane)
		if (len(c.Sent) > 0) != k.Settles || (len(c.Shown) > 0) != k.Suppresses || (c.Late > 0) != k.LooksBack {
			t.Errorf("%s: %d events kept, %d suppressions, %d late", run.Lane, len(c.Sent), len(c.Shown), c.Late)
		}
		g = newGrowing(t, hunt)
		g.source.err = errors.New("peer is down")
		if _, err := g.Do(t.Context(), g.h, run); err == nil || (g.ledger.fails[0].again == 0) != k.ByHand {
			t.Errorf("%s: failed with %v, again in %s", run.Lane, err, g.ledger.fails[0].again)
		}
		g = newGrowing(t, hunt)
		g.source.most = 1800
		if _, err := g.Do(t.Context(), g.h, run); (err == nil) != k.Tiles || (len(g.ledger.shrunk) > 0) != k.Tiles {
			t.Errorf("%s: too much ended with %v, halved %d times", run.Lane, err, len(g.ledger.shrunk))
		}
		g = newGrowing(t, hunt)
		g.ledger.memory.ReportFrom = run.Window.To
		if c := g.run(run.Lane); (c.Result.Findings == 0) != k.Tiles {
			t.Errorf("%s: %d findings of a window that warms up", run.Lane, c.Result.Findings)
		}
	}
}
