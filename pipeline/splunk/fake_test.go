package splunk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// memory is a network of one listener, without sockets, so that it also works
// where time is not real.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func listen() *memory { return &memory{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.TCPAddr{} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case m.conns <- there:
		return here, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs a handler in memory until the test ends.
func serve(t *testing.T, h http.Handler) Option {
	t.Helper()
	m := listen()
	srv := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(m)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return Dial(m.dial)
}

const (
	canaryPassword = "canary-password-4711"
	canaryToken    = "canary-token-0815-0815"
	canaryKey      = "canary-session-key"
)

func loginConfig() Config {
	return Config{API: API{URL: "http://127.0.0.1:8089", User: "hunter", Password: configs.Static(canaryPassword)}}
}

func tokenConfig() Config {
	return Config{API: API{URL: "http://127.0.0.1:8089", Token: configs.Static(canaryToken)}}
}

func newClient(t *testing.T, cfg Config, h http.Handler) *Client {
	t.Helper()
	c, err := New(cfg, zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel)), serve(t, h))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A fake is a Splunk of one search, whose behaviour tests bend.
type fake struct {
	mu      sync.Mutex
	rows    int                 // the job's rows
	pageMax int                 // the most rows it gives at once; 0 is no bound
	content func(n int) any     // the job's content at the n-th look; nil for DONE at once
	bend    map[string]bendFunc // by "METHOD /path" with {sid}; tried before the usual answer
	calls   map[string]int
	posted  url.Values // the form of the last created job
	jobs    map[string]bool
	gone    []string // cancelled
	logins  int
	key     string
}

// A bendFunc answers the n-th call (from 1) of its kind, or returns false.
type bendFunc func(n int, w http.ResponseWriter, r *http.Request) bool

func newFake(rows int) *fake {
	return &fake{rows: rows, bend: map[string]bendFunc{}, calls: map[string]int{}, jobs: map[string]bool{}}
}

const (
	callLogin   = "POST /services/auth/login"
	callCreate  = "POST /services/search/v2/jobs"
	callStatus  = "GET /services/search/v2/jobs/{sid}"
	callResults = "GET /services/search/v2/jobs/{sid}/results"
	callControl = "POST /services/search/v2/jobs/{sid}/control"
	callContext = "GET /services/authentication/current-context"
)

func (f *fake) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

func (f *fake) cancelled() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.gone)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sid := ""
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/services/search/v2/jobs/"); ok {
		var tail string
		sid, tail, _ = strings.Cut(rest, "/")
		path = strings.TrimSuffix("/services/search/v2/jobs/{sid}/"+tail, "/")
	}
	call := r.Method + " " + path
	f.mu.Lock()
	f.calls[call]++
	n := f.calls[call]
	bend := f.bend[call]
	f.mu.Unlock()
	if bend != nil && bend(n, w, r) {
		return
	}
	f.answer(call, sid, n, w, r)
}

func (f *fake) answer(call, sid string, n int, w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if call == callLogin {
		f.logins++
		if r.PostFormValue("password") != canaryPassword {
			refuse(w, http.StatusUnauthorized, "WARN", "Login failed")
			return
		}
		f.key = fmt.Sprintf("%s-%d", canaryKey, f.logins)
		reply(w, http.StatusOK, map[string]string{"sessionKey": f.key})
		return
	}
	if auth := r.Header.Get("Authorization"); auth != "Bearer "+canaryToken && (f.key == "" || auth != "Splunk "+f.key) {
		refuse(w, http.StatusUnauthorized, "WARN", "call not properly authenticated")
		return
	}
	switch call {
	case callContext:
		reply(w, http.StatusOK, entry(map[string]any{"username": "hunter", "roles": []string{"user"}, "capabilities": []string{"search"}}))
	case callCreate:
		_ = r.ParseForm()
		f.posted = r.PostForm
		f.jobs[r.PostFormValue("id")] = true
		reply(w, http.StatusCreated, map[string]string{"sid": r.PostFormValue("id")})
	default:
		f.job(call, sid, n, w, r)
	}
}

func (f *fake) job(call, sid string, n int, w http.ResponseWriter, r *http.Request) {
	if !f.jobs[sid] {
		refuse(w, http.StatusNotFound, "FATAL", "Unknown sid.")
		return
	}
	switch call {
	case callStatus:
		if f.content != nil {
			reply(w, http.StatusOK, entry(f.content(n)))
			return
		}
		reply(w, http.StatusOK, entry(done(f.rows)))
	case callControl:
		if r.PostFormValue("action") == "cancel" {
			f.gone = append(f.gone, sid)
			delete(f.jobs, sid)
		}
		reply(w, http.StatusOK, map[string]any{"messages": []any{}})
	case callResults:
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		count, _ := strconv.Atoi(r.URL.Query().Get("count"))
		if f.pageMax > 0 {
			count = min(count, f.pageMax)
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_, _ = w.Write(rowsJSON(offset, min(count, f.rows-offset)))
	default:
		refuse(w, http.StatusNotFound, "ERROR", "Not Found")
	}
}

func rowsJSON(offset, count int) []byte {
	b := []byte(`{"preview":false,"init_offset":` + strconv.Itoa(offset) + `,"messages":[],"fields":[{"name":"n"}],"results":[`)
	for i := range count {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"n":"%d","_time":"2026-11-23T10:00:00.250+01:00"}`, offset+i)
	}
	return append(b, `],"highlighted":{}}`...)
}

func entry(content any) any {
	return map[string]any{"entry": []any{map[string]any{"name": "search", "content": content}}}
}

func done(rows int) map[string]any {
	return map[string]any{
		"dispatchState": "DONE", "isDone": true, "isFailed": false, "isFinalized": "0",
		"eventIsTruncated": false, "resultCount": rows, "messages": []any{},
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	reply(w, status, map[string]any{"messages": []any{map[string]string{"type": kind, "text": text}}})
}

// first bends the first n calls to a status.
func first(n, status int) bendFunc {
	return func(i int, w http.ResponseWriter, _ *http.Request) bool {
		if i > n {
			return false
		}
		if status == http.StatusNoContent {
			w.WriteHeader(status)
			return true
		}
		refuse(w, status, "FATAL", "bent")
		return true
	}
}

func always(status int) bendFunc { return first(1<<30, status) }

var window = pipeline.Window{From: 1_763_890_000, To: 1_763_890_300}

// fetch reads a window whole and returns the values of the field n.
func fetch(ctx context.Context, src pipeline.Source) (got []string, err error) {
	for b, err := range src.Fetch(ctx, window) {
		if err != nil {
			return got, err
		}
		for row := range b.Len() {
			got = append(got, strings.Clone(b.Get(row, b.Dict().Key("n"))))
		}
	}
	return got, nil
}

func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}

func wantError(t *testing.T, err error, marks []error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, mark := range []error{pipeline.ErrRefused, pipeline.ErrUnreachable, pipeline.ErrPermanent, pipeline.ErrIncomplete, pipeline.ErrTooMuch} {
		want := slices.Contains(marks, mark)
		if errors.Is(err, mark) != want {
			t.Errorf("%v: marked as %v: %t, want %t", err, mark, !want, want)
		}
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v: does not say %q", err, word)
		}
	}
	for _, secret := range []string{canaryKey, canaryPassword, canaryToken} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v: shows a secret", err)
		}
	}
}

func searchOf(c *Client) pipeline.Source {
	return c.Search(pipeline.Search{Query: "search index=a", MaxEventAge: time.Hour})
}

// aBody begins as bodies do.
var aBody = []byte("\x1f\x8bx")
