package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// TestEventIDsNeverChange holds ids against those computed by other means, for
// receivers know by them what they have already: sha256 over the hunt's length
// as a uvarint, the hunt, the window's start as a varint where it counts, and the
// key.
func TestEventIDsNeverChange(t *testing.T) {
	long := ""
	for range 30 {
		long += "jäger"
	}
	in := pipeline.WindowKey
	for _, c := range []struct{ hunt, key, want string }{
		{"encoded-powershell", "a:windows~1~G\x0012:34", "2782714340242e0a8f3b8515be32b1ad"},
		{"encoded-powershell", in(1763890000, "a:windows~1~G\x0012:34"), "b4a30a3d9f1bd62728b1819067183f84"},
		{"encoded-powershell", in(1763890300, "a:windows~1~G\x0012:34"), "761fda3ccf8b68d245af72415a177c78"},
		{"", in(0, ""), "96a296d224f285c67bee93c30f8a3091"},
		{"a", in(-1, "b"), "fa4a350f5906021e27b2caf19409319e"},
		{long, in(1, "k"), "d60f0bd95bbfdd299205a47035d2e876"},
	} {
		if got := pipeline.EventID(c.hunt, c.key); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.hunt, c.key, got, c.want)
		}
	}
	if pipeline.EventID("ab", "c") == pipeline.EventID("a", "bc") {
		t.Error("hunt and key run into one another")
	}
}

func TestRecordKeysNeverChange(t *testing.T) {
	keys := pipeline.RecordKeys{From: 1763890000}
	in := func(key string) string { return pipeline.WindowKey(1763890000, key) }
	for _, c := range []struct{ name, in, want string }{
		{"address", `{"_bkt":"windows~1~G","_cd":"12:34","_raw":"x"}`, "a:windows~1~G\x0012:34"},
		{"address, other content", `{"_cd":"12:34","_raw":"y","_bkt":"windows~1~G"}`, "a:windows~1~G\x0012:34#\x02"},
		{"no bucket", `{"_cd":"12:34"}`, ""},
		{"content", `{"_time":"1.5","list":["b","a"],"_raw":"x"}`, in("c:0578145df266b6180ee95515c2075964")},
		{"content, other order", `{"list":["b","a"],"_raw":"x","_time":1.5}`, in("c:0578145df266b6180ee95515c2075964#\x02")},
		{"content, of another search", `{"list":["b","a"],"_raw":"x","_time":1.5,"_serial":"7","_si":["sh1","windows"]}`, in("c:0578145df266b6180ee95515c2075964#\x03")},
		{"content, list in other order", `{"list":["a","b"],"_raw":"x","_time":1.5}`, ""},
		{"content to be escaped", `{"empty":"","_raw":"\u0001\n\\\"<é\u2028` + "\x7f" + `"}`, in("c:9a5ba44c9bbe95669c914473ec5c35b0")},
		{"nothing", `{}`, in("c:e3b0c44298fc1c149afbf4c8996fb924")},
	} {
		key := keys.Key(decode(t, c.in), 0)
		if c.want != "" && key != c.want {
			t.Errorf("%s: %q, want %q", c.name, key, c.want)
		}
		if prefix := in("c:"); c.want == "" && (!strings.HasPrefix(key, prefix) || len(key) != len(prefix)+32) {
			t.Errorf("%s: %q", c.name, key)
		}
	}
}

func TestRecordKeysTellEqualsApart(t *testing.T) {
	lines := make([]string, 300)
	for i := range lines {
		lines[i] = `{"_raw":"the same"}`
	}
	b, seen := decode(t, lines...), map[string]bool{}
	var keys, again pipeline.RecordKeys
	for row := range b.Len() {
		key := keys.Key(b, row)
		if seen[key] || key != again.Key(b, row) {
			t.Fatalf("row %d: %q", row, key)
		}
		seen[key] = true
	}
}

func TestEnvelope(t *testing.T) {
	for _, c := range []struct {
		v    pipeline.Envelope
		e    pipeline.Event
		want string
	}{
		{
			pipeline.Envelope{Hunt: `a "hunt"`, Index: "hunts", Sourcetype: "huntd:finding", Source: "s", Host: "h"},
			pipeline.Event{ID: "id1", Run: "run1", Severity: "high", Time: time.Unix(1763890000, 123456789), Body: []byte(`{"title":"x","index":"elsewhere"}`)},
			`{"time":1763890000.123456,"host":"h","source":"s","sourcetype":"huntd:finding","index":"hunts","event":{"title":"x","index":"elsewhere"},` +
				`"fields":{"huntd_id":"id1","huntd_hunt":"a \"hunt\"","huntd_run":"run1","huntd_severity":"high"}}` + "\n",
		},
		{
			pipeline.Envelope{Hunt: "h"},
			pipeline.Event{Body: []byte(`{}`)},
			`{"event":{},"fields":{"huntd_id":"","huntd_hunt":"h","huntd_run":""}}` + "\n",
		},
		{
			pipeline.Envelope{Hunt: "h"},
			pipeline.Event{Time: time.Unix(0, 0), Body: []byte(`{}`)},
			`{"time":0,"event":{},"fields":{"huntd_id":"","huntd_hunt":"h","huntd_run":""}}` + "\n",
		},
	} {
		got := c.v.Append(nil, c.e)
		if diff := cmp.Diff(c.want, string(got)); diff != "" || !json.Valid(got) {
			t.Error(diff)
		}
	}
}

func TestFindingAsAnEvent(t *testing.T) {
	f := pipeline.Finding{
		Title: "Encoded PowerShell", Severity: "high", Score: 70, Hunt: "encoded-powershell",
		Window:   pipeline.Window{From: 1763890000, To: 1763890300},
		Entities: map[string][]string{"host": {"ws1"}, "user": {"a", "b"}, "url": nil},
		Attack:   []string{"T1059.001"},
		Evidence: []json.RawMessage{[]byte(`{"a":"1"}`)},
		Omitted:  3, Key: "not shown", Time: time.Unix(1, 0),
	}
	const window = `"window":{"from":"2025-11-23T09:26:40Z","to":"2025-11-23T09:31:40Z"}`
	whole := `{"title":"Encoded PowerShell","severity":"high","score":70,"hunt":"encoded-powershell",` + window +
		`,"attack":["T1059.001"],"evidence":[{"a":"1"}],"evidence_omitted":3,"entities":{"host":"ws1","user":["a","b"]}}`
	bare := `{"title":"","severity":"","score":0,"hunt":"","window":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:00Z"},"attack":[],"evidence":[],"entities":{}}`
	for _, c := range []struct {
		finding any
		want    string
	}{
		{f, whole}, {&f, whole}, {pipeline.Finding{}, bare},
	} {
		if got, err := json.Marshal(c.finding); err != nil || string(got) != c.want {
			t.Errorf("%s, %v, want %s", got, err, c.want)
		}
	}
}

func TestSeverities(t *testing.T) {
	got := ""
	for _, s := range pipeline.Severities() {
		got += fmt.Sprint(s, " ", pipeline.SeverityScore(s), " ")
	}
	if want := "informational 10 low 30 medium 50 high 70 critical 90 "; got != want {
		t.Error(got)
	}
}
