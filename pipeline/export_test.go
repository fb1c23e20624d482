package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestSavedExport(t *testing.T) {
	const text = `{"preview":true,"offset":0,"result":{"a":"1"}}
{"preview":false,"offset":0,"result":{"a":"1","b":["x","y"]}}
{"preview":false,"offset":1,"lastrow":true,"result":{"a":"}"}}
{"preview":false,"lastrow":true}
{"preview":false,"messages":[{"type":"FATAL","text":"disk full"}]}
{"preview":false,"offset":2,"result":{"a":"1"}
{"preview":false,"offset":2,"result":{"a":"1"},"more":1}
{"preview":false,"offset":2,"result":7}
{"preview":"odd","offset":"two"}
{"preview":false}
`
	var bad []string
	var got []map[string][]string
	for b, err := range pipeline.ReadRecords(t.Context(), strings.NewReader(text), "f", pipeline.NewDict(), func(e *pipeline.LineError) { bad = append(bad, e.Error()) }) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, records(b)...)
	}
	want := []map[string][]string{
		{"a": {"1"}, "b": {"x", "y"}},
		like("a", "}"),
		like("preview", "false", "offset", "2", "result.a", "1", "more", "1"),
		like("preview", "false", "offset", "2", "result", "7"),
		like("preview", "odd", "offset", "two"),
		like("preview", "false"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"f:1: a preview, which a later line repeats: export with preview=false",
		`f:5: no result, but a message of Splunk's: "{\"preview\":false,\"messages\":[{\"type\":\"FATAL\",\"text\":\"disk full\"}]}"`,
		"f:6: byte 47: a comma or } is missing",
	}, bad); d != "" {
		t.Error(d)
	}
}
