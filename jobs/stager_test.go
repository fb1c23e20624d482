package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
)

const recordsHunt = `
name: finder
schedule: { cron: "*/5 * * * *" }
source: { connection: main, search: search index=windows }
deliver: { records: all }
`

// largeRecords are five of which a body holds two.
func largeRecords() (records []map[string][]string) {
	for _, host := range []string{"a", "b", "c", "d", "e"} {
		records = append(records, record("_time", "1000100", "host", host, "text", strings.Repeat(host, 400_000)))
	}
	return records
}

// TestLargeResultIsStaged: full bodies are staged, the last comes with the commit.
func TestLargeResultIsStaged(t *testing.T) {
	b := newBench(largeRecords()...)
	if _, err := b.Do(context.Background(), parseHunt(t, recordsHunt), ranRun); err != nil {
		t.Fatal(err)
	}
	c := b.ledger.commits[0]
	if c.Staged != 2 || len(c.Bodies) != 1 || c.Bodies[0].Events != 1 || c.Bodies[0].Dest != "main" {
		t.Errorf("%d bodies staged, %d with the commit", c.Staged, len(c.Bodies))
	}
	if n := len(b.delivered(t)); n != 5 {
		t.Errorf("%d events are sendable, want 5", n)
	}
}

func TestStagingFails(t *testing.T) {
	for want, notes := range map[error]int{errors.New("disk is full"): 1, ErrSuperseded: 0} {
		b := newBench(largeRecords()...)
		b.ledger.err["stage"] = want
		_, err := b.Do(context.Background(), parseHunt(t, recordsHunt), ranRun)
		if !errors.Is(err, want) || len(b.ledger.commits) != 0 || len(b.ledger.sent) != 0 {
			t.Errorf("%v: %v, %d commits, %d bodies sendable", want, err, len(b.ledger.commits), len(b.ledger.sent))
		}
		if len(b.ledger.fails) != notes {
			t.Errorf("%v: failures %v, want %d", want, b.ledger.fails, notes)
		}
	}
}
