package configs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const layeredFile = `name: a
limit: 5
schedule: { cron: "@daily", timezone: UTC }
servers:
  search-only: { url: x, timeout: 7s }
  Main: { url: y }
`

// decodeLayers reads a file x.yaml below layers of variables T_… and of flags.
func decodeLayers(t *testing.T, text string, above ...Layer) (s sample, n *Node, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.yaml")
	write(t, path, text, 0o600)
	n, err = Parse(path, above...)
	if err != nil {
		t.Fatal(err)
	}
	return s, n, DecodeAs("x.yaml", n, &s)
}

func TestLayers(t *testing.T) {
	s, n, err := decodeLayers(t, layeredFile, Environment("T_", []string{
		"T_LIMIT=7", "T_INDEX=1.10", "T_SCHEDULE__TIMEZONE=CET", "T_SCHEDULE__JITTER__MAX=2m", "T_SERVERS__SEARCH_ONLY__URL=z",
		"T_SERVERS__MAIN__TIMEOUT=9s", "T_SERVERS__NEW__URL=w", "T_SERVERS__NEW__SECRET=env:PASS", "T_FIELDS=a", "T_LEVELS=[low, high]",
		"T_DATA=d", "T_ON=true", "OTHER_T_NAME=b", "T=1",
	}), Flag("--limit", "8", "limit"))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		s.Name, s.Limit, s.Index, s.Schedule.Cron, s.Schedule.Timezone, s.Schedule.Jitter.Max.String(), s.Servers["search-only"].URL,
		s.Servers["search-only"].Timeout.String(), s.Servers["Main"].URL, s.Servers["Main"].Timeout.String(), s.Servers["new"].URL,
		s.Fields, s.Levels, s.On, len(s.Servers),
	}
	want := []any{"a", 8, "1.10", "@daily", "CET", "2m0s", "z", "7s", "y", "9s", "w", []string{"a"}, []string{"low", "high"}, true, 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if here, err := filepath.Abs("d"); err != nil || s.Data != Path(here) {
		t.Errorf("the path of a variable begins at the working directory, got %s", s.Data)
	}
	for path, want := range map[string]string{
		"limit": "--limit: x", "schedule timezone": "T_SCHEDULE__TIMEZONE: x", "schedule cron": n.File() + ":3: x", "schedule jitter": "T_SCHEDULE__JITTER__MAX: x",
		"servers new": "T_SERVERS__NEW__SECRET: x", "servers search-only": n.File() + ":5: x", "gone": n.File() + ":1: x",
	} {
		if got := Errorf(n.At(strings.Fields(path)...), "x").Error(); got != want {
			t.Errorf("the place of %s is %s, want %s", path, got, want)
		}
	}
}

func TestMistakesInLayers(t *testing.T) {
	_, n, err := decodeLayers(t, "name: a\nstrict: 3\nservers: 4\n", Environment("T_", []string{
		"T_LIMIT=hunter", "T_SHEDULE=x", "T_SCHEDULE__ZONE=x", "T_SERVERS__MAIN__TIMEOUT=3", "T_TOKEN=hunter2", "T_FIELDS__INDEX=b", "T_ON__=x", "T_LEVELS=[low, lwo, {}]", "T_LAG=",
	}), Flag("--ratio", "2", "ratio"))
	want := `--ratio: "ratio" must be at most 1, got 2
FILE:2: "strict" wants true or false, got 3
T_FIELDS__INDEX: "fields" wants a list of text, got a mapping
T_LAG: "lag" wants a duration with a unit such as 90s, got ""
T_LEVELS: item 2 of "levels" wants one of low, high, got "lwo": did you mean "low"?
T_LEVELS: item 3 of "levels" wants text, got a mapping
T_LIMIT: "limit" wants a whole number, got "hunter"
T_ON__: "on" wants true or false, got a mapping
T_SCHEDULE__ZONE: unknown key "zone" in "schedule": it takes cron, timezone, jitter
T_SCHEDULE__ZONE: "cron" is missing in "schedule"
T_SERVERS__MAIN__TIMEOUT: "timeout" wants a duration with a unit such as 90s, got 3
T_SERVERS__MAIN__TIMEOUT: "url" is missing in "main"
T_SHEDULE: unknown key "shedule" in x.yaml: did you mean "schedule"?
T_TOKEN: "token" holds a secret in plain text: put it into a file of mode 0640 and write "file:PATH", or write "credential:NAME", "env:NAME" or "exec:[PROGRAM, ARG]"`
	if diff := cmp.Diff(want, strings.ReplaceAll(err.Error(), n.File(), "FILE")); diff != "" {
		t.Error(diff)
	}
}

// TestLayersOverForeignFiles: messages repeat nothing of another program's file, even
// if a variable adds a setting to it.
func TestLayersOverForeignFiles(t *testing.T) {
	for text, want := range map[string]string{
		"user: hunter2\n": ":1: has no key of x.yaml: it takes name",
		"hunter2\n":       ":1: x.yaml wants a mapping, got text",
		"- hunter2\n":     ":1: x.yaml wants a mapping, got a list",
		"# nothing yet\n": ":1: \"name\" is missing in x.yaml",
	} {
		_, _, err := decodeLayers(t, text, Environment("T_", []string{"T_LIMIT=5"}))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestLayersConflict: of two variables, one sets all of what the other sets a part of.
func TestLayersConflict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	write(t, path, "name: a\n", 0o600)
	_, err := Parse(path, Environment("T_", []string{"T_SCHEDULE__CRON=@daily", "T_SCHEDULE=x", "T_SCHEDULES=y"}))
	if want := `T_SCHEDULE: sets all of "schedule", and T_SCHEDULE__CRON a part of it: unset one of them`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
