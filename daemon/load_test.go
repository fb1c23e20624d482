package daemon

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/configs"
)

// mistakes loads a setup that must be refused, and returns what is said of it,
// without the folder.
func mistakes(t *testing.T, files map[string]string) []string {
	t.Helper()
	path := write(t, files)
	_, err := Load(path)
	var got []string
	for _, m := range configs.Mistakes(err) {
		got = append(got, strings.ReplaceAll(m.Error(), filepath.Dir(path)+"/", ""))
	}
	return got
}

const wrongCron = `: cron line "0 0 30 2 *" never fires: there is no such day`

func TestFaultsStandAtTheirKeys(t *testing.T) {
	got := mistakes(t, map[string]string{
		"huntd.yaml": `connections:
  main:
    api: { url: "http://splunk.example:8089", token: "env:T" }
    hec:
      token: "env:T"
      url: "http://splunk.example:8088"
    tls:
      ca_file: gone.pem
  junk:
    hec: { url: "https://hec.example:8088", token: "env:T" }
    tls: { ca_file: huntd.yaml }
`, "hunts.d/a.yaml": huntText("a"),
	})
	const plain = "plain http would show the token to everyone on the way to splunk.example:8089: write https://splunk.example:8089 (http is for 127.0.0.0/8, ::1, localhost)"
	want := []string{
		"huntd.yaml:11: connection junk: tls.ca_file: huntd.yaml holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
		"huntd.yaml:3: connection main: api.url: " + plain,
		"huntd.yaml:6: connection main: hec.url: " + strings.ReplaceAll(plain, "8089", "8088"),
		"huntd.yaml:8: connection main: tls.ca_file: open gone.pem: no such file or directory",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

// TestAWrongConfigHidesNothing: mistakes in huntd.yaml do not keep those that
// stand behind them from being reported, and make up none.
func TestAWrongConfigHidesNothing(t *testing.T) {
	bad := huntText("b", "0 * * * *", "0 0 30 2 *", "connection: main", "connection: unknown-by-now")
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"a wrong key", map[string]string{
			"huntd.yaml":        strings.Replace(goodConfig, "https://splunk.example:8088", "http://splunk.example", 1) + "workers: 65\nhunts: rules\nstate: mysql:x\n",
			"rules/b.yaml":      bad,
			"rules/fine.yaml":   huntText("fine", "connection: main", "connection: unknown-by-now"),
			"hunts.d/else.yaml": bad,
		}, []string{
			`huntd.yaml:9: "workers" must be at most 64, got 65`,
			"huntd.yaml:4: connection main: hec.url: plain http would show the token to everyone on the way to splunk.example: write https://splunk.example (http is for 127.0.0.0/8, ::1, localhost)",
			`huntd.yaml:11: state: "mysql" is no kind of state: write sqlite: and the path of a file, or a postgres:// URL`,
			"rules/b.yaml:2" + wrongCron,
			`rules/fine.yaml:3: no connection "unknown-by-now" in huntd.yaml: connections there: hec-only, main, search-only`,
		}},
		{"a wrong connection", map[string]string{
			"huntd.yaml":        strings.Replace(goodConfig, "main:", "main: 3\n  other:", 1),
			"hunts.d/b.yaml":    bad,
			"hunts.d/c.yaml":    huntText("c", "connection: main", "connection: mian"),
			"hunts.d/fine.yaml": huntText("fine"),
		}, []string{
			`huntd.yaml:2: "main" wants a mapping, got 3`, "hunts.d/b.yaml:2" + wrongCron,
			`hunts.d/c.yaml:3: no connection "mian" in huntd.yaml: did you mean "main"?`,
		}},
		{"no connections", map[string]string{
			"huntd.yaml":     strings.Replace(goodConfig, "connections", "conections", 1),
			"hunts.d/a.yaml": huntText("a"),
		}, []string{
			`huntd.yaml:1: unknown key "conections" in huntd.yaml: did you mean "connections"?`, `huntd.yaml:1: "connections" is missing in huntd.yaml`,
		}},
		{"no folder named", map[string]string{"huntd.yaml": goodConfig + "hunts: [rules]\n", "hunts.d/b.yaml": bad}, []string{
			`huntd.yaml:9: "hunts" wants a path, got a list`, "hunts.d/b.yaml:2" + wrongCron,
		}},
		{"no folder named, nor there", map[string]string{"huntd.yaml": goodConfig + "hunts: [rules]\n"}, []string{
			`huntd.yaml:9: "hunts" wants a path, got a list`,
		}},
		{"no YAML", map[string]string{"huntd.yaml": goodConfig + "hunts: rules\nhunts: more\n", "hunts.d/b.yaml": bad}, []string{
			`huntd.yaml:10:1: the key "hunts" stands twice in one mapping, on line 9 and here: remove one`, "hunts.d/b.yaml:2" + wrongCron,
		}},
		{"no YAML, and no hunts where they may be", map[string]string{"huntd.yaml": goodConfig + "hunts: rules\nhunts: more\n"}, []string{
			`huntd.yaml:10:1: the key "hunts" stands twice in one mapping, on line 9 and here: remove one`,
		}},
	} {
		if diff := cmp.Diff(c.want, mistakes(t, c.files)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestLayersOverrideTheFile: settings of variables and flags are checked, and
// mistakes in them are reported with their names.
func TestLayersOverrideTheFile(t *testing.T) {
	path := write(t, map[string]string{"huntd.yaml": goodConfig + "log: { level: warn }\nstate: mysql:x\n", "rules/a.yaml": huntText("a")})
	t.Chdir(filepath.Dir(path))
	environment := func(variables ...string) configs.Layer {
		return configs.Environment("HUNTD_CFG_", append(variables, "HUNTD_CFG_HUNTS=rules", "HUNTD_CFG_LOG__LEVEL=debug", "HUNTD_CONFIG=x"))
	}
	s, err := Load("huntd.yaml", environment("HUNTD_CFG_STATE=sqlite:e.db"), configs.Flag("--state", "sqlite:f.db", "state"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "sqlite:" + filepath.Join(filepath.Dir(path), "f.db"); s.State != want || s.Log.Level != "debug" || len(s.Hunts) != 1 {
		t.Errorf("state %s, want %s; level %s, %d hunts", s.State, want, s.Log.Level, len(s.Hunts))
	}
	_, err = Load("huntd.yaml", environment("HUNTD_CFG_LOG__LEVLE=x", "HUNTD_CFG_CONNECTIONS__HEC_ONLY__HEC__URL=http://splunk.example:8088"))
	want := `HUNTD_CFG_LOG__LEVLE: unknown key "levle" in "log": did you mean "level"?
HUNTD_CFG_CONNECTIONS__HEC_ONLY__HEC__URL: connection hec-only: hec.url: plain http would show the token to everyone on the way to ` +
		`splunk.example:8088: write https://splunk.example:8088 (http is for 127.0.0.0/8, ::1, localhost)
huntd.yaml:10: state: "mysql" is no kind of state: write sqlite: and the path of a file, or a postgres:// URL`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	path := write(t, map[string]string{
		"huntd.yaml": `connections:
  main:
    api: { url: "https://splunk.example:8089", user: u, password: "file:open" }
    hec: { url: "https://splunk.example:8088", token: "file:gone" }
  other:
    api: { url: "https://splunk.example:8089", token: "env:HUNTD_TEST_UNSET" }
    hec: { url: "https://splunk.example:8088", token: "credential:hec-token" }
state: sqlite:nope/huntd.db
`, "hunts.d/a.yaml": huntText("a"), "open": "canary",
	})
	dir := filepath.Dir(path)
	if err := os.Chmod(filepath.Join(dir, "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := []string{
		path + ":3: api.password: file:" + dir + "/open: has mode 0644, so that others can read or change it: chmod 640 or less",
		path + ":4: hec.token: file:" + dir + "/gone: no such file or directory",
		path + ":6: api.token: env:HUNTD_TEST_UNSET: the variable is not set",
		path + ":8: state: there is no folder " + dir + "/nope: make it, or name another",
	}
	s := load(t, path)
	if diff := cmp.Diff(want, s.Warnings(t.Context())); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	t.Setenv("HUNTD_TEST_UNSET", "t")
	put(t, filepath.Join(dir, "gone"), "t")
	put(t, filepath.Join(dir, "nope", "x"), "")
	if got := s.Warnings(t.Context()); len(got) != 1 {
		t.Errorf("once mended: %q", got)
	}
}

// TestANewStateIsTold: who named another state by mistake learns of it.
func TestANewStateIsTold(t *testing.T) {
	s := load(t, deploy(t, newRefusal(t), "a"))
	for _, want := range []int{1, 0} {
		core, logs := observer.New(zapcore.InfoLevel)
		d, err := Open(context.Background(), s, zap.New(core))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		told := logs.FilterMessageSnippet("state created").FilterField(zap.String("state", strings.TrimPrefix(s.State, "sqlite:")))
		if told.Len() != want {
			t.Errorf("told %d times, want %d: %v", told.Len(), want, logs.All())
		}
	}
}
