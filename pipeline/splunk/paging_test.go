package splunk

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestSearchReadsOnePageAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		cfg := tokenConfig()
		cfg.API.Page = 10
		n := 0
		for b, err := range searchOf(newClient(t, cfg, f)).Fetch(t.Context(), window) {
			if err != nil {
				t.Fatal(err)
			}
			n += b.Len()
			synctest.Wait()
			if got, want := f.count(callResults), min(n/10+1, 10); got != want {
				t.Fatalf("with %d rows taken %d pages were read, want %d", n, got, want)
			}
		}
	})
}

func TestSearchKeepsTheJobAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(30)
		cfg := tokenConfig()
		cfg.API.Page = 10
		n := 0
		for _, err := range searchOf(newClient(t, cfg, f)).Fetch(t.Context(), window) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 {
				<-time.After(10*time.Minute + time.Second)
			}
		}
		if got := f.count(callControl); got != 11 {
			t.Errorf("%d calls of control, want 10 touches and a cancel", got)
		}
	})
}

func TestSearchPagesThatFail(t *testing.T) {
	cut := func(n int) bendFunc {
		return func(i int, w http.ResponseWriter, r *http.Request) bool {
			if i > n {
				return false
			}
			body := rowsJSON(0, 3)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body[:len(body)/2])
			return true
		}
	}
	garbled := func(text string) bendFunc {
		return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(text))
			return true
		}
	}
	strange := func(n int) bendFunc {
		return func(i int, w http.ResponseWriter, _ *http.Request) bool {
			if i <= n {
				_, _ = w.Write(rowsJSON(2, 3))
			}
			return i <= n
		}
	}
	for _, c := range []struct {
		name  string
		bend  bendFunc
		marks []error
		words string
	}{
		{"503 three times", first(3, 503), nil, ""},
		{"503 always", always(503), nil, "status 503: FATAL bent"},
		{"502", first(1, 502), nil, ""},
		{"cut twice", cut(2), nil, ""},
		{"cut always", cut(1 << 30), nil, "cut short"},
		{"204 always", always(204), nil, "not there yet"},
		{"job gone", always(404), nil, "status 404"},
		{"FATAL in a 200", garbled(`{"messages":[{"type":"FATAL","text":"bad search"}]}`), []error{pipeline.ErrPermanent}, "bad search"},
		{"FATAL beside results", garbled(`{"preview":false,"messages":[{"type":"ERROR","text":"peer x failed"}],"results":[{"n":"1"}]}`), []error{pipeline.ErrIncomplete}, "peer x"},
		{"FATAL in a 200, XML twice", garbled("<?xml version='1.0'?>\n\n<?xml version=\"1.0\"?>\n<response>\n<messages><msg type=\"FATAL\">Error in &apos;delete&apos;</msg></messages></response>"), []error{pipeline.ErrPermanent}, "Error in 'delete'"},
		{"WARN of a limit", garbled(`{"preview":false,"messages":[{"type":"WARN","text":"results truncated"}],"results":[{"n":"1"}]}`), []error{pipeline.ErrIncomplete}, "truncated"},
		{"preview", garbled(`{"preview":true,"messages":[],"results":[{"n":"1"}]}`), nil, "not there yet"},
		{"no rows", garbled(`{"preview":false,"messages":[],"results":[]}`), []error{pipeline.ErrIncomplete}, "0 rows arrived of the 3"},
		{"too many rows", garbled(string(rowsJSON(0, 4))), []error{pipeline.ErrIncomplete}, "4 rows arrived of the 3"},
		{"401 once", first(1, 401), nil, ""},
		{"401 always", always(401), []error{pipeline.ErrRefused, pipeline.ErrPermanent}, "Splunk refuses api.token"},
		{"rows of another page, once", strange(1), nil, ""},
		{"rows of another page", strange(1 << 30), nil, "rows from 0 on were asked for, rows from 2 on came"},
		{"names beyond bounds", garbled(`{"preview":false,"results":[{"n":"1"},{"` + strings.Repeat("x", pipeline.MaxNameBytes+1) + `":"1"}]}`), []error{pipeline.ErrPermanent}, "| fields or | table"},
		{"403", always(403), []error{pipeline.ErrRefused, pipeline.ErrPermanent}, "lacks the right"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(3)
				f.bend[callResults] = c.bend
				got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
				if f.cancelled() != 1 {
					t.Error("the job was left behind")
				}
				if c.words != "" {
					wantError(t, err, c.marks, c.words)
					return
				}
				if d := cmp.Diff(numbers(3), got); err != nil || d != "" {
					t.Fatal(err, d)
				}
			})
		})
	}
}

func TestSearchHalvesPagesThatAreTooLarge(t *testing.T) {
	f := newFake(8)
	huge := strings.Repeat(" ", maxPageBytes)
	f.bend[callResults] = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if n, _ := strconv.Atoi(r.URL.Query().Get("count")); n <= 2 {
			return false
		}
		_, _ = w.Write([]byte(huge + "{}"))
		return true
	}
	cfg := tokenConfig()
	cfg.API.Page = 8
	got, err := fetch(t.Context(), searchOf(newClient(t, cfg, f)))
	if d := cmp.Diff(numbers(8), got); err != nil || d != "" {
		t.Fatal(err, d)
	}
	if n := f.count(callResults); n != 6 {
		t.Errorf("%d pages, want two too large and four of two rows", n)
	}
}

// TestSearchHalvesWhatItAskedFor reads three large rows with a large page: what
// is halved is the three, not the page.
func TestSearchHalvesWhatItAskedFor(t *testing.T) {
	f := newFake(3)
	f.bend[callResults] = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if n, _ := strconv.Atoi(r.URL.Query().Get("count")); n == 1 {
			return false
		}
		_, _ = w.Write([]byte(strings.Repeat(" ", maxPageBytes) + "{}"))
		return true
	}
	got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
	if d := cmp.Diff(numbers(3), got); err != nil || d != "" {
		t.Fatal(err, d)
	}
	if n := f.count(callResults); n != 4 {
		t.Errorf("%d pages, want one too large and three of a row", n)
	}
}
