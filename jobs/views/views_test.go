package views

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReportRun: the status is the ledger's, or tells what the error means.
func TestReportRun(t *testing.T) {
	failed := errors.New("no room")
	for _, tt := range []struct {
		state        jobs.RunState
		err          error
		here, queued string
	}{
		{jobs.Succeeded, nil, "succeeded", "succeeded"},
		{jobs.Succeeded, failed, "succeeded", "succeeded"}, // its events wait
		{jobs.Cancelled, failed, "cancelled", "cancelled"},
		{jobs.Queued, nil, "succeeded", "queued"},
		{jobs.Queued, failed, "failed", "queued"},
		{jobs.Retry, failed, "failed", "retrying"},
		{"", failed, "failed", "failed"}, // the ledger does not have it
	} {
		run := jobs.Run{ID: "r", Hunt: "a", State: tt.state, Window: pipeline.Window{To: 60}}
		here, queued := ReportRun(run, tt.err, time.Now()), ReportQueued(run, tt.err, time.Now())
		if here.Status != tt.here || queued.Status != tt.queued {
			t.Errorf("%s, %v: %s and %s, want %s and %s", tt.state, tt.err, here.Status, queued.Status, tt.here, tt.queued)
		}
		if tt.err != nil && here.Error != "no room" {
			t.Errorf("the error is %q", here.Error)
		}
	}
	queued := ReportQueued(jobs.Run{ID: "r", Hunt: "a", State: jobs.Queued, Window: pipeline.Window{To: 60}}, nil, time.Now())
	if got := queued.String(); got != "run r of a [1970-01-01T00:00:00Z, 1970-01-01T00:01:00Z) is queued" {
		t.Error(got)
	}
	queued.Status, queued.Seconds, queued.RecordsIn = "succeeded", 0, 1
	if got := queued.String(); !strings.HasSuffix(got, "): 1 record in, 0 out, 0 findings; 0 events delivered, 0 put aside; 0.0 s") {
		t.Error(got)
	}
}

// TestRuns: a list of no runs is a list, and notes stand on one line.
func TestRuns(t *testing.T) {
	if got := marshal(t, NewRuns(nil)); got != "[]" {
		t.Error(got)
	}
	rows := NewRuns([]jobs.Run{{State: jobs.Retry, Result: jobs.Result{Notes: map[string]int{"b": 2, "a": 1}}}})
	if rows[0].Status != "retrying" || rows[0].NoteLine() != "a=1 b=2" {
		t.Errorf("%+v, %s", rows[0], rows[0].NoteLine())
	}
}

// TestCoverage: nothing covered is empty lists, and a gap says what became of it.
func TestCoverage(t *testing.T) {
	if got, want := marshal(t, NewCoverage("a", state.Coverage{})), `{"hunt":"a","covered":[],"missing":[],"lanes":[],"gaps":[]}`; got != want {
		t.Error(got)
	}
	at := time.Unix(0, 0)
	v := NewCoverage("a", state.Coverage{Gaps: []state.Gap{
		{Reason: "lost", At: at},
		{Reason: "lost", At: at, WaivedAt: at.Add(time.Minute), WaivedReason: "old", Closed: true},
	}})
	const lost = "1970-01-01T00:00:00Z: lost"
	if got := v.Gaps[0].String(); got != lost {
		t.Error(got)
	}
	if got := v.Gaps[1].String(); got != lost+"; waived 1970-01-01T00:01:00Z: old; closed by a backfill since" {
		t.Error(got)
	}
}

// TestPlanBackfill: windows warm up by the hour, and are cut where the backfill's own
// window begins.
func TestPlanBackfill(t *testing.T) {
	h := parseHunt(t, "window: { max: 2h }\nfindings: { title: '{{.host}}', suppress: { by: [host], for: 24h } }\n")
	w := pipeline.Window{From: 1_000_000, To: 1_007_200}
	p := PlanBackfill(h, jobs.NewBackfill(h, "b", w, true))
	if len(p.WarmUp) != 25 || len(p.Windows) != 3 || p.WarmUp[0].From != w.From-24*3600 || p.Windows[0].From != w.From || p.Windows[2].To != w.To {
		t.Errorf("%+v", p)
	}
	p = PlanBackfill(h, jobs.NewBackfill(h, "b", w, false))
	if got := marshal(t, p); len(p.Windows) != 3 || !strings.Contains(got, `"warm_up":[],`) {
		t.Error(got)
	}
}

// TestBackfill: in its warm-up a backfill has covered nothing of its window.
func TestBackfill(t *testing.T) {
	v := state.BackfillView{
		Backfill: jobs.Backfill{ID: "b", Hunt: "a", Window: pipeline.Window{From: 7200, To: 10800}, WarmFrom: 0, Watermark: 3600, State: jobs.BackfillActive},
		Runs:     1, Error: "away",
	}
	b := NewBackfill(v)
	if b.WarmUpFrom != "1970-01-01T00:00:00Z" || b.CoveredUntil != "1970-01-01T02:00:00Z" {
		t.Errorf("%+v", b)
	}
	if got := b.String(); got != "backfill:b of a [1970-01-01T02:00:00Z, 1970-01-01T03:00:00Z) is active: 1 window examined until 1970-01-01T02:00:00Z, 0 findings, 0 events delivered, 0 put aside" {
		t.Error(got)
	}
	if got := BackfillProgress(v); got != "backfill:b active until 1970-01-01T01:00:00Z, 0 findings; away" {
		t.Error(got)
	}
}
