package daemon

import (
	"fmt"
	"testing"
)

// TestSlowSweeps: a sweep that begins before the last one has ended does not keep its
// end from being reached.
func TestSlowSweeps(t *testing.T) {
	a := newAgenda()
	var all []string
	for i := range 2*planBatch + 1 {
		all = append(all, fmt.Sprint(i))
	}
	seen := map[string]bool{}
	for range 4 {
		a.sweep(all)
		for range 2 {
			for _, name := range a.take() {
				seen[name] = true
			}
		}
	}
	if len(seen) != len(all) {
		t.Errorf("%d of %d hunts were looked at", len(seen), len(all))
	}
}
