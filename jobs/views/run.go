package views

import (
	"fmt"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// A Run is a run in a list.
type Run struct {
	Run        string          `json:"run"`
	Hunt       string          `json:"hunt"`
	Lane       jobs.Lane       `json:"lane"`
	Slot       string          `json:"slot"`
	Window     pipeline.Window `json:"window"`
	Status     string          `json:"status"`
	Attempts   int             `json:"attempts"`
	RecordsIn  int             `json:"records_in"`
	RecordsOut int             `json:"records_out"`
	Findings   int             `json:"findings"`
	Suppressed int             `json:"suppressed"`
	Delivered  int             `json:"delivered"`
	Dead       int             `json:"dead"`
	Notes      map[string]int  `json:"notes,omitempty"`
	Error      string          `json:"error,omitempty"`
}

// NewRuns returns a row for each run.
func NewRuns(runs []jobs.Run) []Run {
	rows := make([]Run, len(runs))
	for i, r := range runs {
		rows[i] = Run{
			Run: r.ID, Hunt: r.Hunt, Lane: r.Lane, Slot: FormatInstant(r.Slot), Window: r.Window, Status: r.State.Shown(), Attempts: r.Attempts,
			RecordsIn: r.RecordsIn, RecordsOut: r.RecordsOut, Findings: r.Findings, Suppressed: r.Suppressed,
			Delivered: r.Delivered, Dead: r.Dead, Notes: r.Notes, Error: r.Error,
		}
	}
	return rows
}

// NoteLine writes on one line what was left out or cut short in the run.
func (r Run) NoteLine() string {
	var all []string
	for _, name := range pipeline.NoteNames(r.Notes) {
		all = append(all, fmt.Sprintf("%s=%d", name, r.Notes[name]))
	}
	return strings.Join(all, " ")
}

// A RunReport is what a run by hand has come to.
type RunReport struct {
	Run        string          `json:"run"`
	Hunt       string          `json:"hunt"`
	Window     pipeline.Window `json:"window"`
	Status     string          `json:"status"`
	RecordsIn  int             `json:"records_in"`
	RecordsOut int             `json:"records_out"`
	Findings   int             `json:"findings"`
	Delivered  int             `json:"delivered"`
	Dead       int             `json:"dead"`
	Notes      map[string]int  `json:"notes,omitempty"`
	Seconds    float64         `json:"seconds"`
	Error      string          `json:"error"`
}

// ReportRun reports on a run that this process has done since start, and on the
// error with which that ended. A run that never got into the ledger has failed, and
// one without a ledger is as good as its error.
func ReportRun(run jobs.Run, err error, start time.Time) RunReport {
	r := RunReport{
		Run: run.ID, Hunt: run.Hunt, Window: run.Window, Status: jobs.Succeeded.Shown(), RecordsIn: run.RecordsIn, RecordsOut: run.RecordsOut,
		Findings: run.Findings, Delivered: run.Delivered, Dead: run.Dead, Notes: run.Notes, Seconds: time.Since(start).Seconds(),
	}
	if err != nil {
		r.Status, r.Error = jobs.Failed.Shown(), err.Error()
	}
	if run.State.Ended() {
		r.Status = run.State.Shown()
	}
	return r
}

// ReportQueued reports on a run that was left to a daemon at start. A run that is
// not over goes on there, whatever the error.
func ReportQueued(run jobs.Run, err error, start time.Time) RunReport {
	r := ReportRun(run, err, start)
	if run.State != "" {
		r.Status = run.State.Shown()
	}
	return r
}

// String says in a sentence what the run has come to.
func (r RunReport) String() string {
	if r.Status == jobs.Queued.Shown() {
		return fmt.Sprintf("run %s of %s %s is queued", r.Run, r.Hunt, r.Window)
	}
	return fmt.Sprintf("%s %s: %s in, %d out, %s; %s delivered, %d put aside; %.1f s", r.Hunt, r.Window,
		FormatCount(r.RecordsIn, "record"), r.RecordsOut, FormatCount(r.Findings, "finding"), FormatCount(r.Delivered, "event"), r.Dead, r.Seconds)
}
