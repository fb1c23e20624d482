package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs/state"
)

// TestClockSkew: a skew begins and ends when it is proven, and is logged once.
func TestClockSkew(t *testing.T) {
	const limit = 30 * time.Second
	now := time.Now()
	logs, seen := observer.New(zap.InfoLevel)
	c := newClocks(zap.New(logs))
	c.keep(map[string]string{"main": "https://a", "other": "https://b"})
	c.compare(database, 0, 0, limit, now)
	c.compare("other", 0, 0, limit, now)
	for _, tt := range []struct {
		name          string
		offset, bound time.Duration
		beyond        bool
	}{
		{"in step", 0, time.Second, false},
		{"at the limit", limit, 0, false},
		{"not proven", -limit - time.Second, 2 * time.Second, false},
		{"behind", -10 * time.Minute, time.Second, true},
		{"farther behind", -11 * time.Minute, time.Second, true},
		{"perhaps again in step", -limit, 2 * time.Second, true},
		{"again in step", -limit + 3*time.Second, 2 * time.Second, false},
		{"ahead", limit + 2*time.Second, time.Second, true},
		{"at the limit again", limit - time.Second, time.Second, false},
	} {
		c.compare("main", tt.offset, tt.bound, limit, now)
		if c.mayPlan("main") == tt.beyond || c.mayBegin("main") == tt.beyond {
			t.Errorf("%s: planned %v, begun %v", tt.name, c.mayPlan("main"), c.mayBegin("main"))
		}
		if !c.mayPlan("other") || !c.mayBegin("other") {
			t.Errorf("%s: those of another Splunk are held back", tt.name)
		}
	}
	c.compare(database, 10*time.Minute, time.Second, limit, now)
	if c.mayPlan("main") || c.mayPlan("other") || c.mayBegin("other") {
		t.Error("windows are planned or begun by a clock that is not the database's")
	}
	if diff := cmp.Diff([]state.ClockSkew{{Offset: 10 * time.Minute, Since: now.UTC()}}, c.skews()); diff != "" {
		t.Errorf("skews (-want +got):\n%s", diff)
	}
	var said []string
	for _, e := range seen.All() {
		m := e.ContextMap()
		said = append(said, strings.TrimSpace(fmt.Sprint(e.Message, " ", m["clock"], m["connection"])))
	}
	if diff := cmp.Diff([]string{
		"clock skew started <nil>main", "clock skew ended <nil>main",
		"clock skew started <nil>main", "clock skew ended <nil>main", "clock skew started database<nil>",
	}, said); diff != "" {
		t.Errorf("logged (-want +got):\n%s", diff)
	}
}

// TestStampedMeanwhile: where Splunk's clock was behind, the log names the times
// that it gave to events meanwhile, from when it last agreed.
func TestStampedMeanwhile(t *testing.T) {
	begin := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		clock  string
		offset time.Duration
		from   any
		to     any
	}{
		"Splunk behind":   {"main", -10 * time.Minute, begin.Add(-10 * time.Minute), begin.Add(10 * time.Minute)},
		"Splunk ahead":    {"main", 10 * time.Minute, nil, nil},
		"database behind": {database, -10 * time.Minute, nil, nil},
	} {
		logs, seen := observer.New(zap.InfoLevel)
		c := newClocks(zap.New(logs))
		c.keep(map[string]string{"main": "https://a"})
		for after, offset := range []time.Duration{0, tt.offset, 0} {
			c.compare(tt.clock, offset, 0, time.Minute, begin.Add(time.Duration(after)*10*time.Minute))
		}
		ended := seen.FilterMessage("clock skew ended").All()
		if len(ended) != 1 {
			t.Fatalf("%s: logged %v", name, seen.All())
		}
		m := ended[0].ContextMap()
		if diff := cmp.Diff([]any{tt.from, tt.to}, []any{m["stamped_from"], m["stamped_to"]}); diff != "" {
			t.Errorf("%s: stamped (-want +got):\n%s", name, diff)
		}
	}
}

// TestUnknownClocks: nothing is planned before clocks were compared; what cannot
// be asked holds nothing up.
func TestUnknownClocks(t *testing.T) {
	c := newClocks(zap.NewNop())
	c.keep(map[string]string{"main": "https://a", "other": "https://b"})
	if c.compare("main", 0, 0, time.Second, time.Now()); c.mayPlan("main") {
		t.Error("planned without the database's clock")
	}
	if c.compare(database, 0, 0, time.Second, time.Now()); !c.mayPlan("main") || c.mayPlan("other") {
		t.Error("planned is what was not compared, or is not what was")
	}
	if c.noteTried("other"); !c.mayPlan("other") {
		t.Error("a Splunk that does not answer is waited for")
	}
	c.compare("main", time.Hour, 0, time.Second, time.Now())
	if c.noteRefused("main", true); !c.mayPlan("main") || !c.mayBegin("main") || len(c.skews()) != 1 {
		t.Error("nobody would find out that the credentials are accepted again")
	}
	if c.noteRefused("main", false); c.mayPlan("main") {
		t.Error("the skew is forgotten")
	}
	c.keep(map[string]string{"main": "https://elsewhere", "other": "https://b"})
	if len(c.skews()) != 0 || c.mayPlan("main") || !c.mayPlan("other") {
		t.Error("another address has the old one's clock, or the same address has lost it")
	}
}

// TestMayAsk: an idle connection is asked at most once in five minutes.
func TestMayAsk(t *testing.T) {
	c := newClocks(zap.NewNop())
	c.keep(map[string]string{"main": "https://a"})
	now := time.Now()
	for _, tt := range []struct {
		after   time.Duration
		refused bool
		want    bool
	}{
		{0, true, false},
		{0, false, true},
		{4 * time.Minute, false, false},
		{5 * time.Minute, true, false},
		{5 * time.Minute, false, true},
		{9 * time.Minute, false, false},
		{-time.Hour, false, true}, // the clock was set back
	} {
		c.noteRefused("main", tt.refused)
		if got := c.mayAsk("main", now.Add(tt.after)); got != tt.want {
			t.Errorf("after %s, refused %v: asked is %v", tt.after, tt.refused, got)
		}
	}
	if c.mayAsk("gone", now) {
		t.Error("a connection that is gone is asked")
	}
}
