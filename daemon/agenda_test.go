package daemon

import (
	"fmt"
	"strings"
	"testing"
)

// TestSweep: hunts that are due come before the rest of a sweep, and each is looked
// at once.
func TestSweep(t *testing.T) {
	a := newAgenda()
	var all []string
	for i := range planBatch + 1 {
		all = append(all, fmt.Sprint(i))
	}
	a.sweep(all)
	<-a.wake
	if names := a.take(); len(names) != planBatch {
		t.Errorf("%d hunts at once, want %d", len(names), planBatch)
	}
	a.add("b", "a")
	a.add("b")
	a.rest()
	<-a.wake
	if names := strings.Join(a.take(), " "); names != "a b" {
		t.Errorf("took %q, want what was added meanwhile", names)
	}
	a.rest()
	<-a.wake
	if names := a.take(); len(names) != 1 || names[0] != all[planBatch] {
		t.Errorf("took %q, want the rest of the sweep", names)
	}
	a.rest()
	select {
	case <-a.wake:
		t.Error("the planner is woken for nothing")
	default:
	}
}
