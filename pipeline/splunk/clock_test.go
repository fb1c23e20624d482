package splunk

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/huntd/huntd/pipeline"
)

// dated answers as f does, by a clock that differs from the host's, and after a
// pause.
type dated struct {
	*fake
	offset, pause time.Duration
	header        func(http.Header) // changes the header in the end; may be nil
	asked         atomic.Int64
}

func (d *dated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.asked.Add(1)
	w.Header().Set("Date", time.Now().Add(d.offset).UTC().Format(http.TimeFormat))
	if d.header != nil {
		d.header(w.Header())
	}
	time.Sleep(d.pause)
	d.fake.ServeHTTP(w, r)
}

// TestClock: what the Date of a reply says of Splunk's clock.
func TestClock(t *testing.T) {
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for _, c := range []struct {
		name          string
		offset, pause time.Duration
		header        func(http.Header)
		unknown       bool
		within        time.Duration // of the offset; how exact the reading must be
	}{
		{name: "in step", within: time.Second},
		{name: "behind", offset: -10 * time.Minute, within: time.Second},
		{name: "ahead", offset: 10 * time.Minute, within: time.Second},
		{name: "a year ahead", offset: 365 * 24 * time.Hour, within: time.Second},
		{name: "slow", pause: 50 * time.Second, within: 51 * time.Second},
		{name: "no Date", header: func(h http.Header) { h["Date"] = nil }, unknown: true},
		{name: "malformed", header: set("Date", "yesterday"), unknown: true},
		{name: "absurd", header: set("Date", "Thu, 01 Jan 1970 00:00:00 GMT"), unknown: true},
		{name: "far away", header: set("Date", "Fri, 31 Dec 9999 23:59:59 GMT"), unknown: true},
		{name: "from a cache", offset: -10 * time.Minute, header: set("Age", "600"), unknown: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(300 * time.Millisecond) // a Date is cut to seconds
				client := newClient(t, tokenConfig(), &dated{fake: newFake(1), offset: c.offset, pause: c.pause, header: c.header})
				if _, ok := client.Clock(time.Now()); ok {
					t.Error("a reading before any reply")
				}
				if _, err := client.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
				got, ok := client.Clock(time.Now())
				if ok == c.unknown {
					t.Fatalf("reading %+v, known: %v", got, ok)
				}
				if c.unknown {
					return
				}
				if miss := (got.Offset - c.offset).Abs(); miss > got.Bound || got.Bound > c.within {
					t.Errorf("offset %s ± %s, want %s", got.Offset, got.Bound, c.offset)
				}
			})
		})
	}
}

// TestClockReadings: replies narrow the offset down until one contradicts them.
func TestClockReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		splunk := &dated{fake: newFake(1), offset: -40 * time.Second}
		client := newClient(t, tokenConfig(), splunk)
		ask := func() pipeline.ClockReading {
			t.Helper()
			if _, err := client.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, ok := client.Clock(time.Now())
			if !ok || (got.Offset-splunk.offset).Abs() > got.Bound {
				t.Errorf("offset %s ± %s, want %s", got.Offset, got.Bound, splunk.offset)
			}
			return got
		}
		for range 20 {
			ask()
			time.Sleep(1210 * time.Millisecond)
		}
		narrow := ask().Bound
		if narrow > 100*time.Millisecond {
			t.Errorf("after many replies the offset is known to %s", narrow)
		}
		splunk.pause = 30 * time.Second
		if got := ask().Bound; got > narrow {
			t.Errorf("a slow reply widens the bound to %s", got)
		}
		splunk.pause, splunk.offset = 0, 0
		if got := ask().Bound; got != 500*time.Millisecond {
			t.Errorf("after the clock was set, the offset is known to %s", got)
		}
		time.Sleep(keepReading)
		splunk.offset = 300 * time.Millisecond // drift, within the bounds of what was known
		ask()
	})
}

func TestGatewaysHaveNoClock(t *testing.T) {
	for _, status := range []int{http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusFound} {
		resp := &http.Response{StatusCode: status, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}}
		if _, ok := ownDate(resp); ok {
			t.Errorf("status %d has a clock", status)
		}
		if resp.StatusCode = http.StatusUnauthorized; status == http.StatusFound {
			if _, ok := ownDate(resp); !ok {
				t.Error("a refusal has no clock")
			}
		}
	}
}

// wallMoved returns an instant at which the host's wall clock has moved by d and
// its monotonic clock has not.
func wallMoved(t time.Time, d time.Duration) time.Time {
	moved := t.Add(d)
	(*struct { // as package time has it
		wall uint64
		ext  int64 // the monotonic clock
		loc  *time.Location
	})(unsafe.Pointer(&moved)).ext -= int64(d)
	return moved
}

// TestClockWasSet: a reading does not outlive a change of the host's clock.
func TestClockWasSet(t *testing.T) {
	now := time.Now()
	c := serverClock{at: now}
	for step, want := range map[time.Duration]bool{
		10 * time.Minute: false, -10 * time.Minute: false, 2 * time.Second: false, 200 * time.Millisecond: true, 0: true,
	} {
		later := wallMoved(now.Add(time.Hour), step)
		if _, ok := c.reading(later); ok != want {
			t.Errorf("an hour later, the clock set by %s: known is %v", step, ok)
		}
	}
}

// TestAskClock: asking logs nobody in, and gives up what Splunk does not take
// any more.
func TestAskClock(t *testing.T) {
	splunk := &dated{fake: newFake(1), offset: time.Hour}
	client := newClient(t, loginConfig(), splunk)
	ask := func() {
		t.Helper()
		if err := client.AskClock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, ok := client.Clock(time.Now()); !ok || (got.Offset-time.Hour).Abs() > got.Bound {
			t.Errorf("offset %+v, %v", got, ok)
		}
	}
	if ask(); splunk.count(callLogin) != 0 {
		t.Error("asking logged in")
	}
	if _, err := client.Check(t.Context()); err != nil || splunk.count(callLogin) != 1 {
		t.Fatalf("%d logins, %v", splunk.count(callLogin), err)
	}
	splunk.mu.Lock()
	splunk.key = "another" // the session has expired
	splunk.mu.Unlock()
	if ask(); client.creds.current() != nil || splunk.count(callLogin) != 1 {
		t.Errorf("%d logins; the expired session is kept: %v", splunk.count(callLogin), client.creds.current() != nil)
	}
	if _, err := client.Check(t.Context()); err != nil || splunk.count(callLogin) != 2 {
		t.Errorf("%d logins, %v", splunk.count(callLogin), err)
	}
}

// TestRefused: refused are credentials, not rights, until they are accepted.
func TestRefused(t *testing.T) {
	for name, cfg := range map[string]Config{"token": tokenConfig(), "password": loginConfig()} {
		t.Run(name, func(t *testing.T) {
			splunk := newFake(1)
			client := newClient(t, cfg, splunk)
			for _, step := range []struct {
				on     string
				status int
				want   bool
			}{
				{callContext, http.StatusForbidden, false},
				{callContext, http.StatusUnauthorized, true},
				{callContext, http.StatusBadRequest, true}, // which says nothing of the credentials
				{callContext, 0, false},
			} {
				splunk.mu.Lock()
				delete(splunk.bend, step.on)
				if step.status != 0 {
					splunk.bend[step.on] = always(step.status)
				}
				splunk.mu.Unlock()
				_, err := client.Check(t.Context())
				if (err != nil) != (step.status != 0) {
					t.Fatal(err)
				}
				if client.Refused() != step.want {
					t.Errorf("after status %d: refused is %v", step.status, !step.want)
				}
			}
		})
	}
	splunk := newFake(1)
	splunk.bend[callLogin] = always(http.StatusUnauthorized)
	client := newClient(t, loginConfig(), splunk)
	if _, err := client.Check(t.Context()); err == nil || !client.Refused() {
		t.Errorf("a login that was refused: %v", err)
	}
}
