package configs

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func defaultSample() sample {
	s := sample{
		Limit: 5, Ratio: 0.25, Lag: 90 * time.Second, Severity: "high", Fields: []string{"a", "b"}, Data: "data",
		Stages: []sampleStage{{When: "x"}}, Addr: netip.MustParseAddr("127.0.0.1"), Token: Static(canary),
	}
	s.Schedule.Timezone = "UTC"
	return s
}

func TestDescribe(t *testing.T) {
	s := defaultSample()
	want := []Setting{
		{Name: "name", Type: "text", Doc: "What it is called.", Pattern: "^[a-z][a-z0-9-]*$", Max: "20", Required: true},
		{Name: "schedule", Type: "mapping", Doc: "When it runs."},
		{Name: "schedule.cron", Type: "text", Doc: "A cron line.", Required: true},
		{Name: "schedule.timezone", Type: "text", Default: "UTC"},
		{Name: "schedule.jitter", Type: "mapping"},
		{Name: "schedule.jitter.max", Type: "duration"},
		{Name: "index", Type: "text", Doc: "Where it looks."},
		{Name: "on", Type: "true or false", Default: "false", Doc: "Whether it runs."},
		{Name: "limit", Type: "whole number", Default: "5", Doc: "How many.", Min: "1", Max: "100"},
		{Name: "small", Type: "whole number"},
		{Name: "ratio", Type: "number", Default: "0.25", Min: "0", Max: "1"},
		{Name: "lag", Type: "duration", Default: "1m30s", Doc: "How far behind.", Min: "0s", Max: "1h"},
		{Name: "severity", Type: "text", Default: "high", Enum: []string{"informational", "low", "medium", "high", "critical"}},
		{Name: "fields", Type: "list of text", Default: "[a, b]", Min: "1"},
		{Name: "levels", Type: "list of text", Enum: []string{"low", "high"}},
		{Name: "ports", Type: "list of whole numbers"},
		{Name: "entities", Type: "mapping of names to text"},
		{Name: "stages", Type: "list of mappings"},
		{Name: "stages[].when", Type: "text", Required: true, Short: true},
		{Name: "stages[].count", Type: "whole number", Default: "7"},
		{Name: "servers", Type: "mapping of names to mappings"},
		{Name: "servers.<name>.url", Type: "text", Required: true},
		{Name: "servers.<name>.timeout", Type: "duration", Default: "30s"},
		{Name: "servers.<name>.secret", Type: "reference to a secret"},
		{Name: "admin", Type: "mapping"},
		{Name: "admin.listen", Type: "text"},
		{Name: "strict", Type: "true or false"},
		{Name: "pipeline", Type: "list of stages"},
		{Name: "value", Type: "value"},
		{Name: "addr", Type: "text", Default: "127.0.0.1"},
		{Name: "rules", Type: "list of paths"},
		{Name: "data", Type: "path", Default: "data"},
		{Name: "token", Type: "reference to a secret"},
		{Name: "window", Type: "value"},
		{Name: "windows", Type: "list of values"},
		{Name: "times", Type: "mapping of names to lists of numbers"},
		{Name: "room", Type: "size", Doc: "How much it may hold.", Min: "16MiB", Max: "2GiB"},
		{Name: "disabled", Type: "true or false", Default: "false"},
	}
	if diff := cmp.Diff(want, Describe(&s)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, Describe(s)); diff != "" {
		t.Errorf("by value: %s", diff)
	}
}

// tree contains itself.
type tree struct {
	Name     string          `koanf:"name"`
	Children []tree          `koanf:"children"`
	Named    map[string]tree `koanf:"named"`
	Other    *tree           `koanf:"other"`
}

func TestTypesThatContainThemselves(t *testing.T) {
	want := []Setting{
		{Name: "name", Type: "text"},
		{Name: "children", Type: "list of mappings"},
		{Name: "named", Type: "mapping of names to mappings"},
		{Name: "other", Type: "mapping"},
	}
	if diff := cmp.Diff(want, Describe(tree{})); diff != "" {
		t.Error(diff)
	}
	compile(t, Schema(tree{}, "https://example.org/tree.json", nil))
	var got tree
	if err := decodeText(t, "name: a\nchildren: [{name: b, other: {name: c}}]\n", &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tree{Name: "a", Children: []tree{{Name: "b", Other: &tree{Name: "c"}}}}, got); diff != "" {
		t.Error(diff)
	}
}
