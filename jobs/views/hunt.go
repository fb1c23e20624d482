package views

import (
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

// A Hunt is a hunt in a list.
type Hunt struct {
	Hunt         string `json:"hunt"`
	Cron         string `json:"cron"`
	Timezone     string `json:"timezone"`
	Next         string `json:"next"`
	CoveredUntil string `json:"covered_until"`
	LastStatus   string `json:"last_status"` // of the newest run that has ended
	LastFindings int    `json:"last_findings"`
	LastError    string `json:"last_error,omitempty"`
	EventsToSend int    `json:"events_to_send"`
	// Of the run that is open, or else of the last one:
	Status   string `json:"status,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
	Error    string `json:"error,omitempty"`
	RetryAt  string `json:"retry_at,omitempty"`
	// Paused is since when the hunt is, or the connection that it searches, and
	// PausedUntil until when if it ends by itself.
	Paused      string `json:"paused,omitempty"`
	PausedUntil string `json:"paused_until,omitempty"`
	PauseReason string `json:"pause_reason,omitempty"`
	Gaps        int    `json:"gaps,omitempty"` // that nobody has waived
	// Of windows by event time: how many are yet to be looked at for late events,
	// for how many of those that has failed, and how many grew and were run again.
	Settling   int `json:"settling,omitempty"`
	LateFailed int `json:"late_failed,omitempty"`
	Grown      int `json:"grown,omitempty"`
	// Held says why no run begins though one may be due, "" if it does.
	Held string `json:"held,omitempty"`
}

// addView adds what the ledger has to say of the hunt.
func (r *Hunt) addView(v state.HuntView, now time.Time) {
	r.Gaps, r.Settling, r.LateFailed, r.Grown = v.Gaps, v.Settling, v.LateFailed, v.Grown
	if v.Paused(now) {
		r.Paused, r.PausedUntil, r.PauseReason = FormatInstant(v.PausedAt), FormatInstant(v.PauseUntil), v.PauseReason
	}
	if v.Planned {
		r.CoveredUntil = FormatEpoch(v.Watermark)
	}
	r.EventsToSend = v.Pending
	if v.Ended {
		r.LastStatus, r.LastFindings, r.LastError = v.Last.State.Shown(), v.Last.Findings, v.Last.Error
	}
	newest := v.Last
	if v.Open.State != "" {
		newest = v.Open
	}
	r.Status, r.Attempts, r.Error, r.RetryAt = newest.State.Shown(), newest.Attempts, newest.Error, FormatInstant(v.RetryAt)
}

// StatusText says in a few words how the hunt fares, "" if it has not run yet.
func (r Hunt) StatusText() string {
	if r.Paused != "" && r.Status != jobs.Running.Shown() {
		return "paused"
	}
	if r.Status == jobs.Retry.Shown() {
		return fmt.Sprintf("%s (attempt %d)", r.Status, r.Attempts)
	}
	return r.Status
}

// Remarks returns what a person should know of the hunt, a line each.
func (r Hunt) Remarks() (lines []string) {
	if r.Paused != "" {
		line := fmt.Sprintf("%s: paused since %s", r.Hunt, r.Paused)
		if r.PausedUntil != "" {
			line += " until " + r.PausedUntil
		}
		lines = append(lines, line+": "+JoinLines(r.PauseReason))
	}
	if line := r.trouble(); line != "" {
		lines = append(lines, line)
	}
	if r.Gaps > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s in what it has covered: see huntd coverage %s", r.Hunt, FormatCount(r.Gaps, "gap"), r.Hunt))
	}
	if r.LateFailed > 0 {
		lines = append(lines, fmt.Sprintf("%s: late events of %s could not be looked for: see the lane late in huntd runs %s, and huntd retry",
			r.Hunt, FormatCount(r.LateFailed, "window"), r.Hunt))
	}
	return lines
}

// trouble says on one line why the hunt does not get on, "" if it does.
func (r Hunt) trouble() string {
	reason := JoinLines(r.Error)
	switch retrying := r.Status == jobs.Retry.Shown(); {
	case retrying && r.RetryAt == "":
		return fmt.Sprintf("%s: retrying: %s; next attempt at once", r.Hunt, reason)
	case retrying:
		return fmt.Sprintf("%s: retrying: %s; next attempt %s", r.Hunt, reason, r.RetryAt)
	case r.Status == jobs.Failed.Shown():
		return fmt.Sprintf("%s: failed: %s", r.Hunt, reason)
	}
	return ""
}
