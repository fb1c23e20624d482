package splunk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestSearchReadsAWindow(t *testing.T) {
	for _, c := range []struct{ rows, page, pageMax int }{
		{0, 10, 0}, {1, 10, 0}, {10, 10, 0}, {11, 10, 0}, {2500, 2000, 0}, {25, 10, 7},
	} {
		f := newFake(c.rows)
		f.pageMax = c.pageMax
		cfg := loginConfig()
		cfg.API.Page = c.page
		client := newClient(t, cfg, f)
		var sids []string
		src := client.Search(pipeline.Search{Query: "search index=a", MaxEventAge: time.Hour, OnJob: func(sid string) { sids = append(sids, sid) }})
		got, err := fetch(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(numbers(c.rows), append([]string{}, got...)); d != "" {
			t.Errorf("%+v: %s", c, d)
		}
		if d := cmp.Diff(sids, f.gone); d != "" || len(sids) != 1 {
			t.Errorf("the job announced is not the one cancelled: %s", d)
		}
		want := map[string]string{
			"search": "search index=a", "exec_mode": "normal", "now": "1763890300", "allow_partial_results": "false",
			"adhoc_search_level": "smart", "max_count": "500001", "timeout": "600", "auto_cancel": "600", "id": sids[0],
			"earliest_time": "1763886400", "latest_time": "2147483647",
			"index_earliest": "1763890000", "index_latest": "1763890300",
		}
		form := map[string]string{}
		for k := range f.posted {
			form[k] = f.posted.Get(k)
		}
		if d := cmp.Diff(want, form); d != "" {
			t.Errorf("parameters: %s", d)
		}
	}
}

func TestSearchByEventTime(t *testing.T) {
	f := newFake(1)
	src := newClient(t, tokenConfig(), f).Search(pipeline.Search{Query: "| mstats x", EventTime: true, MaxRows: 5})
	if _, err := fetch(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{
		"earliest_time": "1763890000", "latest_time": "1763890300", "index_earliest": "", "index_latest": "", "max_count": "6",
	} {
		if got := f.posted.Get(k); got != want {
			t.Errorf("%s is %q, want %q", k, got, want)
		}
	}
	src = newClient(t, tokenConfig(), f).Search(pipeline.Search{Query: "| mstats x"})
	_, err := fetch(t.Context(), src)
	wantError(t, err, []error{pipeline.ErrPermanent}, "event_time")
}

func TestSearchWritesTimesAsEpoch(t *testing.T) {
	client := newClient(t, tokenConfig(), newFake(3))
	for b, err := range searchOf(client).Fetch(t.Context(), window) {
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Get(2, b.Dict().Key("_time")); got != "1795424400.25" {
			t.Errorf("_time is %q", got)
		}
	}
}

func TestSearchUsesTheApp(t *testing.T) {
	cfg := tokenConfig()
	cfg.API.App = "hunting"
	var paths []string
	client := newClient(t, cfg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		refuse(w, http.StatusBadRequest, "FATAL", "Unknown search command 'x'.")
	}))
	_, err := fetch(t.Context(), searchOf(client))
	wantError(t, err, []error{pipeline.ErrPermanent}, "status 400", "Unknown search command 'x'.")
	for i, path := range paths {
		if want := "/servicesNS/nobody/hunting/search/v2/jobs"; i == 0 && path != want || !strings.HasPrefix(path, want) {
			t.Error(path)
		}
	}
}

// stateOf returns a job's content: DONE with n rows, changed by pairs.
func stateOf(rows int, pairs ...any) func(int) any {
	return func(int) any {
		content := done(rows)
		for i := 0; i < len(pairs); i += 2 {
			content[pairs[i].(string)] = pairs[i+1]
		}
		return content
	}
}

func messages(kind, text string) any {
	return []any{map[string]string{"type": kind, "text": text, "help": ""}}
}

func TestSearchVerdicts(t *testing.T) {
	permanent, whole := []error{pipeline.ErrPermanent}, []error{pipeline.ErrIncomplete}
	large := []error{pipeline.ErrIncomplete, pipeline.ErrTooMuch}
	for _, c := range []struct {
		name    string
		content func(int) any
		marks   []error
		words   string // "" for success
	}{
		{"done", stateOf(3), nil, ""},
		{"as text", stateOf(3, "isDone", "1", "isFailed", "0", "resultCount", "3"), nil, ""},
		{"failed", stateOf(3, "dispatchState", "FAILED", "isFailed", true, "messages", messages("FATAL", "Error in 'head' command.")), permanent, "Error in 'head' command."},
		{"failed, old form of messages", stateOf(3, "dispatchState", "FAILED", "messages", map[string]any{"fatal": []string{"Bad."}}), permanent, "FATAL Bad."},
		{"failed for a peer", stateOf(3, "dispatchState", "FAILED", "messages", messages("ERROR", "Search peer idx1 is down")), whole, "idx1"},
		{"failed silently", stateOf(3, "dispatchState", "FAILED"), nil, "the search failed"},
		{"finalized", stateOf(3, "isFinalized", true), whole, "finalized"},
		{"truncated", stateOf(3, "eventIsTruncated", "1"), large, "only some of the events"},
		{"truncated events behind a stats", stateOf(3, "eventIsTruncated", true, "reportSearch", "stats count by n"), nil, ""},
		{"paused", slowly(3, 3, "PAUSE"), nil, ""},
		{"cancelled within", stateOf(3, "dispatchState", "INTERNAL_CANCEL", "isFailed", true), nil, "INTERNAL_CANCEL"},
		{"quit", stateOf(3, "dispatchState", "QUIT"), nil, "QUIT"},
		{"cancelled by someone", stateOf(3, "dispatchState", "USER_CANCEL"), nil, "USER_CANCEL"},
		{"bad input", stateOf(3, "dispatchState", "BAD_INPUT_CANCEL"), permanent, "for its input"},
		{"fatal though done", stateOf(3, "messages", messages("FATAL", "oops")), permanent, "oops"},
		{"peer lost", stateOf(3, "messages", messages("WARN", "Unable to distribute to peer named idx2")), whole, "idx2"},
		{"subsearch cut", stateOf(3, "messages", messages("INFO", "[subsearch]: Subsearch produced 221180 results, truncating to maxout 10000.")), whole, "221180"},
		{"subsearch out of time", stateOf(3, "messages", messages("INFO", "[subsearch]: Search auto-finalized after time limit (60 seconds) reached.")), whole, "auto-finalized"},
		{"stats limit", stateOf(3, "messages", messages("WARN", "'stats' command: limit for values of field 'x' reached. Some values may have been truncated or ignored.")), whole, "field 'x'"},
		{"harmless", stateOf(3, "messages", messages("WARN", "Events may not be returned in sub-second order.")), nil, ""},
		{"talk of peers", stateOf(3, "messages", messages("INFO", "3 peers were asked")), nil, ""},
		{"debug", stateOf(3, "messages", messages("DEBUG", "base lispy: incomplete")), nil, ""},
		{"no count", stateOf(3, "resultCount", nil), whole, "how many results"},
		{"fewer than counted", stateOf(4), whole, "3 rows arrived of the 4"},
		{"more than allowed", stateOf(500_001), large, "max_rows"},
		{"as many as Splunk keeps", stateOf(500_000), large, "max_count in limits.conf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(3)
			f.content = c.content
			got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
			if f.cancelled() != 1 {
				t.Errorf("%d jobs cancelled", f.cancelled())
			}
			if c.words != "" {
				wantError(t, err, c.marks, c.words, "huntd_")
				return
			}
			if err != nil || len(got) != 3 {
				t.Fatal(got, err)
			}
		})
	}
}

// slowly answers RUNNING until the n-th look.
func slowly(rows, n int, state string) func(int) any {
	return func(i int) any {
		if i >= n {
			return done(rows)
		}
		return map[string]any{"dispatchState": state, "doneProgress": 0}
	}
}

func TestSearchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(3)
		f.content = slowly(3, 10, "RUNNING")
		f.bend[callStatus] = first(2, http.StatusNoContent)
		f.bend[callResults] = first(2, http.StatusNoContent)
		start := time.Now()
		got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
		if err != nil || len(got) != 3 {
			t.Fatal(got, err)
		}
		if d := time.Since(start); d < 5*time.Second || d > 15*time.Second {
			t.Errorf("took %s", d)
		}
		if n := f.count(callResults); n != 3 {
			t.Errorf("%d calls for results", n)
		}
	})
}

func TestSearchGivesUp(t *testing.T) {
	for state, words := range map[string]string{"QUEUED": "api.queue_timeout", "RUNNING": "api.search_timeout", "": "queue"} {
		t.Run(state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(3)
				f.content = slowly(3, 1<<30, state)
				start := time.Now()
				_, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
				wantError(t, err, nil, words)
				if slow := state == "RUNNING"; errors.Is(err, pipeline.ErrTimeout) != slow {
					t.Errorf("%v: is a timeout: %v, want %v", err, !slow, slow)
				}
				limit := DefaultQueueTimeout
				if state == "RUNNING" {
					limit = DefaultSearchTimeout
				}
				if d := time.Since(start); d < limit || d > limit+10*time.Second {
					t.Errorf("gave up after %s", d)
				}
				if f.cancelled() != 1 {
					t.Error("the job was left behind")
				}
			})
		})
	}
}

func TestSearchCancelsWhenToldToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(3)
		f.content = slowly(3, 1<<30, "RUNNING")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := fetch(ctx, searchOf(newClient(t, tokenConfig(), f)))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if f.cancelled() != 1 {
			t.Error("the job was left behind")
		}
	})
}

func TestSearchStopsWhenTheLoopDoes(t *testing.T) {
	f := newFake(100)
	cfg := tokenConfig()
	cfg.API.Page = 10
	for range searchOf(newClient(t, cfg, f)).Fetch(t.Context(), window) {
		break
	}
	if f.cancelled() != 1 {
		t.Error("the job was left behind")
	}
	if n := f.count(callResults); n > 3 {
		t.Errorf("%d pages were read", n)
	}
}

func TestSearchBoundsTheAgeOfEvents(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "0", 1: "1763889999", time.Second: "1763889999", time.Second + 1: "1763889998", time.Hour: "1763886400", 1e6 * time.Hour: "0",
	} {
		f := newFake(0)
		src := newClient(t, tokenConfig(), f).Search(pipeline.Search{Query: "search index=a", MaxEventAge: age})
		if _, err := fetch(t.Context(), src); err != nil {
			t.Fatal(err)
		}
		if got := f.posted.Get("earliest_time"); got != want {
			t.Errorf("%s: from %s, want %s", age, got, want)
		}
	}
}

func TestSearchOfAnEmptyWindowAsksNothing(t *testing.T) {
	f := newFake(3)
	for range searchOf(newClient(t, tokenConfig(), f)).Fetch(t.Context(), pipeline.Window{From: 5, To: 5}) {
		t.Error("something came")
	}
	if len(f.calls) != 0 {
		t.Error(f.calls)
	}
}
