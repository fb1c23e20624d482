package views

import (
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// TestExplain: a hunt that the ledger does not know is due at once; one with an open
// run goes on behind that.
func TestExplain(t *testing.T) {
	h, now := parseHunt(t, "window: { lag: 0s, max: 6h, first: 24h }\n"+deliverAll), time.Date(2026, 11, 30, 12, 30, 0, 0, time.UTC)
	e, err := ExplainHunt(h, KnownHunt{}, now, 2)
	if err != nil || len(e.Due) != 1 || len(e.Fires) != 2 || e.Known {
		t.Fatalf("%+v, %v", e, err)
	}
	if got, want := strings.Join(e.Due[0].Lines(), "\n"), "[2026-11-29T12:00:00Z, 2026-11-30T12:00:00Z) in 4 windows"; got != want {
		t.Errorf("due is %q, want %q", got, want)
	}
	if from, to := e.Search.Bounds["index_earliest"], e.Search.Bounds["index_latest"]; from != "1795953600" || to != "1795975200" {
		t.Errorf("the next search is from %s to %s", from, to) // 12:00 to 18:00
	}
	watermark := now.Truncate(time.Hour).Unix()
	open := KnownHunt{
		lane: jobs.LaneState{Known: true, Open: true, Slot: now.Truncate(time.Hour), Watermark: watermark - 3600},
		open: jobs.Run{ID: "r", State: jobs.Retry, Window: pipeline.Window{From: watermark - 3600, To: watermark}},
	}
	e, err = ExplainHunt(h, open, now, 1)
	if err != nil || len(e.Due) != 0 || e.Open.State != "retrying" || e.Fires[0].Spans[0].From != watermark {
		t.Errorf("%+v, %v", e, err)
	}
	want := "covered until 2026-11-30T11:00:00Z; a run over [2026-11-30T11:00:00Z, 2026-11-30T12:00:00Z) is retrying, and is taken to succeed"
	facts := map[string]string{}
	for _, f := range e.Facts(h) {
		facts[f[0]] = f[1]
	}
	if facts["ledger"] != want {
		t.Errorf("of the ledger it says %q", facts["ledger"])
	}
	if _, err = ExplainHunt(h, open, now.AddDate(-1, 0, 0), 1); err == nil || !strings.HasPrefix(err.Error(), "as of 2025-11-30T12:30:00Z: ") {
		t.Errorf("before the watermark: %v", err)
	}
}

// TestExplainClocks: what comes twice and what does not exist is explained, at the slot and
// of the change.
func TestExplainClocks(t *testing.T) {
	h, err := hunt.Parse("n.yaml", []byte("name: n\nschedule: { cron: '30 1,2 * * *', timezone: America/New_York }\n"+
		"source: { connection: main, search: search index=a }\n"+deliverAll), asSplunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, note, effect string }{
		{"2026-10-31T23:00:00Z", "01:30 comes twice: the first", "01:30 comes twice and fires twice; "},
		{"2026-11-01T05:45:00Z", "01:30 comes twice: the second", "01:30 comes twice and fires twice; "},
		{"2027-03-14T06:45:00Z", "02:30 does not exist and is passed over on 2027-03-14", "02:30 does not exist and is passed over; "},
		{"2026-12-01T00:00:00Z", "", "02:30 does not exist and is passed over; "},
	} {
		now, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ExplainHunt(h, KnownHunt{}, now, 1)
		if err != nil || e.Fires[0].Note != tt.note || !strings.HasPrefix(e.Changes[0].Effect, tt.effect) {
			t.Errorf("at %s: %q, %q, %v", tt.at, e.Fires[0].Note, e.Changes[0].Effect, err)
		}
	}
}
