package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const huntYAML = "\ufeff" + `# a hunt
name: encoded-powershell
schedule: { cron: "*/5 * * * *", timezone: Europe/Berlin }
source:
  search: search index=$index$ EventCode=4688 CommandLine="*powershell*"
  params: { index: { type: index, value: windows } }
pipeline:
  - unpack_base64: { fields: [CommandLine] }
  - keep: len(ioc_url) > 0
  - drop: |
      a == "b"
      or c
findings:
  title: Encoded PowerShell reaches out to {{.ioc_url}}
  score: 1.50
  attack: [T1059.001, 'it''s']
  suppress: { by: [host, ioc_url], for: 24h }
  none: ~
`

const huntJSON = `{
	"name":	"encoded-powershell",
	"schedule" : {"cron":"*\/5 * * * *","timezone":"Europe\u002fBerlin"},
	"source":
	{
		"search": "search index=$index$ EventCode=4688 CommandLine=\"*powershell*\"",
		"params": {"index":{"type":"index","value":"windows"}}
	},
	"pipeline": [
		{"unpack_base64": {"fields": ["CommandLine"]}},
		{"keep": "len(ioc_url) > 0"},
		{"drop": "a == \"b\"\nor c\n"}
	],
	"findings": {
		"title": "Encoded PowerShell reaches out to {{.ioc_url}}",
		"score": 1.50,
		"attack": ["T1059.001", "it's"],
		"suppress": {"by": ["host", "ioc_url"], "for": "24h"},
		"none": null
	}
}
`

func TestJSONLoadsTheSameAsYAML(t *testing.T) {
	want := mustParse(t, huntYAML).ToAny()
	for name, text := range map[string]string{
		"JSON": huntJSON, "CRLF": strings.ReplaceAll(huntJSON, "\n", "\r\n"),
		"YAML CRLF": strings.ReplaceAll(huntYAML, "\n", "\r\n"),
	} {
		if diff := cmp.Diff(want, mustParse(t, text).ToAny()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestJSONIsYAML writes random JSON in many ways and expects of each what
// encoding/json reads.
func TestJSONIsYAML(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		value := map[string]any{"k": randomJSON(rnd, 3)}
		compact, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		text := scattered(rnd, compact)
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got, err := ParseBytes("x.json", text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, floats(got.ToAny())); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	}
}

// scattered puts white space around JSON's tokens and escapes some characters.
func scattered(rnd *rand.Rand, compact []byte) []byte {
	var b bytes.Buffer
	space := func() {
		if rnd.IntN(3) == 0 {
			b.WriteString([]string{" ", "\t", "\n", "\r\n", "\n\t", " \t ", "\n\n  "}[rnd.IntN(7)])
		}
	}
	within, asIs := false, 0 // asIs: how much of an escape is left
	for _, r := range string(compact) {
		switch {
		case asIs > 0:
			b.WriteRune(r)
			if asIs--; r == 'u' && asIs == 0 {
				asIs = 4
			}
		case within && r == '\\':
			b.WriteRune(r)
			asIs = 1
		case r == '"':
			b.WriteRune(r)
			within = !within
		case within && r == '/':
			b.WriteString(`\/`)
		case within && rnd.IntN(4) == 0:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04X`, unit)
			}
		case !within && strings.ContainsRune("[]{},:", r):
			space()
			b.WriteRune(r)
			space()
		default:
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

func randomJSON(rnd *rand.Rand, depth int) any {
	kind := rnd.IntN(8)
	if depth == 0 {
		kind = rnd.IntN(5)
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return rnd.IntN(2) == 0
	case 2:
		return rnd.IntN(2000) - 1000
	case 3:
		return rnd.NormFloat64() * 1e10
	case 4:
		return randomText(rnd)
	case 5:
		list := []any{}
		for range rnd.IntN(4) {
			list = append(list, randomJSON(rnd, depth-1))
		}
		return list
	}
	m := map[string]any{}
	for range rnd.IntN(4) {
		if key := randomText(rnd); !strings.ContainsAny(key, "\t\n\r\x00\x1b\u0085") {
			m[key] = randomJSON(rnd, depth-1)
		}
	}
	return m
}

func randomText(rnd *rand.Rand) string {
	pieces := []string{
		"a", "b", " ", "\t", "\n", "\r", `\`, "/", `"`, "'", "#", ":", " #", ": ", "- ", "[", "]", "{", "}", ",",
		"é", "😀", "\u2028", "\x00", "\x1b", "%", "@", "`", "&", "*", "!", "|", ">", "?", "~", "null", "true", "1",
		"0x1", "\u0085", "\ufeff", "\u00a0", `\n`, "<<", "---", "\n---\n", "\n...\n",
	}
	var b strings.Builder
	for range rnd.IntN(6) {
		b.WriteString(pieces[rnd.IntN(len(pieces))])
	}
	return b.String()
}

// floats makes every number a float64, as encoding/json does.
func floats(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}

func TestScalars(t *testing.T) {
	for text, want := range map[string]any{
		"1": int64(1), "-7": int64(-7), "+7": int64(7), "0x1F": int64(31), "0o17": int64(15), "-0": int64(0),
		"18446744073709551615": uint64(1<<64 - 1), "99999999999999999999": "99999999999999999999",
		"1.5": 1.5, "1e3": 1000.0, ".5": 0.5, "1.": 1.0, "-1.25E-2": -0.0125,
		"010": "010", "1_000": "1_000", "0b11": "0b11", ".inf": ".inf", ".nan": ".nan", "1e": "1e", "007.5": "007.5",
		"true": true, "True": true, "FALSE": false, "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y",
		"'1'": "1", `"true"`: "true", "'null'": "null", "~": nil, "null": nil, "NULL": nil, "": nil,
		"2024-01-01": "2024-01-01", "12:30:45": "12:30:45", "1.2.3.4": "1.2.3.4", "a#b": "a#b", "a #b": "a",
		"len(x) > 0": "len(x) > 0", "x:y": "x:y", "|\n  a\n  b\n": "a\nb\n", ">-\n  a\n  b\n": "a b", "a\n  b": "a b",
		"-": []any{nil}, "- -": []any{[]any{nil}},
	} {
		sep := " "
		if strings.HasPrefix(text, "-") && want != int64(-7) && want != int64(0) && want != -0.0125 {
			sep = "\n  "
		}
		n := mustParse(t, "k:"+sep+text+"\n")
		if diff := cmp.Diff(want, n.Child("k").ToAny()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestNodesKnowWhereTheyStand(t *testing.T) {
	n := mustParse(t, "# c\na: 1\nb:\n  - x\n  - {y: 2,\n     z: 3}\nc: |\n  t\n  u\nd:\ne: end\n")
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, n.Keys()); diff != "" {
		t.Error(diff)
	}
	b := n.Child("b")
	for i, at := range []struct {
		n         *Node
		line, col int
		kind      Kind
		text      string
	}{
		{n, 2, 1, Mapping, ""},
		{n.Child("a"), 2, 4, Scalar, "1"},
		{n.Key("b"), 3, 1, Scalar, "b"},
		{b, 4, 3, Sequence, ""},
		{b.Items()[1], 5, 5, Mapping, ""},
		{b.Items()[1].Child("z"), 6, 9, Scalar, "3"},
		{n.Child("c"), 7, 4, Scalar, "t\nu\n"},
		{n.Child("d"), 10, 1, Null, ""},
		{n.Child("e"), 11, 4, Scalar, "end"},
	} {
		if at.n.Line() != at.line || at.n.col != at.col || at.n.Kind() != at.kind || at.n.Text() != at.text || at.n.File() != "x.yaml" {
			t.Errorf("%d: line %d col %d %s %q", i, at.n.Line(), at.n.col, at.n.Kind(), at.n.Text())
		}
	}
	if n.Child("f") != nil || n.Key("f") != nil || n.Child("a").Child("b") != nil {
		t.Error("a key from nowhere")
	}
}

func TestNilNodeIsNothing(t *testing.T) {
	var n *Node
	if n.Kind() != Null || n.Text() != "" || n.File() != "" || n.Line() != 0 || n.Keys() != nil ||
		n.Items() != nil || n.Child("a") != nil || n.ToAny() != nil {
		t.Error("a nil node holds something")
	}
}

func TestParse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.yaml")
	if _, err := Parse(path); !os.IsNotExist(err) || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("a: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := Parse(path); err != nil || n.Child("a").Text() != "1" || n.File() != path {
		t.Errorf("%v, %v", n, err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("a"), maxSize+10), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(path); err == nil || err.Error() != path+": is larger than 1 MiB, the most a settings file may have" {
		t.Errorf("too large: %v", err)
	}
	if _, err := Parse(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}
