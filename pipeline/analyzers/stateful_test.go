package analyzers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// runWindows draws the records of several windows through a stage that
// remembers, each with the state that the one before left, and returns what
// came out of each, what was left out, and the last state.
func runWindows(t *testing.T, settings string, state []byte, windows ...[]string) (out [][]string, notes map[string]int, last []byte) {
	t.Helper()
	notes = map[string]int{}
	for _, records := range windows {
		dict := pipeline.NewDict()
		steps := buildSteps(t, settings, dict)
		stage := steps[0].Stage.(pipeline.Stateful)
		if err := stage.Restore(state); err != nil {
			t.Fatal(err)
		}
		src := pipeline.ReadRecords(context.Background(), strings.NewReader(strings.Join(records, "\n")), "in.ndjson", dict, func(e *pipeline.LineError) { t.Error(e) })
		var lines []string
		stats, err := pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(b *pipeline.Batch) error {
			for row := range b.Len() {
				lines = append(lines, string(b.AppendRecord(nil, row)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for what, n := range stats.Notes() {
			notes[what] += n
		}
		if state, err = stage.Save(); err != nil {
			t.Fatal(err)
		}
		out = append(out, lines)
	}
	return out, notes, state
}

// cutAt cuts records, which are in the order of their times, into windows.
func cutAt(r *rand.Rand, records []string, pieces int) [][]string {
	cuts := []int{0, len(records)}
	for range pieces - 1 {
		cuts = append(cuts, r.IntN(len(records)))
	}
	slices.Sort(cuts)
	var windows [][]string
	for i := range len(cuts) - 1 {
		windows = append(windows, records[cuts[i]:cuts[i+1]])
	}
	return windows
}

func userRecords(r *rand.Rand, n, users int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"_time":%d,"user":"u%d","host":"h%d"}`, 1_767_225_600+i*60, r.IntN(users), r.IntN(3))
	}
	return records
}

// TestFirstSeenInPieces: one window cut into several reports the same records,
// also when the records of each come in any order.
func TestFirstSeenInPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		records := userRecords(r, 600, 1+r.IntN(150))
		lookBack := []string{"1h", "3h", "30h"}[round%3]
		settings := "- first_seen: { by: [user, host], look_back: " + lookBack + " }\n"
		whole, _, state := runWindows(t, settings, nil, records)
		windows := cutAt(r, records, 1+r.IntN(8))
		pieces, _, other := runWindows(t, settings, nil, windows...)
		compare := func(what string, want, got []string) {
			t.Helper()
			// A value that is new twice in one window comes out as it comes.
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, look_back %s (- one window, + several):\n%s", what, lookBack, diff)
			}
		}
		compare("in order", whole[0], slices.Concat(pieces...))
		if string(state) != string(other) {
			t.Fatal("the states differ")
		}
		if lookBack != "30h" {
			continue
		}
		for i := range windows {
			windows[i] = slices.Clone(windows[i])
			r.Shuffle(len(windows[i]), func(a, b int) { windows[i][a], windows[i][b] = windows[i][b], windows[i][a] })
		}
		shuffled, _, _ := runWindows(t, settings, nil, windows...)
		compare("in any order", whole[0], slices.Concat(shuffled...))
	}
}

// TestRareInPieces: what is rare at the end of the last window does not depend
// on how the time before it was cut.
func TestRareInPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		records := userRecords(r, 600, 100+r.IntN(400))
		settings := "- rare: { of: user, per: host, look_back: 30h, max_share: 0.008 }\n"
		last := records[550:]
		want, _, _ := runWindows(t, settings, nil, records[:550], last)
		got, notes, _ := runWindows(t, settings, nil, append(cutAt(r, records[:550], 1+r.IntN(8)), last)...)
		if diff := cmp.Diff(want[1], got[len(got)-1]); diff != "" || len(want[1]) == 0 {
			t.Fatalf("of %d (- one window, + several):\n%s", len(want[1]), diff)
		}
		if notes["rare.approximate"] != 0 {
			t.Fatal(notes)
		}
	}
}

// TestStatesOfOthers: a state of other settings is not used, and that is
// counted.
func TestStatesOfOthers(t *testing.T) {
	records := userRecords(rand.New(rand.NewPCG(5, 6)), 50, 10)
	for _, c := range []struct{ settings, other, count string }{
		{"- first_seen: user\n", "- first_seen: host\n", "first_seen.state_refused"},
		{"- first_seen: user\n", "- first_seen: { by: user, look_back: 1h }\n", "first_seen.state_refused"},
		{"- rare: { of: user, per: host }\n", "- rare: { of: [host, user] }\n", "rare.state_refused"},
		{"- rare: user\n", "- rare: { of: user, max_groups: 7 }\n", "rare.state_refused"},
		{"- rare: user\n", "- first_seen: user\n", "rare.state_refused"},
	} {
		_, _, other := runWindows(t, c.other, nil, records)
		for name, state := range map[string][]byte{"other": other, "garbage": []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")} {
			fresh, _, _ := runWindows(t, c.settings, nil, records)
			got, notes, _ := runWindows(t, c.settings, state, records)
			if diff := cmp.Diff(fresh, got); diff != "" || notes[c.count] != 1 {
				t.Errorf("%s with the state %s: counted %v, and\n%s", c.settings, name, notes, diff)
			}
		}
		_, notes, _ := runWindows(t, c.settings, nil, records, records)
		if notes[c.count] != 0 {
			t.Errorf("%s refuses its own state", c.settings)
		}
	}
}

// TestStateCounts: what is judged by a sketch or not at all is counted and
// noted.
func TestStateCounts(t *testing.T) {
	records := make([]string, 400)
	for i := range records {
		records[i] = fmt.Sprintf(`{"_time":%d,"user":"u%d"}`, 1_767_225_600+i*60, i)
	}
	out, notes, _ := runWindows(t, "- first_seen: { by: user, max_values: 10, max_held: 20 }\n", nil, records[200:], records)
	if noted := strings.Count(strings.Join(out[0], "\n"), "huntd_note"); noted != 190 || len(out[0]) != 200 {
		t.Errorf("%d records, %d noted", len(out[0]), noted)
	}
	if len(out[1]) != 200 || notes["first_seen.approximate"] < 190 {
		t.Errorf("%d new records in the second window, %v", len(out[1]), notes)
	}
	_, notes, _ = runWindows(t, "- first_seen: { by: user, look_back: 1h }\n", nil, records[200:], records[:20])
	if notes["first_seen.late"] != 20 {
		t.Error(notes)
	}
	out, notes, _ = runWindows(t, "- rare: { of: user, max_values: 10, max_held: 390, look_back: 24h }\n", nil, records)
	if notes["rare.approximate"] == 0 || notes["rare.held_over"] != 10 || len(out[0]) != 390 || !strings.Contains(out[0][50], "huntd_note") {
		t.Errorf("%d records, %v", len(out[0]), notes)
	}
	_, notes, _ = runWindows(t, "- rare: { of: user, look_back: 1h }\n", nil, records[200:], records[:20])
	if notes["rare.late"] != 20 || notes["rare.too_few"] != 0 {
		t.Error(notes)
	}
	_, notes, _ = runWindows(t, "- rare: { of: user, min_total: 401 }\n", nil, records)
	if notes["rare.too_few"] != 400 {
		t.Error(notes)
	}
}
