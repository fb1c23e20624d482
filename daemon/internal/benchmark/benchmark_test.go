package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSpans(t *testing.T) {
	var all []time.Duration
	for i := 200; i > 0; i-- {
		all = append(all, time.Duration(i)*time.Millisecond)
	}
	want := spans{P50: 100 * time.Millisecond, P99: 198 * time.Millisecond, Max: 200 * time.Millisecond}
	if diff := cmp.Diff(want, spansOf(all)); diff != "" {
		t.Error(diff)
	}
	if got := spansOf(nil); got != (spans{}) {
		t.Errorf("of nothing: %v", got)
	}
}

// TestRowsFitTheirHeadings: every row has as many cells as its table has
// columns.
func TestRowsFitTheirHeadings(t *testing.T) {
	for _, short := range []bool{true, false} {
		for _, table := range tables(options{short: short, time: time.Minute}) {
			for _, w := range table.cases {
				row := table.row(w, []result{{Runs: 1, Wall: time.Second}})
				if len(row) != len(table.columns) {
					t.Errorf("%s: %d cells for %d columns", w.Name, len(row), len(table.columns))
				}
			}
			if cells := strings.Count(strings.Split(table.heading(), "\n")[3], "|"); cells != len(table.columns)+2 {
				t.Errorf("%s: a heading of %d cells for %d columns and the load", table.title, cells-1, len(table.columns))
			}
		}
	}
}

func TestWrongUsage(t *testing.T) {
	if code := run(t.Context(), []string{"-tables"}, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
}
