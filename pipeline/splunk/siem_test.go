package splunk

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestAppendEvent(t *testing.T) {
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
		got := SIEM{}.AppendEvent(nil, c.v, c.e)
		if diff := cmp.Diff(c.want, string(got)); diff != "" || !json.Valid(got) {
			t.Error(diff)
		}
	}
}

func TestJoinAndSplit(t *testing.T) {
	lines := [][]byte{[]byte(`{"event":1}`), []byte(`{"event":"a\nb"}`), []byte(`{}`)}
	body, err := SIEM{}.Join([]byte(`{"event":1}` + "\n" + `{"event":"a\nb"}` + "\n{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := SIEM{}.Split(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
	for name, damaged := range map[string][]byte{"no gzip": []byte("{}"), "cut": body[:len(body)-5], "empty": nil} {
		if _, err := (SIEM{}).Split(damaged); err == nil || !strings.Contains(err.Error(), "body of a HEC request") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
