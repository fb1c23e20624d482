package sandbox

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// state looks at a job, "" if it is gone.
func (c caller) state(sid string) string {
	c.t.Helper()
	if w := c.do("GET /services/search/v2/jobs/"+sid, ""); w.Code == 404 {
		return ""
	}
	return fmt.Sprint(c.content(sid)["dispatchState"])
}

func (c caller) control(sid, form string) {
	c.t.Helper()
	if w := c.do("POST /services/search/v2/jobs/"+sid+"/control", form); w.Code != 200 {
		c.t.Errorf("control %s: %d %s", form, w.Code, w.Body)
	}
}

func (c caller) start(form string) {
	c.t.Helper()
	if w := c.do("POST /services/search/v2/jobs", form); w.Code != 201 {
		c.t.Fatalf("create %s: %d %s", form, w.Code, w.Body)
	}
}

func TestJobStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{MinRun: 4 * time.Second, MaxSearches: 1})
		defer s.Close()
		c := bearer(t, s)
		want := func(sid, state string) {
			t.Helper()
			synctest.Wait()
			if got := c.state(sid); got != state {
				t.Errorf("%s is %q, want %q", sid, got, state)
			}
		}
		c.start("search=search+a&id=one&timeout=60")
		c.start("search=search+a&id=two")
		want("one", "PARSING")
		want("two", "QUEUED")
		if w := c.do("GET /services/search/v2/jobs/one/results", ""); w.Code != 204 {
			t.Errorf("results too early: %d", w.Code)
		}
		time.Sleep(time.Second)
		want("one", "RUNNING")
		c.control("one", "action=pause")
		time.Sleep(time.Hour)
		want("one", "PAUSE")
		c.control("one", "action=unpause")
		want("one", "DONE")
		want("two", "PARSING")
		c.control("two", "action=finalize")
		want("two", "DONE")
		if content := c.content("two"); content["isFinalized"] != true {
			t.Errorf("two is not finalized: %v", content)
		}

		// A job that nobody looks at is forgotten, one that is touched is not.
		for range 3 {
			time.Sleep(50 * time.Second)
			c.control("one", "action=touch")
		}
		time.Sleep(61 * time.Second)
		want("one", "")
		c.control("two", "action=setttl&ttl=5")
		time.Sleep(6 * time.Second)
		want("two", "")

		c.start("search=search+a&id=three&auto_cancel=2")
		c.start("search=search+a&id=four&auto_cancel=2")
		time.Sleep(time.Second)
		want("three", "RUNNING")
		time.Sleep(1500 * time.Millisecond)
		want("three", "RUNNING")
		want("four", "")
		c.control("three", "action=cancel")
		want("three", "")
	})
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		defer s.Close()
		key, _ := s.logins.login("admin", s.Ready().Password)
		c := caller{t, s, "Splunk " + key}
		for range 3 { // use keeps it alive
			time.Sleep(50 * time.Minute)
			if w := c.do("GET /services/server/info", ""); w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
		}
		time.Sleep(time.Hour)
		if w := c.do("GET /services/server/info", ""); w.Code != 401 {
			t.Errorf("an idle session: %d", w.Code)
		}
	})
}
