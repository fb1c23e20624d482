package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// post posts a body to HEC and returns the status and the reply.
func post(s *Sandbox, path, body string, header ...string) (int, string) {
	method, path, found := strings.Cut(path, " ")
	if !found {
		method, path = "POST", method
	}
	r := httptest.NewRequest(method, "/services/collector"+path, strings.NewReader(body))
	r.Host = "hec:8088"
	r.Header.Set("Authorization", "Splunk "+s.Ready().HECToken)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	w := httptest.NewRecorder()
	s.HEC().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

const success = `{"text":"Success","code":0}`

func TestHECReplies(t *testing.T) {
	const at = `"time":1,"host":"h",`
	for _, test := range []struct {
		name, path, body string
		header           []string
		status           int
		reply            string
		accepted         int
	}{
		{name: "one", body: `{"event":"a"}`, status: 200, reply: success, accepted: 1},
		{name: "path", path: "/event", body: `{"event":"a"}`, status: 200, reply: success, accepted: 1},
		{name: "path with version", path: "/event/1.0", body: `{"event":"a"}`, status: 200, reply: success, accepted: 1},
		{name: "one behind another", body: `{"event":"a"}{"event":{"b":1}} ` + "\n" + `{"event":[1]}{"event":5}`, status: 200, reply: success, accepted: 4},
		{name: "list", body: `[{"event":"a"},{"event":"b"}]`, status: 200, reply: success, accepted: 2},
		{name: "gzip", body: zipped(`{"event":"a"}`), header: []string{"Content-Encoding", "gzip"}, status: 200, reply: success, accepted: 1},
		{name: "no gzip", body: `{"event":"a"}`, header: []string{"Content-Encoding", "gzip"}, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{name: "cut gzip", body: zipped(`{"event":"a"}`)[:20], header: []string{"Content-Encoding", "gzip"}, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{name: "deflate", body: `x`, header: []string{"Content-Encoding", "deflate"}, status: 415, reply: `<!doctype html><html><head><title>415 Unsupported Media Type</title></head><body><h1>Unsupported Media Type</h1></body></html>` + "\r\n"},

		{name: "no token", body: `{"event":"a"}`, header: []string{"Authorization", ""}, status: 401, reply: `{"text":"Token is required","code":2}`},
		{name: "other scheme", body: `{"event":"a"}`, header: []string{"Authorization", "Bearer x"}, status: 401, reply: `{"text":"Invalid authorization","code":3}`},
		{name: "scheme alone", body: `{"event":"a"}`, header: []string{"Authorization", "Splunk"}, status: 401, reply: `{"text":"Invalid authorization","code":3}`},
		{name: "other token", body: `{"event":"a"}`, header: []string{"Authorization", "Splunk x"}, status: 403, reply: `{"text":"Invalid token","code":4}`},
		{name: "other token in the URL", path: "?token=x", body: `{"event":"a"}`, status: 403, reply: `{"text":"Invalid token","code":4}`},
		{name: "nothing", status: 400, reply: `{"text":"No data","code":5}`},
		{name: "blanks", body: " \n", status: 400, reply: `{"text":"No data","code":5}`},
		{name: "no JSON", body: `hello`, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{name: "no object", body: `{"event":"a"}5`, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`, accepted: 1},
		{name: "cut", body: `{"event":"a"}{"event":"b"}{"event":`, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":2}`, accepted: 2},
		{name: "cut list", body: `[{"event":"a"},`, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`, accepted: 1},
		{name: "too large", body: `{"event":"a"}{"event":"` + strings.Repeat("x", maxEvent) + `"}`, status: 400, reply: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`, accepted: 1},
		{name: "index", body: `{"event":"a","index":"any"}{"event":"b","index":"No Index"}`, status: 400, reply: `{"text":"Incorrect index","code":7,"invalid-event-number":2}`, accepted: 1},
		{name: "no event", body: `{"event":"a"}{` + at + `"source":"s"}{"event":"c"}`, status: 400, reply: `{"text":"Event field is required","code":12,"invalid-event-number":1}`, accepted: 1},
		{name: "blank", body: `{"event":""}`, status: 400, reply: `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`},
		{name: "null", body: `{"event":null}`, status: 400, reply: `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`},
		{name: "time as text", body: `{"time":"1763892001.5","event":"a"}`, status: 200, reply: success, accepted: 1},
		{name: "exponent", body: `{"time":1.7e9,"event":"a"}`, status: 400, reply: `{"text":"Error in handling indexed fields","code":15,"invalid-event-number":0}`},
		{name: "no time", body: `{"time":"soon","event":"a"}`, status: 400, reply: `{"text":"Error in handling indexed fields","code":15,"invalid-event-number":0}`},
		{name: "nested fields", body: `{"event":"a","fields":{"a":{"b":1}}}`, status: 400, reply: `{"text":"Error in handling indexed fields","code":15,"invalid-event-number":0}`},
		{name: "lists in fields", body: `{"event":"a","fields":{"a":["b",1]}}`, status: 200, reply: success, accepted: 1},
		{name: "metric", body: `{"fields":{"a":1}}`, status: 200, reply: success},
		{name: "unknown key alone", body: `{"event":"a","evnt":1}`, status: 400, reply: `{"text":"No data","code":5}`},
		{name: "unknown key", body: `{"event":"a"}{"event":"b","evnt":1}{"event":"c"}`, status: 200, reply: success, accepted: 1},

		{name: "raw", path: "/raw?index=raws&sourcetype=lines", body: "a\r\n\nb b", status: 200, reply: success, accepted: 2},
		{name: "raw index", path: "/raw?index=No", body: "a", status: 400, reply: `{"text":"Incorrect index","code":7,"invalid-event-number":1}`},
		{name: "health", path: "GET /health", header: []string{"Authorization", ""}, status: 200, reply: `{"text":"HEC is healthy","code":17}`},
		{name: "health with a token", path: "GET /health/1.0?token=x", status: 400, reply: `{"text":"Invalid token","code":21}`},
		{name: "ack", path: "/ack?channel=x", body: `{"acks":[0]}`, status: 400, reply: `{"text":"ACK is disabled","code":14}`},
		{name: "method", path: "GET /event", status: 405, reply: `{"text":"The requested URL was not found on this server.","code":404}`},
		{name: "unknown path", path: "/events", status: 404, reply: `{"text":"The requested URL was not found on this server.","code":404}`},
		{name: "options", path: "OPTIONS /event", status: 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := New(Config{})
			defer s.Close()
			status, reply := post(s, test.path, test.body, test.header...)
			if status != test.status || reply != test.reply {
				t.Errorf("%d %s\nwant %d %s", status, reply, test.status, test.reply)
			}
			if n := len(s.Received()); n != test.accepted {
				t.Errorf("%d accepted, want %d", n, test.accepted)
			}
			if n := len(s.store.snapshot().events); n != test.accepted {
				t.Errorf("%d indexed, want %d", n, test.accepted)
			}
		})
	}
}

func TestHECTokenInURL(t *testing.T) {
	s := New(Config{})
	defer s.Close()
	if status, reply := post(s, "?token="+s.Ready().HECToken, `{"event":"a"}`); status != 400 || reply != `{"text":"Query string authorization is not enabled","code":16}` {
		t.Errorf("%d %s", status, reply)
	}
	if status, reply := post(s, "GET /health?token="+s.Ready().HECToken, ""); status != 200 {
		t.Errorf("health: %d %s", status, reply)
	}
	r := httptest.NewRequest("POST", "/services/collector", strings.NewReader(`{"event":"a"}`))
	r.SetBasicAuth("x", s.Ready().HECToken)
	w := httptest.NewRecorder()
	s.HEC().ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("Basic: %d %s", w.Code, w.Body)
	}
}

func TestReceivedLines(t *testing.T) {
	var file bytes.Buffer
	s := New(Config{Received: &file})
	defer s.Close()
	body := `{"time":"1763892000.123000","host":"h","source":"s","sourcetype":"t","index":"hunts","event":{"b": "<x>", "a":[1]},"fields":{"id":"7","tags":["a","b"]}}` +
		`{"event":"text","time":1763892001}`
	if status, reply := post(s, "?index=other", body); status != 200 {
		t.Fatalf("%d %s", status, reply)
	}
	want := `{"time":1763892000.123,"host":"h","source":"s","sourcetype":"t","index":"hunts","event":{"b":"<x>","a":[1]},"fields":{"id":"7","tags":["a","b"]}}
{"time":1763892001,"host":"hec:8088","source":"http:sandbox","sourcetype":"httpevent","index":"other","event":"text","fields":{}}
`
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var lines []string
	for _, l := range s.Received() {
		lines = append(lines, string(l)+"\n")
	}
	if diff := cmp.Diff(want, strings.Join(lines, "")); diff != "" {
		t.Errorf("Received (-want +got):\n%s", diff)
	}
}

func TestAcceptedEventsAreSearchable(t *testing.T) {
	s := New(Config{})
	defer s.Close()
	body := `{"time":1763892000,"index":"hunts","host":"h","event":{"title":"T","n":5,"host":"inner","entities":{"url":"u"},"attack":["x","y"],"evidence":[{"a":"1"},{"a":"2"}],"none":null},"fields":{"huntd_id":"42","n":"six"}}`
	if status, reply := post(s, "", body); status != 200 {
		t.Fatalf("%d %s", status, reply)
	}
	columns, rows, err := rowsOf(s, `search index=hunts huntd_id=42 "attack" entities.url=u attack{}=y evidence{}.a=2 | fields - _cd _bkt _si _serial _indextime _raw`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"_time", "index", "host", "source", "sourcetype", "attack{}", "entities.url", "evidence{}.a", "n", "title", "huntd_id"}, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2025-11-23T10:00:00.000+00:00,hunts,h,http:sandbox,httpevent,x+y,u,1+2,six,T,42"}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// A faultyWriter fails as its list says, having written half.
type faultyWriter struct {
	bytes.Buffer
	faults []bool
	flush  int
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	fails := len(w.faults) > 0 && w.faults[0]
	if len(w.faults) > 0 {
		w.faults = w.faults[1:]
	}
	if fails {
		n, _ := w.Buffer.Write(p[:len(p)/2])
		return n, errors.New("no space left on device")
	}
	return w.Buffer.Write(p)
}

func (w *faultyWriter) Flush() error {
	w.flush++
	return nil
}

func TestReceivedFails(t *testing.T) {
	w := &faultyWriter{faults: []bool{true, false}}
	s := New(Config{Received: w})
	defer s.Close()
	if status, reply := post(s, "", `{"event":"a"}`); status != 500 || reply != `{"text":"Internal server error","code":8}` {
		t.Errorf("%d %s", status, reply)
	}
	if n := len(s.Received()) + len(s.store.snapshot().events); n != 0 {
		t.Errorf("%d events were accepted that are not written down", n)
	}
	if status, reply := post(s, "", `{"event":"b"}`); status != 200 || w.flush != 1 {
		t.Errorf("%d %s, flushed %d times", status, reply, w.flush)
	}
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	if !json.Valid([]byte(lines[len(lines)-1])) || len(lines) != 2 {
		t.Errorf("the line behind a torn one: %q", lines)
	}
}

func TestHECFaults(t *testing.T) {
	s := New(Config{})
	defer s.Close()
	want := func(body string, status int, reply string) {
		t.Helper()
		if gotStatus, got := post(s, "", body); gotStatus != status || got != reply {
			t.Errorf("%d %s\nwant %d %s", gotStatus, got, status, reply)
		}
	}
	s.DisableHECToken(true)
	want(`{"event":"a"}`, 403, `{"text":"Token disabled","code":1}`)
	if status, reply := post(s, "GET /health?token="+s.Ready().HECToken, ""); status != 400 || reply != `{"text":"Token disabled","code":22}` {
		t.Errorf("health: %d %s", status, reply)
	}
	s.DisableHECToken(false)
	want(`{"event":"a"}`, 200, success)
	s.Poison("bad")
	want(`{"event":"b"}{"event":"bad"}{"event":"c"}`, 400, `{"text":"Invalid data format","code":6,"invalid-event-number":1}`)
	s.Poison("")
	s.ForbidIndex("secret")
	want(`{"event":"a","index":"secret"}`, 400, `{"text":"Incorrect index","code":7,"invalid-event-number":1}`)
	s.Inject(Fault{On: PostEvents, Skip: 1, Times: 2, Do: Busy()})
	for i, status := range []int{200, 503, 503, 200} {
		if got, reply := post(s, "", `{"event":"n"}`); got != status {
			t.Errorf("post %d: %d %s, want %d", i, got, reply, status)
		}
	}
	s.Inject(Fault{On: AnyHEC, Times: -1, Do: Busy()})
	for range 3 {
		want(`{"event":"n"}`, 503, `{"text":"Server is busy","code":9}`)
	}
	s.Heal()
	want(`{"event":"n"}`, 200, success)
	if n := len(s.Received()); n != 5 {
		t.Errorf("%d events were accepted, want 5", n)
	}
}

func TestAcks(t *testing.T) {
	s := New(Config{Ack: true})
	defer s.Close()
	const channel, header = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba", "X-Splunk-Request-Channel"
	for _, step := range []struct {
		path, body string
		header     []string
		status     int
		reply      string
	}{
		{"", `{"event":"a"}`, nil, 400, `{"text":"Data channel is missing","code":10}`},
		{"", `{"event":"a"}`, []string{header, "x"}, 400, `{"text":"Invalid data channel","code":11}`},
		{"", `{"event":"a"}`, []string{header, channel}, 200, `{"text":"Success","code":0,"ackId":0}`},
		{"?channel=" + channel, `{"event":"a"}5`, nil, 400, `{"text":"Invalid data format","code":6,"invalid-event-number":1,"ackId":1}`},
		{"", `5`, []string{header, channel}, 400, `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"/ack", `{"acks":[0]}`, nil, 400, `{"text":"Data channel is missing","code":10}`},
		{"/ack?channel=" + channel, `{"acks":[0,2]}`, nil, 200, `{"acks":{"0":true,"2":false}}`},
		{"/ack?channel=" + channel, `{"acks":[0,1]}`, nil, 200, `{"acks":{"0":false,"1":true}}`},
	} {
		if status, reply := post(s, step.path, step.body, step.header...); status != step.status || reply != step.reply {
			t.Errorf("%s %s: %d %s\nwant %d %s", step.path, step.body, status, reply, step.status, step.reply)
		}
	}
	s.NeverAck(true)
	post(s, "", `{"event":"a"}`, header, channel)
	if status, reply := post(s, "/ack?channel="+channel, `{"acks":[2]}`); status != 200 || reply != `{"acks":{"2":false}}` {
		t.Errorf("never: %d %s", status, reply)
	}
}

// FuzzHEC: whatever is posted, the prefix that is accepted and the reply agree.
func FuzzHEC(f *testing.F) {
	for _, seed := range []string{
		`{"event":"a"}{"event":{"b":[1,{"c":null}]},"fields":{"x":["y"]},"time":1.5}`, `[{"event":1}]`, `[`, `{"event":"a"}]`, `{"event":"a","index":"X"}`,
		`{"time":"1e5","event":0}`, `{}`, "\x1f\x8b", `{"event":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := New(Config{})
		defer s.Close()
		status, text := post(s, "", body)
		var reply struct {
			Code  *int
			Event *int `json:"invalid-event-number"`
		}
		if err := json.Unmarshal([]byte(text), &reply); err != nil || reply.Code == nil {
			t.Fatalf("%d %s: %v", status, text, err)
		}
		n := len(s.Received())
		switch {
		case n != len(s.store.snapshot().events):
			t.Errorf("%d received, %d indexed", n, len(s.store.snapshot().events))
		case status == 200 && *reply.Code != 0, status == 400 && *reply.Code == 5 && n > 0:
			t.Errorf("%d %s with %d accepted", status, text, n)
		case reply.Event != nil && *reply.Code != 7 && *reply.Event < n:
			t.Errorf("%s, but %d were accepted", text, n)
		}
	})
}
