package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

// clientOf returns huntd's search side of a sandbox, by password.
func clientOf(t *testing.T, s *sandbox.Sandbox, change func(*splunk.API)) *splunk.Client {
	t.Helper()
	cfg := splunk.Config{API: splunk.API{
		URL: "http://127.0.0.1:8089", User: s.Ready().User, Password: configs.Static(s.Ready().Password), Page: 7,
	}}
	if change != nil {
		change(&cfg.API)
	}
	w := serve(t, s.API())
	c, err := splunk.New(cfg, zaptest.NewLogger(t, zaptest.Level(zapcore.WarnLevel)), splunk.Dial(w.dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func collectorOf(t *testing.T, s *sandbox.Sandbox) *splunk.Collector {
	t.Helper()
	w := serve(t, s.HEC())
	cfg := splunk.Config{HEC: splunk.HEC{URL: "http://127.0.0.1:8088", Token: configs.Static(s.Ready().HECToken)}}
	c, err := splunk.NewCollector(cfg, zaptest.NewLogger(t, zaptest.Level(zapcore.WarnLevel)), splunk.Dial(w.dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

const base = 1_767_225_600 // 2026-01-01T00:00:00Z

// numbered makes a sandbox with n events, one a second, that were indexed in
// another order: up to five minutes late.
func numbered(t *testing.T, n int) *sandbox.Sandbox {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"_time":%d.%03d,"_indextime":"%d","index":"a","n":"%d","_raw":"event %d"}`+"\n", base+i, i%1000, base+i+i*7919%300, i, i)
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sandbox.New(sandbox.Config{})
	t.Cleanup(s.Close)
	if err := s.LoadFile(path); err != nil {
		t.Fatal(err)
	}
	return s
}

// fetch reads a window and counts how often each n comes.
func fetch(ctx context.Context, src pipeline.Source, w pipeline.Window, seen map[int]int) error {
	for b, err := range src.Fetch(ctx, w) {
		if err != nil {
			return err
		}
		for row := range b.Len() {
			n, err := strconv.Atoi(b.Get(row, b.Dict().Key("n")))
			if err != nil {
				return err
			}
			seen[n]++
		}
	}
	return nil
}

func wantOnce(t *testing.T, seen map[int]int, n int) {
	t.Helper()
	for i := range n {
		if seen[i] != 1 {
			t.Fatalf("event %d came %d times, of %d events", i, seen[i], len(seen))
		}
	}
	if len(seen) != n {
		t.Errorf("%d events came, want %d", len(seen), n)
	}
}

func TestClientReadsPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		s := numbered(t, n)
		seen := map[int]int{}
		src := clientOf(t, s, nil).Search(pipeline.Search{Query: `search index=a event`})
		if err := fetch(t.Context(), src, pipeline.Window{From: base, To: base + 1000}, seen); err != nil {
			t.Fatal(err)
		}
		wantOnce(t, seen, n)
		if pages := s.Calls(sandbox.JobResults); pages < n/7 {
			t.Errorf("%d pages were read", pages)
		}
		if s.Calls(sandbox.JobControl) != 1 {
			t.Error("the job was not cancelled")
		}
	})
}

func TestWindowsTile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		s := numbered(t, n)
		c := clientOf(t, s, func(a *splunk.API) { a.Page = 500 })
		for _, byEvent := range []bool{false, true} {
			src := c.Search(pipeline.Search{Query: `search index=a`, EventTime: byEvent})
			seen := map[int]int{}
			for from := int64(base); from < base+n+300; from += 211 {
				if err := fetch(t.Context(), src, pipeline.Window{From: from, To: from + 211}, seen); err != nil {
					t.Fatal(err)
				}
			}
			wantOnce(t, seen, n)
		}
	})
}

func TestClientSurvives(t *testing.T) {
	const n = 50
	for _, test := range []struct {
		name  string
		spoil func(s *sandbox.Sandbox)
		token bool
		err   error
	}{
		{name: "a session that ends at once", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobResults, Skip: 2, Do: expire(s)})
		}},
		{name: "401 mid-run", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobStatus, Do: sandbox.Unauthorized()})
		}},
		{name: "401 with a token", token: true, spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobResults, Skip: 1, Do: sandbox.Unauthorized()})
		}},
		{name: "too many searches", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.CreateJob, Times: 2, Do: sandbox.TooManySearches()})
		}},
		{name: "a lost reply to the creation", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.CreateJob, Do: sandbox.LostReply()})
		}},
		{name: "a cut page", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobResults, Skip: 1, Do: sandbox.CutReply()})
		}},
		{name: "nothing yet", spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobStatus, Times: 2, Do: sandbox.NotYet()})
		}},
		{name: "a failed job", err: pipeline.ErrPermanent, spoil: func(s *sandbox.Sandbox) { s.FailJobs(1, "Error in 'x' command: no") }},
		{name: "FATAL in a page", err: pipeline.ErrPermanent, spoil: func(s *sandbox.Sandbox) {
			s.Inject(sandbox.Fault{On: sandbox.JobResults, Skip: 3, Do: sandbox.Fatal("no \"x\"")})
		}},
		{name: "a revoked token", token: true, err: pipeline.ErrRefused, spoil: func(s *sandbox.Sandbox) { s.RevokeToken() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := numbered(t, n)
				c := clientOf(t, s, func(a *splunk.API) {
					if test.token {
						a.User, a.Password, a.Token = "", nil, configs.Static(s.Ready().Token)
					}
				})
				test.spoil(s)
				seen := map[int]int{}
				err := fetch(t.Context(), c.Search(pipeline.Search{Query: `search index=a`}), pipeline.Window{From: base, To: base + 1000}, seen)
				if test.err != nil {
					if !errors.Is(err, test.err) {
						t.Errorf("%v, want %v", err, test.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				wantOnce(t, seen, n)
			})
		})
	}
}

// expire ends all sessions and then does what is asked for.
func expire(s *sandbox.Sandbox) sandbox.Spoiler {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		s.ExpireSessions()
		next.ServeHTTP(w, r)
	}
}

func TestClientChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Config{})
		t.Cleanup(s.Close)
		id, err := clientOf(t, s, func(a *splunk.API) {
			a.User, a.Password, a.Token = "", nil, configs.Static(s.Ready().Token)
		}).Check(t.Context())
		if err != nil || id.User != "admin" || !id.Expires.Equal(time.Now().Add(30*24*time.Hour)) {
			t.Errorf("%+v %v", id, err)
		}
		_, err = clientOf(t, s, func(a *splunk.API) { a.Password = configs.Static("wrong-password") }).Check(t.Context())
		if !errors.Is(err, pipeline.ErrRefused) || !strings.Contains(err.Error(), "Login failed") {
			t.Errorf("a wrong password: %v", err)
		}
		c := collectorOf(t, s)
		if err := errors.Join(c.Health(t.Context()), c.Check(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

func body(events ...string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for _, e := range events {
		fmt.Fprintf(z, `{"time":%d,"index":"a","event":{"n":%q}}`+"\n", base, e)
	}
	_ = z.Close() // a Buffer takes everything
	return b.Bytes()
}

func TestCollectorDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Config{})
		t.Cleanup(s.Close)
		c := collectorOf(t, s)
		if err := c.Send(t.Context(), body("0", "1")); err != nil {
			t.Fatal(err)
		}
		// What HEC has taken is found at once.
		seen := map[int]int{}
		src := clientOf(t, s, nil).Search(pipeline.Search{Query: `search index=a`, EventTime: true})
		if err := fetch(t.Context(), src, pipeline.Window{From: base, To: base + 1}, seen); err != nil {
			t.Fatal(err)
		}
		wantOnce(t, seen, 2)

		s.DisableHECToken(true)
		var parked *pipeline.ParkedError
		if err := c.Send(t.Context(), body("2")); !errors.As(err, &parked) || parked.Status != 403 {
			t.Errorf("a disabled token: %v", err)
		}
		s.DisableHECToken(false)
		s.Poison(`"bad"`)
		var rejected *pipeline.RejectedError
		if err := c.Send(t.Context(), body("2", "bad", "3")); !errors.As(err, &rejected) || rejected.Event != 1 {
			t.Errorf("a poisonous event: %v", err)
		}
		s.ForbidIndex("a")
		if err := c.Send(t.Context(), body("4")); !errors.As(err, &parked) || !parked.ThisBody {
			t.Errorf("a forbidden index: %v", err)
		}
		s.Inject(sandbox.Fault{On: sandbox.PostEvents, Do: sandbox.Busy()})
		var busy *pipeline.BusyError
		if err := c.Send(t.Context(), body("5")); !errors.As(err, &busy) {
			t.Errorf("a busy HEC: %v", err)
		}
		if n := len(s.Received()); n != 3 {
			t.Errorf("%d events were accepted, want 3", n)
		}
	})
}

func TestLostReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Config{})
		t.Cleanup(s.Close)
		c := collectorOf(t, s)
		s.Inject(sandbox.Fault{On: sandbox.PostEvents, Do: sandbox.LostReply()})
		err := c.Send(t.Context(), body("0"))
		if !errors.Is(err, pipeline.ErrUnreachable) {
			t.Errorf("%v", err)
		}
		if n := len(s.Received()); n != 1 {
			t.Errorf("%d events were accepted, want 1", n)
		}
	})
}
