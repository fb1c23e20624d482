package configs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type disc struct {
	Size  int `koanf:"size" min:"1" doc:"How large."`
	Speed int `koanf:"speed" doc:"How fast."`
}

type tape struct {
	Speed  int    `koanf:"speed" doc:"How fast."`
	Length string `koanf:"length" required:"true" doc:"How long."`
}

// A medium is a disc or a tape.
type medium struct{ settings any }

func (*medium) Variants() []Variant {
	return []Variant{{"disc", &disc{Size: 3, Speed: 1}}, {"tape", &tape{}}}
}

func (m *medium) Choose(settings any) { m.settings = settings }

func (m *medium) Chosen() any { return m.settings }

type media struct {
	All map[string]medium `koanf:"all"`
}

func TestUnion(t *testing.T) {
	n, err := ParseBytes("f.yaml", []byte("all:\n  a: { size: 7 }\n  b: { kind: tape, length: 3m }\n  c: { kind: disc }\n"))
	if err != nil {
		t.Fatal(err)
	}
	var m media
	if err := Decode(n, &m); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": &disc{Size: 7, Speed: 1}, "b": &tape{Length: "3m"}, "c": &disc{Size: 3, Speed: 1}}
	for name, settings := range want {
		if diff := cmp.Diff(settings, m.All[name].settings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestUnionOrigins(t *testing.T) {
	n, err := ParseBytes("f.yaml", []byte("all:\n  a: { size: 7 }\n  b:\n    kind: tape\n    length: 3m\n"))
	if err != nil {
		t.Fatal(err)
	}
	var m media
	if err := Decode(n, &m); err != nil {
		t.Fatal(err)
	}
	want := []Origin{
		{"all.a.size", "7", "f.yaml:2"},
		{"all.a.speed", "1", "default"},
		{"all.b.kind", "tape", "f.yaml:4"},
		{"all.b.length", "3m", "f.yaml:5"},
	}
	if diff := cmp.Diff(want, ListOrigins(&m, n)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnionMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"all: { a: { kind: dics } }":                     `f.yaml:1: "kind" is "dics": it is one of disc, tape`,
		"all: { a: { kind: [tape] } }":                   `"kind" is a list: it is one of disc, tape`,
		"all: { a: { kind: tape, length: 1m, size: 3 }}": `unknown key "size" in "a": it takes speed, length`,
		"all: { a: { kind: tape } }":                     `"length" is missing in "a"`,
		"all: { a: { size: 0 } }":                        `"size" must be at least 1`,
		"all: { a: tape }":                               `"a" wants a mapping, got "tape"`,
	} {
		n, err := ParseBytes("f.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var m media
		if err := Decode(n, &m); err == nil || !strings.Contains(err.Error(), want) || len(m.All) != 0 {
			t.Errorf("%s: %v, %v, want an error with %q", text, err, m.All, want)
		}
	}
}

func TestUnionIsDescribed(t *testing.T) {
	var rows []string
	for _, s := range Describe(&media{}) {
		rows = append(rows, s.Name+": "+s.Doc)
	}
	want := []string{
		"all: ", "all.<name>.kind: " + kindDoc, "all.<name>.size: How large.", "all.<name>.speed: How fast.", "all.<name>.length: Of kind tape: How long.",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := json.Marshal(Schema(&media{}, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"anyOf":[{"properties":{"size":`, `"enum":["disc"]`, `"enum":["tape"]`, `"required":["length","kind"]`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}
