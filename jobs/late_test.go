package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// settlingHunt looks for late events.
const settlingHunt = findingHunt + "window: { by: event_time, settle: 6h }\n"

// A growing is a window that is examined live, and again after events came late.
type growing struct {
	*bench
	t    *testing.T
	h    *hunt.Hunt
	late int // what a count gives
	from int64
}

func newGrowing(t *testing.T, text string) *growing {
	g := &growing{bench: newBench(ranRecords...), t: t, h: parseHunt(t, text), late: 1}
	g.Count = func(_ context.Context, _ *hunt.Hunt, w pipeline.Window, from int64, job func(string)) (int, error) {
		if w != findingWindow {
			t.Errorf("window %s was counted", w)
		}
		job("sid-count")
		g.from = from
		return g.late, nil
	}
	return g
}

// run examines the window on a lane, and gives the ledger what the live run has
// come to.
func (g *growing) run(lane Lane) Commit {
	g.t.Helper()
	run := ranRun
	run.Lane = lane
	if _, err := g.Do(context.Background(), g.h, run); err != nil {
		g.t.Fatal(err)
	}
	c := g.ledger.commits[len(g.ledger.commits)-1]
	if lane == Live {
		g.ledger.settling = Settling{Searched: c.Searched, Sent: map[string]string{}}
		for _, s := range c.Sent {
			g.ledger.settling.Sent[s.ID] = s.Digest
		}
	}
	return c
}

// sentTitles are those of the events that were sent since the last call.
func (g *growing) sentTitles() (titles []string) {
	g.t.Helper()
	for _, e := range g.delivered(g.t) {
		titles = append(titles, e.Title)
	}
	g.ledger.sent = nil
	slices.Sort(titles)
	return titles
}

func (g *growing) want(what string, titles ...string) {
	g.t.Helper()
	if diff := cmp.Diff(titles, g.sentTitles()); diff != "" {
		g.t.Errorf("%s: events sent (-want +got):\n%s", what, diff)
	}
}

// TestLateEvents: a window is searched again only if it grew, and only what is
// new or has changed is sent, under the same id.
func TestLateEvents(t *testing.T) {
	g := newGrowing(t, settlingHunt)
	before := time.Now()
	live := g.run(Live)
	if len(live.Sent) != 2 || live.Searched.Before(before) || live.Searched.After(time.Now()) {
		t.Errorf("a live run has come to %v, searched at %s", live.Sent, live.Searched)
	}
	ids := g.delivered(t)
	g.want("live", "u on a", "u on b")

	g.late = 0
	asked := len(g.source.asked)
	if c := g.run(Late); c.Late != 0 || len(g.source.asked) != asked || len(c.Result.Notes) != 0 {
		t.Errorf("a window that did not grow was examined again: %+v", c)
	}
	if want := live.Searched.Add(-lateSlack).Unix(); g.from != want {
		t.Errorf("events indexed from %d on were counted, want %d", g.from, want)
	}

	g.late = 3 // but the pipeline has no use for them
	c := g.run(Late)
	g.want("nothing new")
	if diff := cmp.Diff(map[string]int{noteLate: 3, "late.unchanged": 2}, c.Result.Notes); diff != "" || c.Late != 3 || c.Result.Findings != 0 {
		t.Errorf("late %d, %d findings, notes (-want +got):\n%s", c.Late, c.Result.Findings, diff)
	}
	if len(c.Sent) != 0 || !c.Searched.IsZero() {
		t.Errorf("the window is to be looked at again: %v", c.Sent)
	}

	b := ranRecords[1]
	g.source.records = []map[string][]string{b, ranRecords[0], record("_time", "1000150", "host", "a", "user", "u"), record("_time", "1", "host", "c", "user", "u")}
	g.run(Late)
	for _, e := range g.delivered(t) {
		if e.Title == "u on a" && e.ID != ids[0].ID {
			t.Errorf("the changed finding has id %s, want %s as before", e.ID, ids[0].ID)
		}
	}
	g.want("one changed, one new", "u on a", "u on c")
}

// TestSearchNumbersAreNoChange: a late event moves the numbers that a search
// gives to its results, and their order.
func TestSearchNumbersAreNoChange(t *testing.T) {
	g := newGrowing(t, strings.NewReplacer("{ host: host, who: user }", "{ who: user, where: host }\n  suppress: { by: [user], for: 1s }",
		"{{.user}} on {{.host}}", "{{.user}}").Replace(settlingHunt))
	g.source.records = []map[string][]string{
		record("_time", "1000100", "host", "a", "user", "u", "_serial", "0"),
		record("_time", "1000100", "host", "b", "user", "u", "_serial", "1"),
	}
	g.run(Live)
	g.want("live", "u")
	g.source.records = []map[string][]string{
		record("_time", "1000100", "host", "b", "user", "u", "_serial", "7"),
		record("_time", "1000100", "host", "a", "user", "u", "_serial", "8"),
	}
	g.run(Late)
	g.want("in another order")
}

// recordHunt delivers records and looks for late events.
const recordHunt = "name: all\nschedule: { cron: '0 * * * *' }\nsource: { connection: main, search: search index=a }\n" +
	"window: { by: event_time, settle: 6h }\ndeliver: { records: all }\n"

// TestRecordIDs: a record has one id on all lanes, however windows are cut, and
// also where it came late. Rows of one event have an id each.
func TestRecordIDs(t *testing.T) {
	g := newGrowing(t, recordHunt)
	row := func(at int64, cd string) map[string][]string {
		return record("_time", fmt.Sprint(at), "_bkt", "windows~1~G", "_cd", cd)
	}
	w, half := findingWindow, findingWindow.From+1800
	early, twice, last, late := row(w.From, "1:1"), row(half-1, "1:2"), row(half, "1:3"), row(half+1, "1:4")
	all := []map[string][]string{early, twice, twice, last}
	g.source.each = func(w pipeline.Window) (found []map[string][]string) {
		for _, r := range all {
			if at, _ := strconv.ParseInt(r["_time"][0], 10, 64); w.From <= at && at < w.To {
				found = append(found, r)
			}
		}
		return found
	}
	ids := func(lane Lane, windows ...pipeline.Window) (ids []string) {
		t.Helper()
		for _, w := range windows {
			run := ranRun
			run.Lane, run.Window = lane, w
			if _, err := g.Do(t.Context(), g.h, run); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range g.delivered(t) {
			ids = append(ids, e.ID)
		}
		g.ledger.sent = nil
		slices.Sort(ids)
		return ids
	}
	g.run(Live)
	g.ledger.sent = nil
	live := ids(Live, w)
	if distinct := slices.Compact(slices.Clone(live)); len(distinct) != len(all) {
		t.Fatalf("%d ids of %d records: %q", len(distinct), len(all), live)
	}
	halves := []pipeline.Window{{From: w.From, To: half}, {From: half, To: w.To}}
	for what, got := range map[string][]string{
		"live again": ids(Live, w), "live, halved": ids(Live, halves...),
		"by hand": ids(Manual, w), "backfill": ids(BackfillLane("b"), halves...),
	} {
		if diff := cmp.Diff(live, got); diff != "" {
			t.Errorf("%s (-live +got):\n%s", what, diff)
		}
	}
	all = append(all, late)
	came, whole := ids(Late, w), ids(Manual, w)
	slices.Sort(whole)
	if len(came) != 1 || !slices.Equal(whole, slices.Sorted(slices.Values(append(came, live...)))) {
		t.Errorf("sent as late %q; by hand all are %q, before they were %q", came, whole, live)
	}
}

func TestLateRecords(t *testing.T) {
	g := newGrowing(t, recordHunt)
	c := g.run(Live)
	if len(c.Sent) != 2 || len(g.delivered(t)) != 2 {
		t.Fatalf("%d records were noted and %d sent, want 2", len(c.Sent), len(g.delivered(t)))
	}
	g.ledger.sent = nil
	g.source.records = append(slices.Clone(ranRecords), record("_time", "1000300", "host", "late"))
	c = g.run(Late)
	got := events(t, g.ledger.sent)
	if len(got) != 1 || !strings.Contains(string(got[0]), `"host":"late"`) || c.Result.Notes["late.unchanged"] != 2 {
		t.Errorf("sent %s, notes %v", got, c.Result.Notes)
	}
}

// TestLateSuppression: what came late is withheld as it would have been then.
func TestLateSuppression(t *testing.T) {
	hunt := strings.Replace(settlingHunt, "  attack:", "  suppress: { by: [user], for: 1h }\n  attack:", 1)
	at := func(sec string) map[string][]string { return record("_time", sec, "host", "a", "user", "u") }
	for _, tt := range []struct {
		name         string
		shown        string // begin of a suppression before the live run, "" for none
		live         []map[string][]string
		since        *Suppression // reported by later live runs
		late         []map[string][]string
		sentLive     int
		sentLate     int
		withheldLate int
		want         Suppression
	}{
		{"reported, changed", "", []map[string][]string{at("1000100")}, nil, []map[string][]string{at("1000100"), at("1000200")}, 1, 1, 0, Suppression{"u", 1000200, 1003800}},
		{"reported, unchanged", "", []map[string][]string{at("1000100")}, nil, []map[string][]string{at("1000100")}, 1, 0, 0, Suppression{"u", 1000100, 1003700}},
		{"withheld, changed", "999000", []map[string][]string{at("1000100")}, nil, []map[string][]string{at("1000100"), at("1000200")}, 0, 0, 1, Suppression{"u", 999000, 1002600}},
		{"withheld, and reported again since", "999000", []map[string][]string{at("1000100")}, &Suppression{"u", 1004000, 1007600}, []map[string][]string{at("1000100"), at("1000200")}, 0, 0, 1, Suppression{"u", 1004000, 1007600}},
		{"withheld, but now behind the span", "999000", []map[string][]string{at("1000100")}, nil, []map[string][]string{at("1003000")}, 0, 1, 0, Suppression{"u", 1003000, 1006600}},
		{"new, within a span", "999000", nil, nil, []map[string][]string{at("1000100")}, 0, 0, 1, Suppression{"u", 999000, 1002600}},
		{"new, before one that was reported since", "", nil, &Suppression{"u", 1001000, 1004600}, []map[string][]string{at("1000100")}, 0, 1, 0, Suppression{"u", 1000100, 1004600}},
	} {
		g := newGrowing(t, hunt)
		key := found(t, g.h, at("1000100")).Findings()[0].Key
		remember := func(s Suppression) { s.Key = key; g.ledger.shown[key] = s }
		if tt.shown != "" {
			remember(Suppression{"", 999000, 1002600})
		}
		g.source.records = tt.live
		g.run(Live)
		live := len(g.sentTitles())
		if tt.since != nil {
			remember(*tt.since)
		}
		g.source.records = tt.late
		c := g.run(Late)
		late := len(g.sentTitles())
		if live != tt.sentLive || late != tt.sentLate || c.Result.Suppressed != tt.withheldLate {
			t.Errorf("%s: %d sent live, %d late, %d withheld late", tt.name, live, late, c.Result.Suppressed)
		}
		tt.want.Key = key
		if diff := cmp.Diff(tt.want, g.ledger.shown[key]); diff != "" {
			t.Errorf("%s: what is remembered (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNothingIsNotedForOtherRuns(t *testing.T) {
	for name, tt := range map[string]struct {
		hunt       string
		lane       Lane
		reportFrom int64
	}{
		"without settle": {findingHunt, Live, 0},
		"by hand":        {settlingHunt, Manual, 0},
		"backfill":       {settlingHunt, BackfillLane("x"), 0},
		"warm-up":        {settlingHunt, Live, findingWindow.To},
	} {
		g := newGrowing(t, tt.hunt)
		g.ledger.memory.ReportFrom = tt.reportFrom
		if c := g.run(tt.lane); len(c.Sent) != 0 || !c.Searched.IsZero() {
			t.Errorf("%s: %v, %s", name, c.Sent, c.Searched)
		}
	}
}

func TestLateFailures(t *testing.T) {
	run := ranRun
	run.Lane = Late
	for name, tt := range map[string]struct {
		hunt    string
		prepare func(*growing)
		again   bool
		words   string
	}{
		"Splunk is down": {settlingHunt, func(g *growing) {
			g.Count = func(context.Context, *hunt.Hunt, pipeline.Window, int64, func(string)) (int, error) {
				return 0, errors.New("refused")
			}
		}, true, "count late events: refused"},
		"another kind of window": {findingHunt, func(*growing) {}, false, "event time any more"},
		"the window is gone":     {settlingHunt, func(g *growing) { g.ledger.err["settling"] = pipeline.Permanent(errors.New("gone")) }, false, "gone"},
		"too much":               {settlingHunt, func(g *growing) { g.source.err = pipeline.ErrTooMuch }, false, "has grown to be too much for one run: raise limits"},
	} {
		g := newGrowing(t, tt.hunt)
		tt.prepare(g)
		_, err := g.Do(context.Background(), g.h, run)
		if err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: %v", name, err)
		}
		if len(g.ledger.fails) != 1 || (g.ledger.fails[0].again > 0) != tt.again || len(g.ledger.commits) != 0 {
			t.Errorf("%s: failures %v, %d commits", name, g.ledger.fails, len(g.ledger.commits))
		}
	}
}

func TestSettleInAFile(t *testing.T) {
	if h := parseHunt(t, settlingHunt); h.Window.Settle != 6*time.Hour || len(h.Warnings()) != 0 {
		t.Errorf("settle %s, warnings %q", h.Window.Settle, h.Warnings())
	}
	for text, want := range map[string]string{
		strings.Replace(settlingHunt, "event_time", "index_time", 1):                 `:12: "settle" wants by: event_time: a window by index time cannot grow`,
		strings.Replace(settlingHunt, "search index=windows", "'| tstats count'", 1): `:12: "settle" cannot be used with this search`,
		strings.Replace(settlingHunt, "6h", "31d", 1):                                "at most 30d",
		strings.Replace(settlingHunt, "6h", "1500ms", 1):                             "whole seconds",
	} {
		if _, err := hunt.Parse("hunt.yaml", []byte(text), asSplunk); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A lateBook is a ledger of windows that wait to be looked at.
type lateBook struct {
	due     map[string]pipeline.Window
	ended   map[string]int64
	planned []Run
}

func (l *lateBook) Unsettled(_ context.Context, ended map[string]int64, _ time.Time) (map[string]pipeline.Window, error) {
	l.ended = maps.Clone(ended)
	return l.due, nil
}

func (l *lateBook) PlanLate(_ context.Context, runs []Run, _ time.Time) error {
	l.planned = append(l.planned, runs...)
	return nil
}

func TestIndexedFrom(t *testing.T) {
	searched := time.Unix(5000, 9e8)
	for lag, want := range map[string]int64{"0s": 5000, "5s": 4995, "90s": 4970} {
		h := parseHunt(t, strings.Replace(settlingHunt, "settle", "lag: "+lag+", settle", 1))
		if got := indexedFrom(h, searched); got != want {
			t.Errorf("lag %s: late from %d on, want %d", lag, got, want)
		}
	}
}

func TestPlanLate(t *testing.T) {
	settling, other := parseHunt(t, settlingHunt), parseHunt(t, strings.Replace(findingHunt, "finder", "other", 1))
	now := time.Unix(2_000_000, 0)
	l := &lateBook{due: map[string]pipeline.Window{"finder": findingWindow}}
	if err := PlanLate(context.Background(), l, []*hunt.Hunt{other, settling}, now); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"finder": 2_000_000 - 6*3600}, l.ended); diff != "" {
		t.Errorf("windows were asked for (-want +got):\n%s", diff)
	}
	if len(l.planned) != 1 || l.planned[0].Window != findingWindow || l.planned[0].Lane != Late || l.planned[0].Slot.Unix() != findingWindow.To {
		t.Errorf("planned %+v", l.planned)
	}
}
