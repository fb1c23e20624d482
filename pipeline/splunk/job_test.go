package splunk

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestSearchCreatesOneJob(t *testing.T) {
	lost := func(made bool) func(*fake) bendFunc {
		return func(f *fake) bendFunc {
			return func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 1 {
					return false
				}
				_ = r.ParseForm()
				if made {
					f.mu.Lock()
					f.jobs[r.PostFormValue("id")] = true
					f.mu.Unlock()
				}
				panic(http.ErrAbortHandler) // the connection breaks
			}
		}
	}
	// A balancer reports a failure though the job was made.
	hidden := func(f *fake) bendFunc {
		return func(n int, w http.ResponseWriter, r *http.Request) bool {
			_ = r.ParseForm()
			f.mu.Lock()
			defer f.mu.Unlock()
			if id := r.PostFormValue("id"); !f.jobs[id] {
				f.jobs[id] = true
				refuse(w, 503, "ERROR", "upstream timed out")
			} else {
				refuse(w, 400, "FATAL", "a search job of this id exists")
			}
			return true
		}
	}
	is := func(b bendFunc) func(*fake) bendFunc { return func(*fake) bendFunc { return b } }
	for _, c := range []struct {
		name    string
		bend    func(*fake) bendFunc
		creates int
		words   string
	}{
		{"reply lost, job made", lost(true), 1, ""},
		{"reply lost, no job made", lost(false), 2, ""},
		{"503, job made", hidden, 2, ""},
		{"409, no job made", is(always(409)), 1, "status 409"},
		{"503 twice", is(first(2, 503)), 3, ""},
		{"503 always", is(always(503)), 5, "status 503"},
		{"504, no job made", is(first(1, 504)), 2, ""},
		{"500 always", is(always(500)), 3, "status 500"},
		{"400", is(always(400)), 1, "status 400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(3)
				f.bend[callCreate] = c.bend(f)
				got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
				if n := f.count(callCreate); n != c.creates {
					t.Errorf("%d posts, want %d", n, c.creates)
				}
				switch {
				case c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)):
					t.Errorf("got %v, want %q", err, c.words)
				case c.words == "" && (err != nil || len(got) != 3 || f.cancelled() != 1):
					t.Error(got, err, f.gone)
				}
			})
		})
	}
}
