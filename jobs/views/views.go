// Package views holds what people see of hunts: the rows of lists, the reports on
// coverage, runs, backfills and schedules, and the words that belong to them, such
// as status words, remarks and notes.
//
// The command line and whatever else shows hunts print the same rows. Their JSON
// tags are what programs rely on: members are added, not renamed. Rows are made of
// what the ledger returns, and change nothing. How a row is drawn, as a line of a
// table or on a page, is the caller's; what people may order belongs to jobs/control.
package views

import (
	"fmt"
	"strings"
	"time"
)

// FormatCount writes a number and what is counted, as in "1 hunt" and "2 hunts".
func FormatCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// FormatInstant writes an instant as all output does, in RFC 3339 and UTC, "" for the zero
// time.
func FormatInstant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// FormatEpoch writes epoch seconds as [FormatInstant] writes a time.
func FormatEpoch(sec int64) string { return FormatInstant(time.Unix(sec, 0)) }

// JoinLines writes the lines of an error on one line.
func JoinLines(s string) string { return strings.ReplaceAll(s, "\n", "; ") }
