package analyzers

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func buildSteps(t *testing.T, settings string, dict *pipeline.Dict) []pipeline.Step {
	t.Helper()
	node, err := configs.ParseBytes("config.yaml", []byte(settings))
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Build(node, dict)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// runCounted is runPipeline that also returns what the stages left out.
func runCounted(t *testing.T, settings, records string) (string, map[string]int) {
	t.Helper()
	dict := pipeline.NewDict()
	src := pipeline.ReadRecords(context.Background(), strings.NewReader(records), "in.ndjson", dict, func(e *pipeline.LineError) { t.Error(e) })
	var out bytes.Buffer
	stats, err := pipeline.Run(context.Background(), src, pipeline.Window{}, buildSteps(t, settings, dict), func(b *pipeline.Batch) error {
		for row := range b.Len() {
			out.Write(append(b.AppendRecord(nil, row), '\n'))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), stats.Notes()
}

// TestLeftOut: what a stage leaves out or cuts short is counted.
func TestLeftOut(t *testing.T) {
	const users = `{"user":"ann"}` + "\n" + `{"user":"bob"}` + "\n" + `{"user":"ann"}` + "\n" + `{"n":"1"}` + "\n"
	for _, c := range []struct {
		settings string
		want     map[string]int
	}{
		{"- sort: { by: user, limit: 3 }\n", map[string]int{"sort.left_out": 1}},
		{"- dedup: user\n", map[string]int{"dedup.alike": 1}},
		{"- dedup: { by: user, keep_empty: false }\n", map[string]int{"dedup.alike": 1, "dedup.without_fields": 1}},
		{"- dedup: { by: user, max_groups: 1 }\n", map[string]int{"dedup.alike": 1, "dedup.groups_over": 1}},
		{"- sample: { by: user, rate: 0 }\n", map[string]int{"sample.left_out": 3, "sample.without_fields": 1}},
		{"- sample: { records: 1 }\n", map[string]int{"sample.left_out": 3}},
		{"- rename: { user: x, n: x }\n- set: { y: '1' }\n- rename: { x: z, y: z }\n", map[string]int{"rename.taken": 4}},
	} {
		_, notes := runCounted(t, c.settings, users)
		if diff := cmp.Diff(c.want, maps.Clone(notes)); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.settings, diff)
		}
	}
}
