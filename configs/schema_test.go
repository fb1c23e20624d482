package configs

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

// compile has a validator read a schema, which it checks against draft 2020-12.
func compile(t *testing.T, schema *jsonschema.Schema) *validator.Schema {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return compiled
}

// JSONSchema shows that a type may describe its own form.
func (window) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "string", Pattern: `^.+\.\..+$`},
		Schema(plainWindow{}, "", nil),
	}}
}

type plainWindow struct {
	From string `koanf:"from"`
	To   string `koanf:"to"`
}

func sampleSchema() *jsonschema.Schema {
	s := defaultSample()
	return Schema(&s, "https://example.org/sample.json", func(name string) *jsonschema.Schema {
		if name == "pipeline" {
			return &jsonschema.Schema{Type: "array"}
		}
		return nil
	})
}

// TestSchemaAgreesWithDecode takes the same texts through both. Not all that
// Decode refuses can be said in a schema, so that some are marked.
func TestSchemaAgreesWithDecode(t *testing.T) {
	schema := compile(t, sampleSchema())
	for _, c := range []struct {
		text    string
		ok, lax bool
	}{
		{text: `{"name": "a"}`, ok: true},
		{text: `{}`},
		{text: `{"name": "A"}`},
		{text: `{"name": "a", "nmae": 1}`},
		{text: `{"name": "a", "index": 4688}`, ok: true},
		{text: `{"name": "a", "index": true}`, ok: true},
		{text: `{"name": "a", "index": []}`},
		{text: `{"name": "a", "schedule": {"cron": "x", "jitter": {"max": "1h30m"}}}`, ok: true},
		{text: `{"name": "a", "schedule": {"timezone": "x"}}`},
		{text: `{"name": "a", "schedule": {"cron": "x", "zone": "y"}}`},
		{text: `{"name": "a", "on": "true"}`},
		{text: `{"name": "a", "limit": 0}`},
		{text: `{"name": "a", "limit": 100}`, ok: true},
		{text: `{"name": "a", "limit": 1.5}`},
		{text: `{"name": "a", "small": -1}`},
		{text: `{"name": "a", "small": 256}`, lax: true},
		{text: `{"name": "a", "ratio": 1.01}`},
		{text: `{"name": "a", "lag": "90s"}`, ok: true},
		{text: `{"name": "a", "lag": 90}`},
		{text: `{"name": "a", "lag": "90"}`},
		{text: `{"name": "a", "lag": "2h"}`, lax: true},
		{text: `{"name": "a", "severity": "high"}`, ok: true},
		{text: `{"name": "a", "severity": "hihg"}`},
		{text: `{"name": "a", "fields": "x"}`, ok: true},
		{text: `{"name": "a", "fields": ["x", 1]}`, ok: true},
		{text: `{"name": "a", "fields": []}`},
		{text: `{"name": "a", "levels": ["low", "hi"]}`},
		{text: `{"name": "a", "levels": "low"}`, ok: true},
		{text: `{"name": "a", "ports": [80, "81"]}`},
		{text: `{"name": "a", "entities": {"x": "y", "z": 1}}`, ok: true},
		{text: `{"name": "a", "entities": {"x": {}}}`},
		{text: `{"name": "a", "stages": ["x", {"when": "y", "count": 1}]}`, ok: true},
		{text: `{"name": "a", "stages": [{"count": 1}]}`},
		{text: `{"name": "a", "servers": {"m": {"url": "x", "secret": "env:A"}}}`, ok: true},
		{text: `{"name": "a", "servers": {"m": {}}}`},
		{text: `{"name": "a", "admin": {"listen": "x"}}`, ok: true},
		{text: `{"name": "a", "admin": null}`},
		{text: `{"name": "a", "strict": 1}`},
		{text: `{"name": "a", "pipeline": [{"keep": "x"}]}`, ok: true},
		{text: `{"name": "a", "value": [1, {"x": null}]}`, ok: true},
		{text: `{"name": "a", "addr": "10.0.0.1"}`, ok: true},
		{text: `{"name": "a", "addr": "10"}`, lax: true},
		{text: `{"name": "a", "token": "hunter2"}`},
		{text: `{"name": "a", "token": "exec:[/bin/x, y]"}`, ok: true},
		{text: `{"name": "a", "token": "credential:../x"}`},
		{text: `{"name": "a", "window": "a..b", "windows": [{"from": "x"}]}`, ok: true},
		{text: `{"name": "a", "window": {"form": "x"}}`},
		{text: `{"name": "a", "disabled": true}`, ok: true},
		{text: `{"name": "a", "Internal": 1}`},
		{text: `[]`},
	} {
		doc, err := validator.UnmarshalJSON(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); (err == nil) != (c.ok || c.lax) {
			t.Errorf("schema: %s: %v", c.text, err)
		}
		if err := decodeText(t, c.text, &sample{}); (err == nil) != c.ok {
			t.Errorf("decode: %s: %v", c.text, err)
		}
	}
}

func TestSchemaSaysWhatAnEditorShows(t *testing.T) {
	text, err := json.Marshal(sampleSchema())
	if err != nil {
		t.Fatal(err)
	}
	if leaks(string(text)) {
		t.Error("the schema holds a secret")
	}
	type property struct {
		Description string
		Default     any
		Enum        []string
		Minimum     float64
		Type        any
	}
	var got struct {
		Schema     string `json:"$schema"`
		ID         string `json:"$id"`
		Properties map[string]json.RawMessage
		Required   []string
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	p := map[string]property{}
	for name, raw := range got.Properties {
		if string(raw) == "true" {
			continue // anything goes
		}
		var one property
		if err := json.Unmarshal(raw, &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p[name] = one
	}
	if got.Schema != "https://json-schema.org/draft/2020-12/schema" || got.ID != "https://example.org/sample.json" ||
		!cmp.Equal(got.Required, []string{"name"}) || p["name"].Description != "What it is called." ||
		p["limit"].Default != 5.0 || p["limit"].Minimum != 1 || p["lag"].Default != "1m30s" ||
		len(p["severity"].Enum) != 5 || !cmp.Equal(p["fields"].Default, any([]any{"a", "b"})) || p["pipeline"].Type != "array" {
		t.Errorf("%s", text)
	}
	piece, err := json.Marshal(Schema(plainWindow{}, "", nil))
	if err != nil || strings.Contains(string(piece), `"$`) {
		t.Errorf("a piece: %s, %v", piece, err)
	}
}
