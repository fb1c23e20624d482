package main

import (
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// An explanation is what explain prints for programs.
type explanation struct {
	Hunt      string          `json:"hunt"`
	AsOf      string          `json:"as_of"`
	Cron      string          `json:"cron"`
	Timezone  string          `json:"timezone"`
	Words     string          `json:"words"`
	EitherDay bool            `json:"either_day"` // day of month or day of week: one is enough
	Jitter    float64         `json:"jitter_seconds"`
	CatchUp   string          `json:"catch_up"`
	Window    windowFacts     `json:"window"`
	Known     bool            `json:"known"`                   // whether the ledger knows the hunt
	Covered   string          `json:"covered_until,omitempty"` // by the ledger
	Paused    bool            `json:"paused"`
	Open      *openRun        `json:"open_run,omitempty"`
	Due       []fireReport    `json:"due"` // at once, or when the open run has ended
	Fires     []fireReport    `json:"fires"`
	Changes   []clockReport   `json:"clock_changes"`
	Search    searchFacts     `json:"search"`
	Deliver   deliveryFacts   `json:"deliver"`
	Suppress  *suppressReport `json:"suppress,omitempty"`
}

type windowFacts struct {
	By          string  `json:"by"`
	Lag         float64 `json:"lag_seconds"`
	Max         float64 `json:"max_seconds"`
	First       float64 `json:"first_seconds"`
	MaxEventAge float64 `json:"max_event_age_seconds,omitempty"`
	LookBack    float64 `json:"look_back_seconds"`
}

type openRun struct {
	Run    string          `json:"run"`
	Window pipeline.Window `json:"window"`
	State  string          `json:"state"`
}

type fireReport struct {
	Slot    string           `json:"slot"` // in the hunt's zone
	Weekday string           `json:"weekday"`
	SlotUTC string           `json:"slot_utc"`
	Start   string           `json:"start"`
	Several bool             `json:"several,omitempty"` // stands for further missed slots too
	Note    string           `json:"note,omitempty"`
	Gap     *pipeline.Window `json:"gap,omitempty"`
	Spans   []spanReport     `json:"spans"`
}

type spanReport struct {
	pipeline.Window
	Windows int
	WarmUp  bool
}

// MarshalJSON implements [json.Marshaler]: it must not be the window's.
func (s spanReport) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"from":%q,"to":%q,"windows":%d,"warm_up":%t}`, utc(time.Unix(s.From, 0)), utc(time.Unix(s.To, 0)), s.Windows, s.WarmUp), nil
}

type clockReport struct {
	At      string   `json:"at"`
	Before  string   `json:"before"` // the same instant, by the clocks of before
	After   string   `json:"after"`
	Missing []string `json:"missing"` // times of day
	Twice   []string `json:"twice"`
	Last    string   `json:"last_slot,omitempty"`
	Next    string   `json:"next_slot,omitempty"`
	effect  string
}

type searchFacts struct {
	Connection string            `json:"connection"`
	Search     string            `json:"search"`
	Bounds     map[string]string `json:"bounds,omitempty"` // of the next window
}

type deliveryFacts struct {
	Connection string `json:"connection"`
	Index      string `json:"index,omitempty"`
	Sourcetype string `json:"sourcetype"`
	Source     string `json:"source"`
	Records    string `json:"records"`
}

type suppressReport struct {
	By  []string `json:"by"`
	For float64  `json:"for_seconds"`
}

// explain foretells a hunt.
func explain(h *jobs.Hunt, known knownHunt, now time.Time, fires int) (explanation, error) {
	rule, lane := h.Spec.Schedule, known.lane
	e := explanation{
		Hunt: h.Name, AsOf: utc(now), Cron: rule.Cron, Timezone: rule.Timezone,
		Words: h.Schedule.Words(), EitherDay: h.Schedule.EitherDay(), Jitter: h.Jitter().Seconds(), CatchUp: rule.CatchUp,
		Window: windowFacts{
			By: h.Window.By, Lag: h.Window.Lag.Seconds(), Max: h.Window.Max.Seconds(), First: h.Window.First.Seconds(),
			LookBack: h.LookBack().Seconds(),
		},
		Known: lane.Known, Paused: lane.Paused,
		Due: []fireReport{}, Fires: []fireReport{}, Changes: []clockReport{},
		Search: searchFacts{Connection: h.Source.Connection, Search: h.Query},
		Deliver: deliveryFacts{
			Connection: h.Deliver.Connection, Index: h.Deliver.Index, Sourcetype: h.Deliver.Sourcetype, Source: h.Deliver.Source,
			Records: h.Deliver.Records,
		},
	}
	if h.Window.By == jobs.ByIndexTime {
		e.Window.MaxEventAge = h.Window.MaxEventAge.Seconds()
	}
	if f := h.Findings; f != nil && f.Suppress != nil && h.Deliver.Records == jobs.DeliverFindings {
		e.Suppress = &suppressReport{By: f.Suppress.By, For: f.Suppress.For.Seconds()}
	}
	if lane.Known {
		e.Covered = utc(time.Unix(lane.Watermark, 0))
	}
	if open := known.open; open.State != "" {
		e.Open = &openRun{Run: open.ID, Window: open.Window, State: open.State.Shown()}
		lane.Watermark = open.Window.To
	}
	due, next, err := h.Forecast(lane, now, fires)
	if err != nil {
		return e, fmt.Errorf("as of %s: %w (--first explains it as a hunt that is new)", e.AsOf, err)
	}
	e.foretell(h, due, next, now)
	for _, change := range h.Schedule.ClockChanges(now, now.AddDate(1, 0, 0), 2) {
		e.Changes = append(e.Changes, reportClock(h.Schedule, change))
	}
	return e, nil
}

// foretell writes the fires down.
func (e *explanation) foretell(h *jobs.Hunt, due, next []jobs.Fire, now time.Time) {
	for _, f := range due {
		e.Due = append(e.Due, reportFire(h.Schedule, f))
	}
	last := h.Schedule.NewestSlot(now)
	for _, f := range next {
		r := reportFire(h.Schedule, f)
		r.Note = noteOn(h.Schedule, last, f.Slot)
		e.Fires, last = append(e.Fires, r), f.Slot
	}
	for _, f := range append(due, next...) {
		if len(f.Cuts) > 0 {
			w := f.Cuts[0].Span
			w.To = min(w.To, w.From+int64(h.Window.Max/time.Second))
			e.Search.Bounds = h.Bounds(w)
			return
		}
	}
}

func reportFire(s jobs.Schedule, f jobs.Fire) fireReport {
	r := fireReport{
		Slot: local(f.Slot, s.Zone()), Weekday: f.Slot.In(s.Zone()).Format("Mon"), SlotUTC: utc(f.Slot), Start: f.Start.UTC().Format(instantMilli), Several: f.Several,
		Spans: []spanReport{},
	}
	if !f.Gap.Empty() {
		r.Gap = &f.Gap
	}
	for _, c := range f.Cuts {
		r.Spans = append(r.Spans, spanReport{c.Span, c.Windows, c.WarmUp})
	}
	return r
}

// noteOn says what the clocks have to do with a slot, "" for nothing.
func noteOn(s jobs.Schedule, before, slot time.Time) string {
	if before.IsZero() {
		return ""
	}
	// A time of day that has come before the change comes again after it; no
	// clocks are set by more than a day.
	for _, c := range s.ClockChanges(before.AddDate(0, 0, -2), slot.AddDate(0, 0, 2), maxFires) {
		inBetween := c.At.After(before) && !c.At.After(slot)
		for _, t := range c.Twice {
			switch {
			case t.Equal(slot):
				return clock(t) + " comes twice: the first"
			case slot.Equal(t.Add(backBy(c))):
				return clock(t) + " comes twice: the second"
			}
		}
		if inBetween && len(c.Missing) > 0 {
			return missing(c) + " on " + c.Before.Format(time.DateOnly)
		}
	}
	return ""
}

// backBy is by how much the clocks are set back.
func backBy(c jobs.ClockChange) time.Duration {
	_, before := c.Before.Zone()
	_, after := c.At.Zone()
	return time.Duration(before-after) * time.Second
}

const instantMilli = "2006-01-02T15:04:05.999Z07:00"

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func local(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }

func clock(t time.Time) string {
	if t.Second() != 0 {
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}
