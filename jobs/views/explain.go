package views

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// MaxFires bounds how far [ExplainHunt] looks ahead.
const MaxFires = 1000

// An Explanation says when a hunt fires, and which windows it will examine.
type Explanation struct {
	Hunt      string        `json:"hunt"`
	AsOf      string        `json:"as_of"`
	Cron      string        `json:"cron"`
	Timezone  string        `json:"timezone"`
	Words     string        `json:"words"`
	EitherDay bool          `json:"either_day"` // day of month or day of week: one is enough
	Jitter    float64       `json:"jitter_seconds"`
	CatchUp   string        `json:"catch_up"`
	Window    WindowRule    `json:"window"`
	Known     bool          `json:"known"`                   // whether the ledger knows the hunt
	Covered   string        `json:"covered_until,omitempty"` // by the ledger
	Paused    bool          `json:"paused"`
	Open      *OpenRun      `json:"open_run,omitempty"`
	Due       []Fire        `json:"due"` // at once, or when the open run has ended
	Fires     []Fire        `json:"fires"`
	Changes   []ClockChange `json:"clock_changes"`
	Search    Search        `json:"search"`
	Deliver   Delivery      `json:"deliver"`
	Suppress  *Suppression  `json:"suppress,omitempty"`
}

// A WindowRule says how windows are cut.
type WindowRule struct {
	By          string  `json:"by"`
	Lag         float64 `json:"lag_seconds"`
	Max         float64 `json:"max_seconds"`
	First       float64 `json:"first_seconds"`
	MaxEventAge float64 `json:"max_event_age_seconds,omitempty"`
	LookBack    float64 `json:"look_back_seconds"`
}

// An OpenRun is a run that is not over.
type OpenRun struct {
	Run    string          `json:"run"`
	Window pipeline.Window `json:"window"`
	State  string          `json:"state"`
}

// A Fire is what is examined at a slot.
type Fire struct {
	Slot    string           `json:"slot"` // in the hunt's zone
	Weekday string           `json:"weekday"`
	SlotUTC string           `json:"slot_utc"`
	Start   string           `json:"start"`
	Several bool             `json:"several,omitempty"` // stands for further missed slots too
	Note    string           `json:"note,omitempty"`
	Gap     *pipeline.Window `json:"gap,omitempty"`
	Spans   []Span           `json:"spans"`
}

// A Span is time that is examined in several windows.
type Span struct {
	pipeline.Window
	Windows int
	WarmUp  bool
}

// MarshalJSON implements [json.Marshaler]: it must not be the window's.
func (s Span) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"from":%q,"to":%q,"windows":%d,"warm_up":%t}`, FormatEpoch(s.From), FormatEpoch(s.To), s.Windows, s.WarmUp), nil
}

// A ClockChange says what becomes of a schedule where clocks are set.
type ClockChange struct {
	At      string   `json:"at"`
	Before  string   `json:"before"` // the same instant, by the clocks of before
	After   string   `json:"after"`
	Missing []string `json:"missing"` // times of day
	Twice   []string `json:"twice"`
	Last    string   `json:"last_slot,omitempty"`
	Next    string   `json:"next_slot,omitempty"`
	// Effect says all of it in words.
	Effect string `json:"-"`
}

// A Search says what is asked for.
type Search struct {
	Connection string            `json:"connection"`
	Search     string            `json:"search"`
	Bounds     map[string]string `json:"bounds,omitempty"` // of the next window
}

// A Delivery says where events go.
type Delivery struct {
	Connection string `json:"connection"`
	Index      string `json:"index,omitempty"`
	Sourcetype string `json:"sourcetype"`
	Source     string `json:"source"`
	Records    string `json:"records"`
}

// A Suppression says which findings are withheld.
type Suppression struct {
	By  []string `json:"by"`
	For float64  `json:"for_seconds"`
}

// A KnownHunt is what the ledger knows of a hunt. The zero value is for a hunt that
// it does not know.
type KnownHunt struct {
	lane jobs.LaneState
	open jobs.Run // the live lane's, without a state if there is none
}

// A HuntLedger knows where a hunt stands.
type HuntLedger interface {
	Overview(ctx context.Context, hunts ...string) (map[string]state.HuntView, error)
	Lanes(ctx context.Context, hunts []string, now time.Time) (map[string]jobs.LaneState, error)
}

// LookUpHunt asks the ledger for a hunt.
func LookUpHunt(ctx context.Context, l HuntLedger, hunt string, now time.Time) (k KnownHunt, err error) {
	views, err := l.Overview(ctx, hunt)
	if err != nil || !views[hunt].Planned {
		return k, err
	}
	lanes, err := l.Lanes(ctx, []string{hunt}, now)
	k.lane = lanes[hunt]
	if open := views[hunt].Open; open.Lane == jobs.Live {
		k.open = open
	}
	return k, err
}

// ExplainHunt says what a hunt will do at its next fires.
func ExplainHunt(h *hunt.Hunt, known KnownHunt, now time.Time, fires int) (Explanation, error) {
	rule, lane := h.Spec.Schedule, known.lane
	e := Explanation{
		Hunt: h.Name, AsOf: FormatInstant(now), Cron: rule.Cron, Timezone: rule.Timezone,
		Words: h.Schedule.Words(), EitherDay: h.Schedule.EitherDay(), Jitter: h.Jitter().Seconds(), CatchUp: rule.CatchUp,
		Window: WindowRule{
			By: h.Window.By, Lag: h.Window.Lag.Seconds(), Max: h.Window.Max.Seconds(), First: h.Window.First.Seconds(),
			LookBack: h.LookBack().Seconds(),
		},
		Known: lane.Known, Paused: lane.Paused,
		Due: []Fire{}, Fires: []Fire{}, Changes: []ClockChange{},
		Search: Search{Connection: h.Source.Connection, Search: h.Query},
		Deliver: Delivery{
			Connection: h.Deliver.Connection, Index: h.Deliver.Index, Sourcetype: h.Deliver.Sourcetype, Source: h.Deliver.Source,
			Records: h.Deliver.Records,
		},
	}
	if h.Window.By == hunt.ByIndexTime {
		e.Window.MaxEventAge = h.Window.MaxEventAge.Seconds()
	}
	if f := h.Findings; f != nil && f.Suppress != nil && h.Deliver.Records == hunt.DeliverFindings {
		e.Suppress = &Suppression{By: f.Suppress.By, For: f.Suppress.For.Seconds()}
	}
	if lane.Known {
		e.Covered = FormatEpoch(lane.Watermark)
	}
	if open := known.open; open.State != "" {
		e.Open = &OpenRun{Run: open.ID, Window: open.Window, State: open.State.Shown()}
		lane.Watermark = open.Window.To
	}
	due, next, err := jobs.Forecast(h, lane, now, fires)
	if err != nil {
		return e, fmt.Errorf("as of %s: %w", e.AsOf, err)
	}
	e.addFires(h, due, next, now)
	if w := firstWindow(h, append(due, next...)); !w.Empty() {
		e.Search.Bounds = h.Bounds(w)
	}
	for _, change := range h.Schedule.ClockChanges(now, now.AddDate(1, 0, 0), 2) {
		e.Changes = append(e.Changes, newClockChange(h.Schedule, change))
	}
	return e, nil
}

// addFires adds what is due at once, and what is next.
func (e *Explanation) addFires(h *hunt.Hunt, due, next []jobs.Fire, now time.Time) {
	for _, f := range due {
		e.Due = append(e.Due, newFire(h.Schedule, f))
	}
	last := h.Schedule.NewestSlot(now)
	for _, f := range next {
		r := newFire(h.Schedule, f)
		r.Note = describeSlot(h.Schedule, last, f.Slot)
		e.Fires, last = append(e.Fires, r), f.Slot
	}
}

// firstWindow returns the first window that any of some fires examines.
func firstWindow(h *hunt.Hunt, fires []jobs.Fire) (w pipeline.Window) {
	for _, f := range fires {
		if len(f.Cuts) > 0 {
			w = f.Cuts[0].Span
			w.To = min(w.To, w.From+int64(h.Window.Max/time.Second))
			break
		}
	}
	return w
}

// instantMilli is RFC 3339 with milliseconds, which jitter has.
const instantMilli = "2006-01-02T15:04:05.999Z07:00"

func newFire(s hunt.Schedule, f jobs.Fire) Fire {
	r := Fire{
		Slot: formatLocal(f.Slot, s.Zone()), Weekday: f.Slot.In(s.Zone()).Format("Mon"), SlotUTC: FormatInstant(f.Slot), Start: f.Start.UTC().Format(instantMilli), Several: f.Several,
		Spans: []Span{},
	}
	if !f.Gap.Empty() {
		r.Gap = &f.Gap
	}
	for _, c := range f.Cuts {
		r.Spans = append(r.Spans, Span{c.Span, c.Windows, c.WarmUp})
	}
	return r
}
