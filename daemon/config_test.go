package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/huntd/huntd/configs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	goodConfig = `connections:
  main:
    api: { url: "https://splunk.example:8089", token: "credential:splunk-token" }
    hec: { url: "https://splunk.example:8088", token: "credential:hec-token" }
  search-only:
    api: { url: "https://search.example:8089", token: "credential:splunk-token" }
  hec-only:
    hec: { url: "https://hec.example:8088", token: "credential:hec-token" }
`
	goodHunt = `name: NAME
schedule: { cron: "0 * * * *" }
source: { connection: main, search: search index=NAME }
deliver: { records: all }
`
)

// huntText is a good hunt of a name, with pairs of old and new text in it.
func huntText(name string, change ...string) string {
	return strings.NewReplacer(append([]string{"NAME", name}, change...)...).Replace(goodHunt)
}

// write makes a folder of files and returns its huntd.yaml.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
	return filepath.Join(dir, "huntd.yaml")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, path string, above ...configs.Layer) *Setup {
	t.Helper()
	s, err := Load(path, above...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLoad(t *testing.T) {
	path := write(t, map[string]string{
		"huntd.yaml": goodConfig, "hunts.d/b.yml": huntText("b"), "hunts.d/a.yaml": huntText("a"),
		"hunts.d/c.json": `{"name":"c","schedule":{"cron":"@daily"},"source":{"connection":"search-only","search":"search index=x"},` +
			`"deliver":{"connection":"hec-only","records":"all"}}`,
		"hunts.d/README.md": "not a hunt", "hunts.d/.b.yaml.swp": "nor this", "hunts.d/.hidden.yaml": "nor this", "hunts.d/old.yaml/x": "nor a folder",
	})
	s := load(t, path)
	var names []string
	for _, h := range s.Hunts {
		names = append(names, h.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, names); diff != "" {
		t.Errorf("hunts (-want +got):\n%s", diff)
	}
	if want := "sqlite:" + filepath.Join(filepath.Dir(path), "huntd.db"); s.State != want {
		t.Errorf("state %q, want %q beside the file", s.State, want)
	}
	if want := []string{"hec-only", "main", "search-only"}; !cmp.Equal(s.ConnectionNames(), want) {
		t.Errorf("connections %q, want %q", s.ConnectionNames(), want)
	}
	if s.Workers != 4 || s.Log.Level != "info" {
		t.Errorf("defaults: %d workers, log level %q", s.Workers, s.Log.Level)
	}
}

func TestPathsBeginAtTheFile(t *testing.T) {
	path := write(t, map[string]string{"huntd.yaml": goodConfig + "hunts: rules/all\nstate: sqlite:var/state.db\n", "rules/all/a.yaml": huntText("a")})
	dir := filepath.Dir(path)
	t.Chdir(filepath.Dir(dir))
	s := load(t, filepath.Join(filepath.Base(dir), "huntd.yaml"))
	if want := "sqlite:" + filepath.Join(dir, "var/state.db"); s.State != want {
		t.Errorf("state %q, want %q", s.State, want)
	}
	if want := filepath.Join(dir, "rules/all"); string(s.Config.Hunts) != want {
		t.Errorf("hunts %q, want %q", s.Config.Hunts, want)
	}
}

func TestMistakesOfAllFilesAreReported(t *testing.T) {
	path := write(t, map[string]string{
		"huntd.yaml":      strings.Replace(goodConfig, ", token: \"credential:hec-token\"", "", 1) + "state: mysql://huntd:secret@db/huntd\n",
		"hunts.d/a.yaml":  huntText("a"),
		"hunts.d/b.yaml":  huntText("b", "0 * * * *", "* * * * 7", "schedule:", "description: x\nschedule:"),
		"hunts.d/c.yaml":  huntText("a"),
		"hunts.d/d.yaml":  huntText("d", "connection: main", "connection: man"),
		"hunts.d/e.yaml":  huntText("e", "search:", "saerch:"),
		"hunts.d/f.yaml":  huntText("f", "connection: main", "connection: hec-only"),
		"hunts.d/g.yaml":  huntText("g", "records: all", "connection: search-only, records: all"),
		"hunts.d/h.yaml":  huntText("h", "records: all", "connection: nowhere, records: all"),
		"hunts.d/zz.json": "{",
	})
	s, err := Load(path)
	if err == nil || s != nil {
		t.Fatalf("Load: %v, %v", s, err)
	}
	for _, want := range []string{
		"huntd.yaml:4: connection main: hec: the token is missing",
		`huntd.yaml:9: state: "mysql" is no kind of state`,
		"b.yaml:3: cron line",
		"c.yaml:1: hunt \"a\" is in ",
		`d.yaml:3: no connection "man" in ` + path + `: did you mean "main"?`,
		`e.yaml:3: unknown key "saerch"`,
		`f.yaml:3: connection "hec-only" in ` + path + " has no api.url, so that nothing can be searched with it",
		`g.yaml:4: connection "search-only" in ` + path + " has no hec.url, so that nothing can be delivered to it",
		`h.yaml:4: no connection "nowhere" in ` + path + ": connections there: hec-only, main, search-only",
		"zz.json:1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if got := len(configs.Mistakes(err)); got != 10 {
		t.Errorf("%d mistakes, want 10:\n%v", got, err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("a password is told:\n%v", err)
	}
}

func TestLoadWithoutHunts(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"huntd.yaml:9: no folder":                              {"huntd.yaml": goodConfig + "hunts: nowhere\n"},
		"huntd.yaml:1: no folder":                              {"huntd.yaml": goodConfig},
		"huntd.yaml:1: no hunt file (*.yaml)":                  {"huntd.yaml": goodConfig, "hunts.d/README": ""},
		`unknown key "conections" in huntd.yaml: did you mean`: {"huntd.yaml": strings.Replace(goodConfig, "connections", "conections", 1)},
		`"workers" must be at most 64`:                         {"huntd.yaml": goodConfig + "workers: 65\n"},
	} {
		if _, err := Load(write(t, files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load: %v\nwant %q", err, want)
		}
	}
}

func TestHuntByName(t *testing.T) {
	s := load(t, write(t, map[string]string{"huntd.yaml": goodConfig, "hunts.d/a.yaml": huntText("beacons"), "hunts.d/b.yaml": huntText("powershell")}))
	if h, err := s.Hunt("beacons"); err != nil || h.Name != "beacons" {
		t.Errorf("Hunt: %v, %v", h, err)
	}
	for name, want := range map[string]string{"Becons": `did you mean "beacons"?`, "xyz": "hunts there: beacons, powershell"} {
		if _, err := s.Hunt(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Hunt(%q): %v, want %q", name, err, want)
		}
	}
}
