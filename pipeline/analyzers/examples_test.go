package analyzers

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// TestExamples runs the worked example of every stage, and those that stand in
// testdata/NAME besides.
func TestExamples(t *testing.T) {
	for _, d := range definitions() {
		t.Run(d.name, func(t *testing.T) {
			runExample(t, "example", d.example)
			more, err := filepath.Glob(filepath.Join("testdata", d.name, "*.txtar"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range more {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(filepath.Base(file), func(t *testing.T) { runExample(t, file, string(text)) })
			}
		})
	}
}

func runExample(t *testing.T, name, text string) {
	t.Helper()
	e, err := parseExample([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	// An example may be one stage, or a pipeline of several.
	settings := e.config
	if !strings.HasPrefix(settings, "- ") {
		settings = "- " + strings.ReplaceAll(strings.TrimRight(settings, "\n"), "\n", "\n  ") + "\n"
	}
	got, err := runPipeline(t, settings, e.in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(e.out, got); diff != "" {
		t.Errorf("%s (- wanted, + got):\n%s", name, diff)
	}
}

// runPipeline runs records through stages as a hunt writes them.
func runPipeline(t *testing.T, settings, records string) (string, error) {
	t.Helper()
	node, err := configs.ParseBytes("config.yaml", []byte(settings))
	if err != nil {
		return "", err
	}
	dict := pipeline.NewDict()
	steps, err := Build(node, dict)
	if err != nil {
		return "", err
	}
	src := pipeline.ReadRecords(context.Background(), strings.NewReader(records), "in.ndjson", dict, func(e *pipeline.LineError) { t.Error(e) })
	var out bytes.Buffer
	_, err = pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(b *pipeline.Batch) error {
		for row := range b.Len() {
			out.Write(append(b.AppendRecord(nil, row), '\n'))
		}
		b.Release()
		return nil
	})
	return out.String(), err
}

// TestExamplesDoNotDependOnBatches: the same comes out if every record comes in
// a batch of its own.
func TestExamplesDoNotDependOnBatches(t *testing.T) {
	for _, d := range definitions() {
		e, err := parseExample([]byte(d.example))
		if err != nil {
			t.Fatal(err)
		}
		node, err := configs.ParseBytes("config.yaml", []byte("- "+strings.ReplaceAll(strings.TrimRight(e.config, "\n"), "\n", "\n  ")+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		dict := pipeline.NewDict()
		steps, err := Build(node, dict)
		if err != nil {
			t.Fatal(err)
		}
		single := func(yield func(*pipeline.Batch, error) bool) {
			for line := range strings.Lines(e.in) {
				dec := pipeline.NewDecoder(dict)
				if err := dec.Object([]byte(line)); err != nil {
					t.Fatal(err)
				}
				if !yield(dec.Batch(), nil) {
					return
				}
			}
		}
		var out bytes.Buffer
		if _, err := pipeline.Run(context.Background(), single, pipeline.Window{}, steps, func(b *pipeline.Batch) error {
			for row := range b.Len() {
				out.Write(append(b.AppendRecord(nil, row), '\n'))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e.out, out.String()); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", d.name, diff)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{"- kep: x == 1\n", `p.yaml:1: no stage is called "kep": did you mean keep?`},
		{"- florp: 1\n", `p.yaml:1: no stage is called "florp": huntd docs stages lists them`},
		{"keep: x == 1\n", `p.yaml:1: "pipeline" wants a list of stages, got a mapping`},
		{"- [keep]\n", `p.yaml:1: a stage wants a name, got a list`},
		{"- keep: x == 1\n  drop: y == 2\n", `p.yaml:1: a stage is one name and its settings, got the names keep, drop: begin each stage with a dash, and indent its settings`},
		{"- limit: 0\n", `p.yaml:1: limit must be at least 1, got 0`},
		{"- keep\n", `p.yaml:1: keep: "where" is missing`},
		{"- count_by: { by: [a], min_cuont: 2 }\n", `p.yaml:1: unknown key "min_cuont" in count_by: did you mean "min_count"?`},
		{"- count_by: { by: [a], min_distinct: 2 }\n", `p.yaml:1: count_by: min_distinct wants distinct`},
		{"- beacon: { by: [a], min_interval: 60 }\n", `p.yaml:1: "min_interval" wants a duration`},
		{"- beacon: { by: [a], min_interval: 2h }\n", `p.yaml:1: beacon: min_interval is 2h0m0s, longer than max_interval, 1h0m0s`},
		{"- extract_iocs: { types: [ip] }\n", `p.yaml:1: item 1 of "types" wants one of ipv4, ipv6`},
		{"- limit: 1\n- set:\n    a: 1 +\n", `p.yaml:3: set: a: `},
		{"- set: { \"\": 1 }\n", `p.yaml:1: set: a field wants a name`},
		{"- set: 1\n", `p.yaml:1: set wants fields and their expressions`},
		{"- keep: x = 1\n- kep: 1\n", `p.yaml:2: no stage is called "kep"`},
	} {
		node, err := configs.ParseBytes("p.yaml", []byte(c.settings))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Build(node, pipeline.NewDict())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.settings, err, c.want)
		}
		var where *configs.Error
		if !errors.As(err, &where) {
			t.Errorf("%s: the error has no place: %v", c.settings, err)
		}
	}
}
