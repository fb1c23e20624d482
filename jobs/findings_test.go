package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

const findingHunt = `
name: finder
schedule: { cron: "0 * * * *" }
source: { connection: main, search: search index=windows }
findings:
  title: '{{.user}} on {{.host}}'
  severity: high
  score: risk
  entities: { host: host, who: user }
  attack: [T1059.001]
deliver: { index: hunts }
`

var findingWindow = pipeline.Window{From: 1_000_000, To: 1_003_600}

func found(t *testing.T, h *hunt.Hunt, records ...map[string][]string) *finder {
	t.Helper()
	f := newFinder(h, findingWindow)
	if err := f.Add(batchOf(pipeline.NewDict(), records...)); err != nil {
		t.Fatal(err)
	}
	return f
}

func record(pairs ...string) map[string][]string {
	r := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i]] = append(r[pairs[i]], pairs[i+1])
	}
	return r
}

func TestFindingAsEvent(t *testing.T) {
	f := found(t, parseHunt(t, findingHunt),
		record("_time", "1000100", "host", "a", "user", "bob", "risk", "40"),
		record("_time", "1000300.5", "host", "a", "user", "bob", "risk", "75", "extra", "1"),
		record("_time", "1000200", "host", "a", "user", "bob", "risk", "none"),
		record("host", "b", "user", "bob", "user", "eve", "risk", "900"),
	).Findings()
	if len(f) != 2 {
		t.Fatalf("%d findings, want 2", len(f))
	}
	var got []map[string]any
	for _, one := range f {
		ev, err := event(one, "run-1")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(ev.Body, &m); err != nil {
			t.Fatal(err)
		}
		for i, e := range m["evidence"].([]any) {
			m["evidence"].([]any)[i] = e.(map[string]any)["_time"]
		}
		got = append(got, m)
	}
	window := map[string]any{"from": "1970-01-12T13:46:40Z", "to": "1970-01-12T14:46:40Z"}
	want := []map[string]any{
		{
			"title": "bob on a", "severity": "high", "score": 75.0, "hunt": "finder", "window": window,
			"entities": map[string]any{"host": "a", "who": "bob"}, "attack": []any{"T1059.001"},
			"evidence": []any{"1000100", "1000300.5", "1000200"},
		},
		{
			"title": "bob, eve on b", "severity": "high", "score": 100.0, "hunt": "finder", "window": window,
			"entities": map[string]any{"host": "b", "who": []any{"bob", "eve"}}, "attack": []any{"T1059.001"},
			"evidence": []any{nil},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if want := time.UnixMilli(1000300500); !f[0].Time.Equal(want) {
		t.Errorf("time %s, want the newest of the evidence, %s", f[0].Time, want)
	}
	if !f[1].Time.IsZero() {
		t.Errorf("time %s of evidence without one", f[1].Time)
	}
}

func TestFindingKeys(t *testing.T) {
	suppressed := strings.Replace(findingHunt, "  attack:", "  suppress: { by: [user, url], for: 1h }\n  attack:", 1)
	for _, tt := range []struct {
		name, hunt string
		records    []map[string][]string
		want       int
	}{
		{"entities and title", findingHunt, []map[string][]string{record("host", "a", "user", "u"), record("host", "a", "user", "u", "x", "1")}, 1},
		{"another entity", findingHunt, []map[string][]string{record("host", "a", "user", "u"), record("host", "b", "user", "u")}, 2},
		{"values in another order", suppressed, []map[string][]string{record("user", "u", "user", "v"), record("user", "v", "user", "u")}, 1},
		{"values run together", suppressed, []map[string][]string{record("user", "u", "user", "v"), record("user", "uv")}, 2},
		{"values across fields", suppressed, []map[string][]string{record("user", "u"), record("url", "u")}, 2},
		{"what is not in by", suppressed, []map[string][]string{record("user", "u", "host", "a"), record("user", "u", "host", "b")}, 1},
		{"empty and absent", suppressed, []map[string][]string{record("user", "u", "url", ""), record("user", "u")}, 2},
		{"looks like another's encoding", suppressed, []map[string][]string{record("user", "u=1:v"), record("user", "u", "user", "v")}, 2},
	} {
		if got := len(found(t, parseHunt(t, tt.hunt), tt.records...).Findings()); got != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.name, got, tt.want)
		}
	}
}

func TestFindingBounds(t *testing.T) {
	h := parseHunt(t, strings.Replace(findingHunt, "  attack:", "  suppress: { by: [rule], for: 1h }\n  attack:", 1))
	var records []map[string][]string
	for i := range maxEvidence + 7 {
		records = append(records, record("rule", "many", "host", "h"+strconv.Itoa(i), "user", strings.Repeat("é", maxTitle)))
	}
	big := strings.Repeat("x", maxEvidenceBytes)
	records = append(records, record("rule", "large", "blob", big), record("rule", "large", "blob", "small"),
		record("rule", strings.Repeat("k", maxKey), "blob", "1"), record("rule", strings.Repeat("k", maxKey+1), "blob", "2"))
	f := found(t, h, records...)
	got := f.Findings()
	if len(got) != 4 {
		t.Fatalf("%d findings, want 4", len(got))
	}
	many, large := got[0], got[1]
	if len(many.Evidence) != maxEvidence || many.Omitted != 7 {
		t.Errorf("evidence %d, omitted %d; want %d and 7", len(many.Evidence), many.Omitted, maxEvidence)
	}
	if len(many.Entities["host"]) != maxEntityValues {
		t.Errorf("%d hosts, want %d", len(many.Entities["host"]), maxEntityValues)
	}
	if n := len(many.Title); n > maxTitle+3 || !strings.HasSuffix(many.Title, "é…") {
		t.Errorf("title of %d bytes, ends with %q", n, many.Title[n-6:])
	}
	if len(large.Evidence) != 1 || large.Omitted != 1 {
		t.Errorf("large evidence %d, omitted %d; want 1 and 1", len(large.Evidence), large.Omitted)
	}
	for _, one := range got {
		if len(one.Key) > maxKey {
			t.Errorf("a key of %d bytes is kept", len(one.Key))
		}
	}
	want := map[string]int{"findings.evidence_omitted": 8, "findings.entity_values_omitted": 7, "findings.titles_cut": 1}
	if diff := cmp.Diff(want, f.notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestSuppress tells a story in event time: each step is a window's findings
// under one key, and what becomes of them.
func TestSuppress(t *testing.T) {
	rule := &hunt.Suppress{By: []string{"host"}, For: time.Hour}
	for _, tt := range []struct {
		name  string
		times []int64  // of the evidence, 0: it has none
		want  []string // each with the span that is remembered after
	}{
		{"within", []int64{1000, 1000, 4599}, []string{"reported 1000-4600", "withheld 1000-4600", "withheld 1000-4600"}},
		{"after", []int64{1000, 4600, 8199}, []string{"reported 1000-4600", "reported 4600-8200", "withheld 4600-8200"}},
		{"late, spans touch", []int64{5000, 4000, 4500}, []string{"reported 5000-8600", "reported 4000-8600", "withheld 4000-8600"}},
		{"late, long before", []int64{9000, 1000, 9500}, []string{"reported 9000-12600", "reported 9000-12600", "withheld 9000-12600"}},
		{"no time: the window's end", []int64{0, findingWindow.To}, []string{"reported 1003600-1007200", "withheld 1003600-1007200"}},
	} {
		shown := map[string]Suppression{}
		var got []string
		for _, at := range tt.times {
			f := &pipeline.Finding{Key: "k", Window: findingWindow}
			if at > 0 {
				f.Time = time.Unix(at, 5e8)
			}
			report, withheld, remember := suppress(rule, []*pipeline.Finding{f}, shown)
			for _, s := range remember {
				shown[s.Key] = s
			}
			word := map[bool]string{true: "reported", false: "withheld"}[len(report) == 1]
			if len(report)+len(withheld) != 1 {
				t.Fatalf("%s: %d reported and %d withheld of one", tt.name, len(report), len(withheld))
			}
			got = append(got, fmt.Sprintf("%s %d-%d", word, shown["k"].Shown, shown["k"].Until))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}
