package analyzers

import (
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline/expression"
)

// Reference writes the reference of all stages, in Markdown.
func Reference() string {
	var w strings.Builder
	w.WriteString(`# Stages

Made by ` + "`huntd docs stages`" + ` out of the stages themselves; every example is run as a test.

A hunt's ` + "`pipeline`" + ` is a list of stages. Records go through them from top to bottom:

` + "```yaml" + `
pipeline:
  - unpack_base64: { fields: [CommandLine] }
  - extract_iocs: { fields: [decoded], types: [url] }
  - keep: len(ioc_url) > 0
` + "```" + `

| stage | what it does |
| --- | --- |
`)
	for _, d := range definitions() {
		fmt.Fprintf(&w, "| [%s](#%s) | %s |\n", d.name, d.name, d.summary)
	}
	w.WriteString("\nThe stages keep, drop and set take [expressions](#expressions).\n")
	for _, d := range definitions() {
		d.describe(&w)
	}
	fmt.Fprintf(&w, "\n## Expressions\n\n%s", expression.Reference())
	return w.String()
}

func (d *definition) describe(w *strings.Builder) {
	fmt.Fprintf(w, "\n## %s\n\n%s.\n\n%s\n", d.name, strings.ToUpper(d.summary[:1])+d.summary[1:], d.doc)
	for _, line := range []struct {
		name   string
		values []string
		code   bool
	}{{"Needs the fields", d.needs, true}, {"Adds", d.adds, false}, {"ATT&CK", d.attack, false}} {
		if len(line.values) == 0 {
			continue
		}
		values := strings.Join(line.values, ", ")
		if line.code {
			values = "`" + strings.Join(line.values, "`, `") + "`"
		}
		fmt.Fprintf(w, "\n%s: %s\n", line.name, values)
	}
	if _, own := d.settings().(configs.NodeUnmarshaler); !own {
		w.WriteString("\n| setting | type | default | meaning |\n| --- | --- | --- | --- |\n")
		for _, s := range configs.Describe(d.settings()) {
			w.WriteString(configs.TableRow(s))
		}
	}
	e, err := parseExample([]byte(d.example))
	if err != nil {
		panic(err) // unreachable: define has parsed it
	}
	fmt.Fprintf(w, "\nWith\n\n```yaml\n%s```\n\nthese records\n\n```json\n%s```\n\ncome out as\n\n```json\n%s```\n", e.config, e.in, e.out)
}

// Schema describes a hunt's pipeline as a JSON Schema, for editors.
func Schema() *jsonschema.Schema {
	var bare []any
	stages := jsonschema.NewProperties()
	for _, d := range definitions() {
		bare = append(bare, d.name)
		s := *d.schema()
		s.Description = d.summary
		stages.Set(d.name, &s)
	}
	one := uint64(1)
	return &jsonschema.Schema{
		Type: "array",
		Items: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{
				Type: "object", Properties: stages, AdditionalProperties: jsonschema.FalseSchema,
				MinProperties: &one, MaxProperties: &one,
			},
			{Type: "string", Enum: bare},
		}},
	}
}
