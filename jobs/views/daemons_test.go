package views

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/state"
)

// TestDaemonNotes: which clocks differ is said of each daemon, and what it holds
// back of all; so are daemons with different hunts.
func TestDaemonNotes(t *testing.T) {
	since := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	skewed := state.Daemon{ID: "a/1/x", ConfigHash: "h1", Hunts: 2, Skews: []state.ClockSkew{{Connection: "main", Offset: -601 * time.Second, Since: since}}}
	alone := state.Daemon{ID: "b/2/y", ConfigHash: "h1", Hunts: 2, Skews: []state.ClockSkew{{Offset: 40 * time.Second, Since: since}}}
	well := state.Daemon{ID: "c/3/z", ConfigHash: "h2", Hunts: 1}
	const (
		ofMain = "daemon a/1/x: the clock of connection main is 10m1s behind since 2026-11-30T12:00:00Z: it plans nothing for hunts that search main until its host's agrees"
		ofBase = "daemon b/2/y: the clock of the database is 40s ahead since 2026-11-30T12:00:00Z: it plans nothing until its host's agrees"
		differ = "the daemons differ in their hunts: a/1/x has 2 hunts (h1), c/3/z has 1 hunt (h2): give all the same files and reload them"
	)
	for _, tt := range []struct {
		daemons           []state.Daemon
		notes             []string
		ofMain, ofAnother string // what holds back hunts of connection main, and of another
	}{
		{nil, nil, "", ""},
		{[]state.Daemon{skewed}, []string{ofMain}, ofMain, ""},
		{[]state.Daemon{alone}, []string{ofBase}, ofBase, ofBase},
		{[]state.Daemon{skewed, alone}, []string{ofMain, ofBase}, ofBase, ""},
		{[]state.Daemon{skewed, well}, []string{ofMain, differ}, "", ""},
	} {
		if diff := cmp.Diff(tt.notes, describeDaemons(tt.daemons)); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
		if got := describeHold(tt.daemons, "main"); got != tt.ofMain {
			t.Errorf("held back is %q, want %q", got, tt.ofMain)
		}
		if got := describeHold(tt.daemons, "another"); got != tt.ofAnother {
			t.Errorf("of another connection, held back is %q, want %q", got, tt.ofAnother)
		}
	}
}
