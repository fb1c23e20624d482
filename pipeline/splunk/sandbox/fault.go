package sandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A Call is a kind of request, to say which are to go wrong.
type Call string

// The kinds of requests.
const (
	AnyAPI     Call = "api"
	Login      Call = "login"
	CreateJob  Call = "create"
	JobStatus  Call = "status"
	JobResults Call = "results" // and events, and results_preview
	JobControl Call = "control" // and DELETE
	Export     Call = "export"
	AnyHEC     Call = "hec"
	PostEvents Call = "events"
	HECHealth  Call = "health"
	otherCall  Call = ""
)

// A Spoiler answers a request in place of the sandbox, which it may ask by
// next.
type Spoiler func(w http.ResponseWriter, r *http.Request, next http.Handler)

// A Fault makes requests go wrong.
type Fault struct {
	On    Call
	Skip  int // so many are answered well first
	Times int // so many then go wrong; 0 is one
	Do    Spoiler
}

// Inject makes requests go wrong from now on. Of several faults that are due
// the first strikes.
func (s *Sandbox) Inject(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &f)
}

// Heal takes back all faults that were injected.
func (s *Sandbox) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// Calls returns how many requests of a kind there have been, those that went
// wrong included.
func (s *Sandbox) Calls(kind Call) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.calls[kind]
}

// faults are those that are still to strike.
type faults struct {
	mu    sync.Mutex
	list  []*Fault
	calls map[Call]int
}

// due counts a call and returns what is to spoil it, or nil.
func (f *faults) due(kinds ...Call) Spoiler {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[Call]int{}
	}
	for _, k := range kinds {
		f.calls[k]++
	}
	for _, fault := range f.list {
		if fault.Times == 0 || fault.On != kinds[0] && fault.On != kinds[1] {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		fault.Times--
		return fault.Do
	}
	return nil
}

func (f *faults) wrap(next http.Handler, kind func(*http.Request) (all, one Call)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spoil := f.due(kind(r)); spoil != nil {
			spoil(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func apiCall(r *http.Request) (all, one Call) {
	_, path, found := strings.Cut(strings.TrimSuffix(r.URL.Path, "/"), "/search/")
	path = strings.TrimPrefix(path, "v2/")
	rest, isJob := strings.CutPrefix(path, "jobs/")
	_, tail, _ := strings.Cut(rest, "/")
	switch {
	case strings.Contains(r.URL.Path, "/auth/login"):
		return AnyAPI, Login
	case !found:
		return AnyAPI, otherCall
	case path == "jobs" && r.Method == http.MethodPost:
		return AnyAPI, CreateJob
	case path == "jobs/export":
		return AnyAPI, Export
	case isJob && (tail == "control" || r.Method == http.MethodDelete):
		return AnyAPI, JobControl
	case isJob && tail == "":
		return AnyAPI, JobStatus
	case isJob && (tail == "results" || tail == "events" || tail == "results_preview"):
		return AnyAPI, JobResults
	}
	return AnyAPI, otherCall
}

func hecCall(r *http.Request) (all, one Call) {
	switch {
	case strings.Contains(r.URL.Path, "/health"):
		return AnyHEC, HECHealth
	case strings.Contains(r.URL.Path, "/ack"):
		return AnyHEC, otherCall
	}
	return AnyHEC, PostEvents
}

// Answer spoils a request by a status and a body of JSON.
func Answer(status int, body string) Spoiler {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// Unauthorized is the 401 that an expired session key gets.
func Unauthorized() Spoiler {
	return Answer(http.StatusUnauthorized, `{"messages":[{"type":"WARN","text":"call not properly authenticated"}]}`)
}

// TooManySearches is the 503 of a Splunk that runs as many searches as it may.
func TooManySearches() Spoiler {
	return Answer(http.StatusServiceUnavailable, `{"messages":[{"type":"FATAL","text":"Search not executed: `+
		`The maximum number of concurrent historical searches on this instance has been reached., `+
		`concurrency_category=\"historical\", concurrency_context=\"instance-wide\", current_concurrency=10, concurrency_limit=10","help":""}]}`)
}

// Fatal is an error in a reply of status 200, as Splunk tells of what fails
// when the reply has begun.
func Fatal(text string) Spoiler {
	return Answer(http.StatusOK, `{"messages":[{"type":"FATAL","text":`+strconv.Quote(text)+`,"help":""}]}`)
}

// NotYet is the 204 of a job that is too young to say anything.
func NotYet() Spoiler {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusNoContent) }
}

// Busy is HEC's 503.
func Busy() Spoiler {
	return Answer(http.StatusServiceUnavailable, `{"text":"Server is busy","code":9}`)
}

// LostReply does what is asked for and breaks the connection in place of an
// answer.
func LostReply() Spoiler {
	return func(_ http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&recorder{header: http.Header{}}, r)
		panic(http.ErrAbortHandler)
	}
}

// CutReply does what is asked for and breaks the connection in the middle of
// the answer.
func CutReply() Spoiler {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := &recorder{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(rec, r)
		w.Header().Set("Content-Length", strconv.Itoa(rec.body.Len()))
		w.WriteHeader(rec.status)
		_, _ = w.Write(rec.body.Bytes()[:rec.body.Len()/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// A recorder keeps a reply back.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
