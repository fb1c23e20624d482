package hunt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

const goodHunt = `name: encoded-powershell
description: PowerShell started with an encoded command.
schedule: { cron: "*/5 * * * *", timezone: Europe/Berlin }
source:
  connection: main
  search: search index=$index$ EventCode=4688 CommandLine="*powershell*"
  params: { index: { type: index, value: windows } }
window: { by: index_time, lag: 90s, max: 1h, first: 24h }
pipeline:
  - keep: len(CommandLine) > 0
findings:
  title: Encoded PowerShell on {{.host}}
  severity: high
  entities: { host: host }
  attack: [T1059.001]
  suppress: { by: [host], for: 24h }
deliver: { connection: main, index: hunts, sourcetype: "huntd:finding", records: findings }
`

// asSplunk is the kind of all connections here.
func asSplunk(string) pipeline.SIEM { return splunk.SIEM{} }

// parseHunt makes a hunt of a file's text.
func parseHunt(t *testing.T, text string) *Hunt {
	t.Helper()
	h, err := Parse("hunt.yaml", []byte(text), asSplunk)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestParse(t *testing.T) {
	h := parseHunt(t, goodHunt)
	if want := `search index=windows EventCode=4688 CommandLine="*powershell*"`; h.Query != want {
		t.Errorf("query %q, want %q", h.Query, want)
	}
	if h.Deliver.Source != "huntd:encoded-powershell" {
		t.Errorf("the events' source is %q", h.Deliver.Source)
	}
	if len(h.Warnings()) != 0 {
		t.Errorf("a good hunt is warned of: %q", h.Warnings())
	}
	other := parseHunt(t, strings.Replace(goodHunt, "90s", "91s", 1))
	if other.SpecHash == h.SpecHash {
		t.Error("another file has the same hash")
	}
}

func TestHuntMistakes(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown key", "description:", "descripton:", `hunt.yaml:2: unknown key "descripton" in the hunt: did you mean "description"?`},
		{"unknown stage", "- keep:", "- kepe:", `hunt.yaml:10: no stage is called "kepe"`},
		{"no cron", `cron: "*/5 * * * *", `, "", `hunt.yaml:3: "schedule" wants a cron line, such as`},
		{"cron never fires", "*/5 * * * *", "0 0 31 2 *", `hunt.yaml:3: cron line "0 0 31 2 *" never fires`},
		{"cron with a zone", "*/5 * * * *", "TZ=UTC", "hunt.yaml:3: cron line \"TZ=UTC\": the time zone has a key of its own, timezone"},
		{"zone", "Europe/Berlin", "Europe/Bonn", `hunt.yaml:3: no time zone "Europe/Bonn": write one of the IANA database`},
		{"no search", "  search: search index=$index$ EventCode=4688 CommandLine=\"*powershell*\"\n", "", `hunt.yaml:5: "source" wants a search`},
		{"no connection", "  connection: main\n", "", `hunt.yaml:5: "source" wants a connection`},
		{"risky search", "EventCode=4688", "| delete", "hunt.yaml:6:"},
		{"missing parameter", "params: { index: { type: index, value: windows } }", "params: {}", "hunt.yaml:6:"},
		{
			"metrics by index time", `search index=$index$ EventCode=4688 CommandLine="*powershell*"`,
			"'| mstats avg(x) WHERE index=$index$'", "no index time",
		},
		{"fraction of a second", "lag: 90s", "lag: 1500ms", `hunt.yaml:8: "lag" is 1.5s: windows are of whole seconds`},
		{"negative lag", "lag: 90s", "lag: -1s", "hunt.yaml:8:"},
		{"bare number", "lag: 90s", "lag: 90", "hunt.yaml:8:"},
		{"empty window", "max: 1h", "max: 0s", "hunt.yaml:8:"},
		{"severity", "severity: high", "severity: hgih", "hunt.yaml:13:"},
		{"title", "{{.host}}", "{{.host", "hunt.yaml:12: the title is no template"},
		{"title of no text", "{{.host}}", "'{{.host.name}}'", "hunt.yaml:12: the title is no template"},
		{"technique", "T1059.001", "Powershell", `hunt.yaml:15: "Powershell" is no ATT&CK technique: write T1059`},
		{"score", "severity: high", "score: 101", "hunt.yaml:13: a score lies between 0 and 100, got 101"},
		{"suppress for", ", for: 24h", "", `hunt.yaml:16: "suppress" wants for`},
		{"suppress by", "by: [host]", "by: []", `hunt.yaml:16: "by" wants the fields`},
		{"index", "index: hunts", "index: '*'", "hunt.yaml:17:"},
		{"name", "name: encoded-powershell", "name: encoded powershell", "hunt.yaml:1:"},
		{"nothing to deliver", goodHunt[strings.Index(goodHunt, "findings:"):], "", `a hunt wants "findings", or "deliver" with records: all`},
	} {
		if strings.Count(goodHunt, tt.old) == 0 {
			t.Fatalf("%s: %q is not in the hunt", tt.name, tt.old)
		}
		h, err := Parse("hunt.yaml", []byte(strings.Replace(goodHunt, tt.old, tt.new, 1)), asSplunk)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant an error with %q", tt.name, err, tt.want)
			continue
		}
		if h != nil {
			t.Errorf("%s: a hunt beside the error", tt.name)
		}
		for _, m := range configs.Mistakes(err) {
			if m.File != "hunt.yaml" || m.Line == 0 {
				t.Errorf("%s: no place in %q", tt.name, m)
			}
		}
	}
}

func TestHuntMistakesAreAllReported(t *testing.T) {
	text := goodHunt
	for old, with := range map[string]string{
		"*/5 * * * *": "* * * * 7", "lag: 90s": "lag: 1ms", "max: 1h": "max: 1001ms", "- keep:": "- kepe:", "T1059.001": "x",
		"by: [host]": "by: []", "index: hunts": "index: '*'",
	} {
		text = strings.Replace(text, old, with, 1)
	}
	_, err := Parse("hunt.yaml", []byte(text), asSplunk)
	if got := len(configs.Mistakes(err)); got != 7 {
		t.Errorf("%d mistakes reported of 7:\n%v", got, err)
	}
}

func TestWarnings(t *testing.T) {
	text := strings.NewReplacer("lag: 90s", "lag: 0s", "by: index_time", "by: event_time", "records: findings", "records: all").Replace(goodHunt)
	h := parseHunt(t, text)
	got := strings.Join(h.Warnings(), "\n")
	for _, want := range []string{"hunt.yaml:8: a lag of 0 s", "hunt.yaml:8: windows by event time", "hunt.yaml:17: records: all"} {
		if !strings.Contains(got, want) {
			t.Errorf("no warning %q in:\n%s", want, got)
		}
	}
}

func TestLoadPipelineWantsLittle(t *testing.T) {
	path, text := filepath.Join(t.TempDir(), "hunt.yaml"), []byte("name: pipe\npipeline: [{ keep: 'true' }]\n")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadPipeline(path); err != nil {
		t.Errorf("name and pipeline are all that it needs: %v", err)
	}
	if _, err := Parse(path, text, asSplunk); err == nil {
		t.Error("a hunt without source and schedule was loaded")
	}
}
