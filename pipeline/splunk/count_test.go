package splunk

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

func TestCountSPL(t *testing.T) {
	for spl, want := range map[string]string{
		"search index=a": "search index=a | stats count",
		"search index=a | head 5 | stats count by b":                               "search index=a | stats count",
		`search index=a x="p|q" [search index=b | fields b | head 1] OR c|table d`: `search index=a x="p|q" [search index=b | fields b | head 1] OR c| stats count`,
		"search index=a ```not | this``` b ":                                       "search index=a ```not | this``` b | stats count",
		"SEARCH index=a":                                                           "SEARCH index=a | stats count",
	} {
		if got, err := countSPL(spl); err != nil || got != want {
			t.Errorf("%s\nbecame %s, %v\nwant   %s", spl, got, err, want)
		}
	}
	for _, spl := range []string{"| tstats count where index=a", "tstats count", "", "`macro`", "| search index=a", `search "`} {
		if err := (SIEM{}).CheckCount(spl); err == nil {
			t.Errorf("%s: no error", spl)
		}
	}
}

func TestCountLate(t *testing.T) {
	f := newFake(1)
	answer := `{"count":"42"}`
	f.bend[callResults] = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(`{"preview":false,"init_offset":0,"messages":[],"results":[` + answer + `]}`))
		return true
	}
	c := newClient(t, tokenConfig(), f)
	n, err := c.CountLate(t.Context(), pipeline.Search{Query: "search index=a | head 3", IndexedFrom: 1_763_890_500}, window)
	if err != nil || n != 42 {
		t.Errorf("count %d, %v", n, err)
	}
	for key, want := range map[string]string{
		"search": "search index=a | stats count", "earliest_time": "1763890000", "latest_time": "1763890300",
		"index_earliest": "1763890500", "index_latest": endOfTime,
	} {
		if got := f.posted.Get(key); got != want {
			t.Errorf("%s=%q, want %q", key, got, want)
		}
	}
	for _, bad := range []string{`{"count":"many"}`, `{"n":"1"}`, `{"count":"-1"}`} {
		answer = bad
		if n, err := c.CountLate(t.Context(), pipeline.Search{Query: "search index=a", IndexedFrom: 1}, window); !errors.Is(err, errCut) || !strings.Contains(err.Error(), opCount) {
			t.Errorf("%s: count %d, %v", bad, n, err)
		}
	}
	if _, err := c.CountLate(t.Context(), pipeline.Search{Query: "| tstats count", IndexedFrom: 1}, window); !errors.Is(err, pipeline.ErrPermanent) {
		t.Errorf("a search that cannot be counted: %v", err)
	}
}
