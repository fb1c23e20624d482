package splunk

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/huntd/huntd/pipeline"
)

// TestMain sees to it that no client, whatever it met, leaves a goroutine.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// says answers every call with a text.
func says(text string) bendFunc {
	return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(text))
		return true
	}
}

// nth answers the n-th call with a text.
func nth(n int, text string) bendFunc {
	return func(i int, w http.ResponseWriter, r *http.Request) bool {
		return i == n && says(text)(i, w, r)
	}
}

// gives answers with rows from a number on, whatever was asked for.
func gives(from func(offset int) int, count func(asked int) int) bendFunc {
	return func(_ int, w http.ResponseWriter, r *http.Request) bool {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		asked, _ := strconv.Atoi(r.URL.Query().Get("count"))
		_, _ = w.Write(rowsJSON(from(offset), count(asked)))
		return true
	}
}

func same(n int) int { return n }

// rowsFrom is a page of rows 0 to n that claims to begin elsewhere.
func rowsFrom(claim string, n int) string {
	rows := string(rowsJSON(0, n))
	return `{"preview":false,` + claim + rows[len(`{"preview":false,"init_offset":0,`):]
}

// TestSearchIsLiedTo reads 30 rows in pages of 10 from a server whose pages do
// not fit together.
func TestSearchIsLiedTo(t *testing.T) {
	whole, none := []error{pipeline.ErrIncomplete}, []error(nil)
	for _, c := range []struct {
		name    string
		content func(int) any
		bend    bendFunc
		marks   []error
		words   string // "" for success
	}{
		{"more rows counted than there are", stateOf(35), nil, whole, "30 rows arrived of the 35"},
		{"fewer rows counted, in the last page", stateOf(28), nil, whole, "29 rows arrived of the 28"},
		{"fewer rows counted, by a whole page", stateOf(20), nil, whole, "21 rows arrived of the 20"},
		{"none counted", stateOf(0), nil, whole, "1 rows arrived of the 0"},
		{"count of half a row", stateOf(30, "resultCount", 29.5), nil, whole, `resultCount "29.5"`},
		{"count below nothing", stateOf(30, "resultCount", -1), nil, whole, `resultCount "-1"`},
		{"a page in the middle is empty", nil, nth(2, string(rowsJSON(10, 0))), whole, "10 rows arrived of the 30"},
		{"a page is short", nil, nth(2, string(rowsJSON(10, 3))), none, ""},
		{"a page has more rows than asked for", nil, nth(2, string(rowsJSON(10, 15))), none, ""},
		{"more rows than there are", nil, nth(2, string(rowsJSON(10, 25))), whole, "35 rows arrived of the 30"},
		{"the page before again", nil, gives(func(int) int { return 0 }, same), none, "rows from 10 on were asked for, rows from 0 on came"},
		{"the page before again, once", nil, nth(2, string(rowsJSON(0, 10))), none, ""},
		{"a page that does not say where it begins", nil, nth(1, rowsFrom("", 10)), none, ""},
		{"pages that do not say where they begin", nil, says(rowsFrom("", 10)), none, "rows from nowhere on came"},
		{"pages that begin at a word", nil, says(rowsFrom(`"init_offset":"first",`, 10)), none, "rows from first on came"},
		{"pages that begin between rows", nil, says(rowsFrom(`"init_offset":0.5,`, 10)), none, "rows from 0.5 on came"},
		{"names twice, a failure hidden", nil, says(`{"messages":[{"type":"FATAL","text":"x"}],"messages":[],"results":[]}`), []error{pipeline.ErrPermanent}, "FATAL x"},
		{"names twice, a preview hidden", nil, says(`{"preview":true,"preview":false,"results":[]}`), none, "a name stands there twice"},
		{"names twice in a status, a failure hidden", nil, nil, []error{pipeline.ErrPermanent}, "FATAL hidden"},
		{"preview for ever", nil, says(`{"preview":true,"init_offset":0,"results":[{"n":"0"}]}`), none, "not there yet"},
		{"nothing at all", nil, says(""), none, "cut short or garbled"},
		{"null", nil, says("null"), none, "cut short or garbled"},
		{"a list", nil, says("[]"), none, "cut short or garbled"},
		{"HTML", nil, says("<!doctype html><title>Welcome</title>"), none, "cut short or garbled"},
		{"the job vanishes between pages", nil, func(i int, w http.ResponseWriter, _ *http.Request) bool {
			if i > 1 {
				refuse(w, 404, "FATAL", "Unknown sid.")
			}
			return i > 1
		}, none, "status 404: FATAL Unknown sid."},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(30)
				f.content, f.bend[callResults] = c.content, c.bend
				if c.words == "FATAL hidden" {
					f.bend[callStatus] = says(`{"entry":[{"content":{"dispatchState":"DONE","isDone":true,"resultCount":30,"messages":[{"type":"FATAL","text":"hidden"}],"messages":[]}}]}`)
				}
				cfg := tokenConfig()
				cfg.API.Page = 10
				got, err := fetch(t.Context(), searchOf(newClient(t, cfg, f)))
				if f.cancelled() != 1 {
					t.Error("the job was left behind")
				}
				if n := f.count(callResults); n > 6 {
					t.Errorf("%d pages were read", n)
				}
				if c.words != "" {
					wantError(t, err, c.marks, c.words)
					return
				}
				if d := cmp.Diff(numbers(30), got); err != nil || d != "" {
					t.Fatal(err, d)
				}
			})
		})
	}
}

// TestAnEmptySearchIsAskedForRows: none may come, in any of the ways in which
// none come.
func TestAnEmptySearchIsAskedForRows(t *testing.T) {
	f := newFake(0)
	if got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f))); err != nil || len(got) > 0 || f.count(callResults) != 1 {
		t.Error(got, err, f.count(callResults))
	}
	f.bend[callResults] = always(http.StatusNoContent)
	if got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f))); err != nil || len(got) > 0 || f.count(callResults) != 2 {
		t.Error(got, err, f.count(callResults))
	}
}

// TestAJobThatDoesNotEnd is done and is not, waits, or is nothing that was ever
// heard of; it is given up in time and cancelled.
func TestAJobThatDoesNotEnd(t *testing.T) {
	never := func(pairs ...any) bendFunc {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			reply(w, 200, entry(stateOf(3, pairs...)(n)))
			return true
		}
	}
	flapping := func(n int, w http.ResponseWriter, r *http.Request) bool {
		return never("dispatchState", []string{"QUEUED", "RUNNING"}[n%2], "isDone", false)(n, w, r)
	}
	for _, c := range []struct {
		name  string
		bend  bendFunc
		words string
		limit time.Duration
	}{
		{"done but running", never("dispatchState", "RUNNING"), "api.search_timeout", DefaultSearchTimeout},
		{"DONE but not done", never("isDone", false), "api.search_timeout", DefaultSearchTimeout},
		{"an unknown state", never("dispatchState", "PONDERING"), "api.search_timeout", DefaultSearchTimeout},
		{"queued for ever", never("dispatchState", "QUEUED", "isDone", false), "api.queue_timeout", DefaultQueueTimeout},
		{"queued again and again", flapping, "api.queue_timeout", DefaultQueueTimeout},
		{"204 for ever", always(204), "api.queue_timeout", DefaultQueueTimeout},
		{"null for ever", says("null"), "api.queue_timeout", DefaultQueueTimeout},
		{"no entry", says(`{"entry":[]}`), "api.queue_timeout", DefaultQueueTimeout},
		{"a list", says("[]"), "cut short or garbled", 0},
		{"nothing at all", says(""), "cut short or garbled", 0},
		{"503 for ever", always(503), "status 503", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(3)
				f.bend[callStatus] = c.bend
				start := time.Now()
				_, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
				wantError(t, err, nil, c.words)
				if d := time.Since(start); d < c.limit || d > c.limit+20*time.Second {
					t.Errorf("gave up after %s", d)
				}
				if f.cancelled() != 1 {
					t.Error("the job was left behind")
				}
			})
		})
	}
}

// TestRetryAfterOfAnyKind: a pause that makes sense is kept, another does not
// make calls come faster or never.
func TestRetryAfterOfAnyKind(t *testing.T) {
	past := time.Unix(1e8, 0).UTC().Format(http.TimeFormat)
	for _, status := range []int{429, 503} {
		for after, calls := range map[string]int{"0": 5, "-1": 5, "soon": 5, past: 5, "0.000001": 5, "4": 5, "86400": 1, "1e99": 1} {
			t.Run(fmt.Sprintf("%d %s", status, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(3)
					f.bend[callCreate] = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
						w.Header().Set("Retry-After", after)
						refuse(w, status, "FATAL", "quota")
						return true
					}
					start := time.Now()
					_, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
					wantError(t, err, nil, "quota")
					if d := time.Since(start); f.count(callCreate) != calls || d > 30*time.Second {
						t.Errorf("%d calls in %s, want %d", f.count(callCreate), d, calls)
					}
				})
			})
		}
	}
}
