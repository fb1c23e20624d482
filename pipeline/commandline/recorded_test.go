package commandline

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// TestEncodedInTheWild: commands of real intruders that hide a script in base64
// are pointed out and match, each of them.
func TestEncodedInTheWild(t *testing.T) {
	rules, err := NewRules(BuiltinRules())
	if err != nil {
		t.Fatal(err)
	}
	a, n := New(DefaultLimits()), 0
	for line, event := range recorded.Events(t, filepath.Join(recorded.Path(t, "data", "dev"), "pscmd-corpus.ndjson.gz")) {
		for _, text := range event["CommandLine"] {
			n++
			c := a.Analyze(text, Unknown)
			found := slices.ContainsFunc(rules.Match(&c), func(m Match) bool { return m.Rule.ID == "powershell-encoded" })
			if !found || !c.Techniques.Has(Base64) || c.Name == "" {
				t.Errorf("line %d: %.200s: %s, %v, found %t", line, text, c.Name, names(c.Techniques), found)
			}
		}
	}
	if n < 600 {
		t.Errorf("%d commands only", n)
	}
}

// TestObfuscatedInTheWild: commands that WMImplant wrote as numbers and split
// strings are readable afterwards, and match what they do.
func TestObfuscatedInTheWild(t *testing.T) {
	rules, err := NewRules(BuiltinRules())
	if err != nil {
		t.Fatal(err)
	}
	_, hidden := recordedCommands(t)
	a, n := New(DefaultLimits()), 0
	for _, text := range hidden {
		if strings.Contains(text, "amsi") || strings.Contains(text, "ServicePointManager") || len(text) < 2000 {
			continue
		}
		c := a.Analyze(text, Unknown)
		if !c.Techniques.Has(CharCode) {
			continue
		}
		n++
		var ids []string
		for _, m := range rules.Match(&c) {
			ids = append(ids, m.Rule.ID)
		}
		if !strings.Contains(c.Readable, "AmsiUtils") || !strings.Contains(c.Readable, "'amsiInitFailed'") || !slices.Contains(ids, "amsi-bypass") {
			t.Errorf("%.100s…: %v, %.300s", text, ids, c.Readable)
		}
	}
	if n < 4 {
		t.Errorf("%d commands only", n)
	}
}
