package splunk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/zap/zaptest"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func hecConfig() Config {
	return Config{HEC: HEC{URL: "http://127.0.0.1:8088", Token: configs.Static(canaryToken)}}
}

func newCollector(t *testing.T, cfg Config, h http.HandlerFunc) *Collector {
	t.Helper()
	c, err := NewCollector(cfg, zaptest.NewLogger(t), serve(t, h))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestSendPostsTheBodyAsItIs(t *testing.T) {
	var got string
	var header http.Header
	c := newCollector(t, hecConfig(), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, header = r.Method+" "+r.URL.String()+" "+string(body), r.Header
		fmt.Fprint(w, `{"text":"Success","code":0}`)
	})
	if err := c.Send(t.Context(), []byte("\x1f\x8bready gzip")); err != nil {
		t.Fatal(err)
	}
	if want := "POST /services/collector/event \x1f\x8bready gzip"; got != want {
		t.Errorf("got %q", got)
	}
	if header.Get("Content-Encoding") != "gzip" || header.Get("Authorization") != "Splunk "+canaryToken {
		t.Error(header)
	}
}

// What the answers of HEC mean, in one word each.
const (
	isTaken      = "taken"
	isParked     = "parked"
	isParkedBody = "parked body"
	isBusy       = "busy"
	isRejected   = "rejected"
	isUnclear    = "unclear"
)

func meaning(err error) (kind string, event int, after time.Duration) {
	var rejected *pipeline.RejectedError
	var parked *pipeline.ParkedError
	var busy *pipeline.BusyError
	switch {
	case err == nil:
		return isTaken, 0, 0
	case errors.As(err, &parked) && parked.ThisBody:
		return isParkedBody, 0, 0
	case errors.As(err, &parked):
		return isParked, 0, 0
	case errors.As(err, &rejected):
		return isRejected, rejected.Event, 0
	case errors.As(err, &busy):
		return isBusy, 0, busy.After
	}
	return isUnclear, 0, 0
}

func TestWhatHECAnswers(t *testing.T) {
	coded := func(code int) string { return fmt.Sprintf(`{"text":"words of HEC","code":%d}`, code) }
	numbered := func(code, n int) string {
		return fmt.Sprintf(`{"text":"words of HEC","code":%d,"invalid-event-number":%d}`, code, n)
	}
	html := "<!doctype html><title>words of HEC</title>"
	for _, c := range []struct {
		status int
		body   string
		kind   string
		event  int
	}{
		{200, coded(0), isTaken, 0},
		{200, `{"text":"Success","code":0,"ackId":7}`, isTaken, 0},
		{200, coded(24), isTaken, 0},
		{200, coded(25), isTaken, 0},
		{200, coded(6), isUnclear, 0},
		{200, coded(17), isUnclear, 0},
		{200, `{"text":"Success"}`, isParked, 0},
		{200, `{"text":"Success","code":"0"}`, isParked, 0},
		{200, html, isParked, 0},
		{200, ``, isUnclear, 0},
		{201, coded(0), isUnclear, 0},
		{204, ``, isUnclear, 0},
		{302, html, isParked, 0},
		{403, coded(1), isParked, 0},
		{401, coded(2), isParked, 0},
		{401, coded(3), isParked, 0},
		{403, coded(4), isParked, 0},
		{401, html, isParked, 0},
		{407, html, isUnclear, 0},
		{400, coded(5), isRejected, -1},
		{400, numbered(6, 3), isRejected, 3},
		{400, numbered(6, 0), isRejected, 0},
		{400, coded(6), isRejected, -1},
		{400, numbered(6, -5), isRejected, -1},
		{400, numbered(7, 3), isParkedBody, 0},
		{400, coded(7), isParkedBody, 0},
		{500, coded(8), isUnclear, 0},
		{503, coded(9), isBusy, 0},
		{400, coded(10), isParked, 0},
		{400, coded(11), isParked, 0},
		{400, numbered(12, 1), isRejected, 1},
		{400, numbered(13, 2), isRejected, 2},
		{400, coded(14), isParked, 0},
		{400, numbered(15, 4), isRejected, 4},
		{400, coded(16), isParked, 0},
		{503, coded(18), isBusy, 0},
		{503, coded(19), isBusy, 0},
		{503, coded(20), isBusy, 0},
		{400, coded(21), isParked, 0},
		{400, coded(22), isParked, 0},
		{503, coded(23), isBusy, 0},
		{429, coded(26), isBusy, 0},
		{429, coded(27), isBusy, 0},
		{400, coded(28), isParked, 0},
		{400, coded(99), isUnclear, 0},
		{400, html, isParked, 0},
		{404, `{"text":"The requested URL was not found on this server.","code":404}`, isParked, 0},
		{404, html, isParked, 0},
		{405, html, isParked, 0},
		{415, html, isParked, 0},
		{413, html, isRejected, -1},
		{413, numbered(6, 0), isRejected, -1},
		{503, html, isBusy, 0},
		{408, ``, isUnclear, 0},
		{500, html, isUnclear, 0},
		{502, html, isUnclear, 0},
		{504, html, isUnclear, 0},
	} {
		t.Run(fmt.Sprintf("%d %.40s", c.status, c.body), func(t *testing.T) {
			posts := 0
			col := newCollector(t, hecConfig(), func(w http.ResponseWriter, _ *http.Request) {
				posts++
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			err := col.Send(t.Context(), aBody)
			kind, event, _ := meaning(err)
			if kind != c.kind || event != c.event {
				t.Errorf("%s, event %d; want %s, event %d: %v", kind, event, c.kind, c.event, err)
			}
			if posts != 1 {
				t.Errorf("%d posts", posts)
			}
			if err != nil && strings.Contains(c.body, `"words of HEC","code"`) && !strings.Contains(err.Error(), "words of HEC") {
				t.Errorf("%v: hides HEC's words", err)
			}
		})
	}
}

// TestBodyOfAnotherKind: a body that is no HEC request is not sent to HEC.
func TestBodyOfAnotherKind(t *testing.T) {
	posts := 0
	col := newCollector(t, hecConfig(), func(http.ResponseWriter, *http.Request) { posts++ })
	if kind, _, _ := meaning(col.Send(t.Context(), []byte("{}\n"))); kind != isParkedBody || posts != 0 {
		t.Errorf("%s, %d posts", kind, posts)
	}
}

func TestRetryAfter(t *testing.T) {
	date := func(s string) http.Header {
		return http.Header{"Retry-After": {s}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}}
	}
	for _, c := range []struct {
		header http.Header
		want   time.Duration
	}{
		{http.Header{}, 0},
		{date("7"), 7 * time.Second},
		{date(" 0.5 "), 500 * time.Millisecond},
		{date("-1"), 0},
		{date("NaN"), 0},
		{date("soon"), 0},
		{date("9223372037"), 24 * time.Hour},
		{date("1e300"), 24 * time.Hour},
		{date("Mon, 23 Nov 2026 10:00:30 GMT"), 30 * time.Second},
		{date("Mon, 23 Nov 2026 09:00:00 GMT"), 0},
		{date("Mon, 23 Nov 2099 09:00:00 GMT"), 24 * time.Hour},
	} {
		if got := retryAfter(c.header); got != c.want {
			t.Errorf("%v: %s, want %s", c.header, got, c.want)
		}
	}
	col := newCollector(t, hecConfig(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "12")
		w.WriteHeader(503)
	})
	if _, _, after := meaning(col.Send(t.Context(), aBody)); after != 12*time.Second {
		t.Error(after)
	}
}

func TestHealthAndCheckOfHEC(t *testing.T) {
	token := canaryToken
	health := `{"text":"HEC is healthy","code":17}`
	status := 200
	col := newCollector(t, hecConfig(), func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/services/collector/health" {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, health)
			return
		}
		if r.Header.Get("Authorization") != "Splunk "+token {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, `{"text":"Invalid token","code":4}`)
			return
		}
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"text":"No data","code":5}`)
	})
	for _, c := range []struct {
		status       int
		health, kind string
	}{
		{200, `{"text":"HEC is healthy","code":17}`, isTaken},
		{503, `{"text":"HEC is unhealthy, queues are full","code":18}`, isBusy},
		{404, `not found`, isParked},
		{200, `hello`, isParked},
	} {
		status, health = c.status, c.health
		if kind, _, _ := meaning(col.Health(t.Context())); kind != c.kind {
			t.Errorf("%d %s: %s", c.status, c.health, kind)
		}
	}
	if err := col.Check(t.Context()); err != nil {
		t.Error(err)
	}
	token = "another"
	if kind, _, _ := meaning(col.Check(t.Context())); kind != isParked {
		t.Error(kind)
	}
}

func TestAHECTokenIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	node, err := configs.ParseBytes("huntd.yaml", []byte(`hec: { url: "http://127.0.0.1:8088", token: "file:`+path+`" }`))
	if err != nil {
		t.Fatal(err)
	}
	var cfg Config
	if err := configs.Decode(node, &cfg); err != nil {
		t.Fatal(err)
	}
	var seen []string
	col := newCollector(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Splunk new" {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, `{"text":"Invalid token","code":4}`)
			return
		}
		_, _ = io.WriteString(w, `{"text":"Success","code":0}`)
	})
	send := func() string {
		kind, _, _ := meaning(col.Send(t.Context(), aBody))
		return kind
	}
	kinds := []string{send()} // there is no file yet
	for _, content := range []string{"old\n", "new\n", "unread\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, send())
	}
	if d := cmp.Diff([]string{isParked, isParked, isTaken, isTaken}, kinds); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Splunk old", "Splunk new", "Splunk new"}, seen); d != "" {
		t.Error(d)
	}
}

func TestSendWithoutAnAnswer(t *testing.T) {
	col, err := NewCollector(hecConfig(), zaptest.NewLogger(t), Dial(func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, col.Send(t.Context(), aBody), []error{pipeline.ErrUnreachable}, "post events", "connection refused")
	cut := newCollector(t, hecConfig(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "27")
		_, _ = io.WriteString(w, `{"text":"Succ`)
	})
	wantError(t, cut.Send(t.Context(), aBody), nil, "cut short")
	long := newCollector(t, hecConfig(), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", maxHECReply)+`{"text":"Success","code":0}`)
	})
	if kind, _, _ := meaning(long.Send(t.Context(), aBody)); kind == isTaken {
		t.Error("a reply that was not read to its end counts")
	}
}

func FuzzParseHEC(f *testing.F) {
	f.Add(200, []byte(`{"text":"Success","code":0}`))
	f.Add(400, []byte(`{"text":"Invalid data format","code":6,"invalid-event-number":3}`))
	f.Add(503, []byte("<html>"))
	f.Add(400, []byte(`{"code":7,"invalid-event-number":99999999999999999999}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		a := parseHEC(status, http.Header{}, body, func(s string) string { return s })
		b := parseHEC(status, http.Header{}, body, func(s string) string { return s })
		if d := cmp.Diff(a, b, cmp.AllowUnexported(hecAnswer{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		err := a.error()
		if err == nil && (status != 200 || a.code != 0 && a.code != 24 && a.code != 25) {
			t.Fatalf("%d %q counts as taken", status, body)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
			t.Fatalf("%q does not fit a line", err)
		}
	})
}
