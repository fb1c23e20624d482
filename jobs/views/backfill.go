package views

import (
	"fmt"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// A Backfill is a backfill in a list.
type Backfill struct {
	Backfill     string          `json:"backfill"`
	Hunt         string          `json:"hunt"`
	Window       pipeline.Window `json:"window"`
	WarmUpFrom   string          `json:"warm_up_from,omitempty"`
	Status       string          `json:"status"`
	Reason       string          `json:"reason,omitempty"`
	CoveredUntil string          `json:"covered_until"`
	Windows      int             `json:"windows"`
	RecordsIn    int             `json:"records_in"`
	RecordsOut   int             `json:"records_out"`
	Findings     int             `json:"findings"`
	Suppressed   int             `json:"suppressed"`
	Delivered    int             `json:"delivered"`
	Dead         int             `json:"dead"`
	Seconds      float64         `json:"seconds,omitempty"`
	Error        string          `json:"error,omitempty"`
}

// NewBackfill returns the row of a backfill.
func NewBackfill(v state.BackfillView) Backfill {
	b := Backfill{
		Backfill: v.ID, Hunt: v.Hunt, Window: v.Window, Status: v.State, Reason: v.Reason,
		CoveredUntil: FormatEpoch(max(v.Watermark, v.Window.From)), Windows: v.Runs,
		RecordsIn: v.Result.RecordsIn, RecordsOut: v.Result.RecordsOut, Findings: v.Result.Findings, Suppressed: v.Result.Suppressed,
		Delivered: v.Result.Delivered, Dead: v.Result.Dead, Error: v.Error,
	}
	if v.WarmFrom < v.Window.From {
		b.WarmUpFrom = FormatEpoch(v.WarmFrom)
	}
	return b
}

// String says in a sentence what the backfill has come to.
func (b Backfill) String() string {
	return fmt.Sprintf("backfill:%s of %s %s is %s: %s examined until %s, %s, %s delivered, %d put aside", b.Backfill, b.Hunt, b.Window, b.Status,
		FormatCount(b.Windows, "window"), b.CoveredUntil, FormatCount(b.Findings, "finding"), FormatCount(b.Delivered, "event"), b.Dead)
}

// BackfillProgress says on one line how far a backfill is, warm-up included.
func BackfillProgress(v state.BackfillView) string {
	line := fmt.Sprintf("backfill:%s %s until %s, %s", v.ID, v.State, FormatEpoch(v.Watermark), FormatCount(v.Result.Findings, "finding"))
	if v.Error != "" {
		line += "; " + v.Error
	}
	return line
}

// A BackfillPlan is what a backfill would examine.
type BackfillPlan struct {
	Hunt    string            `json:"hunt"`
	Window  pipeline.Window   `json:"window"`
	WarmUp  []pipeline.Window `json:"warm_up"`
	Windows []pipeline.Window `json:"windows"`
}

// PlanBackfill returns the windows of a backfill, if none of them has to be halved.
func PlanBackfill(h *hunt.Hunt, b jobs.Backfill) BackfillPlan {
	p := BackfillPlan{Hunt: h.Name, Window: b.Window, WarmUp: []pipeline.Window{}, Windows: []pipeline.Window{}}
	for {
		w, _ := b.Next(h)
		switch {
		case w.Empty():
			return p
		case w.To <= b.Window.From:
			p.WarmUp = append(p.WarmUp, w)
		default:
			p.Windows = append(p.Windows, w)
		}
		b.Watermark = w.To
	}
}
