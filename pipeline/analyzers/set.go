package analyzers

import (
	"context"
	"errors"

	"github.com/invopop/jsonschema"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

var _ = define(Spec[setConfig]{
	Name:    "set",
	Summary: "gives fields the values of expressions",
	Doc: `
The settings are the names of fields, each with an expression over the record's
fields; a text must stand in quotes of its own. They are worked through in
order, and a later one sees what an earlier one has set. A field whose expression
gives nothing is taken away.
`,
	New: func(c setConfig, dict *pipeline.Dict) (pipeline.Stage, error) { return newSet(c, dict) },
	Example: `
-- config.yaml --
set:
  kb: bytes / 1024
  size: 'kb > 100 ? "large" : "small"'
  bytes: '""'
-- in.ndjson --
{"_time":1767225600,"bytes":"204800"}
{"_time":1767225601,"bytes":"512"}
-- out.ndjson --
{"_time":"1767225600","kb":"200","size":"large"}
{"_time":"1767225601","kb":"0.5","size":"small"}
`,
})

// A setConfig is the list of fields in the order of the file.
type setConfig struct{ fields []setField }

type setField struct {
	name, source string
	at           *configs.Node
}

// UnmarshalNode implements [configs.NodeUnmarshaler].
func (c *setConfig) UnmarshalNode(n *configs.Node) error {
	if n.Kind() != configs.Mapping || len(n.Keys()) == 0 {
		return configs.Errorf(n, `set wants fields and their expressions, such as set: { kb: bytes / 1024 }`)
	}
	var errs []error
	for i, name := range n.Keys() {
		value := n.Items()[i]
		if name == "" {
			errs = append(errs, configs.Errorf(n.Key(name), "set: a field wants a name"))
			continue
		}
		if value.Kind() != configs.Scalar {
			errs = append(errs, configs.Errorf(n.Key(name), "set: the field %s wants an expression, got %s", name, value.Kind()))
			continue
		}
		c.fields = append(c.fields, setField{name, value.Text(), value})
	}
	return errors.Join(errs...)
}

// JSONSchema describes the settings for editors.
func (setConfig) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{
		Type: "object", MinProperties: &one,
		AdditionalProperties: &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}},
	}
}

type setStage struct {
	pipeline.Streaming
	keys   []pipeline.Key
	values []*expression.Evaluator
}

func newSet(c setConfig, dict *pipeline.Dict) (*setStage, error) {
	s := &setStage{}
	var errs []error
	for _, f := range c.fields {
		e, err := expression.Value(f.source, dict)
		if err != nil {
			errs = append(errs, configs.Errorf(f.at, "set: %s: %w", f.name, err))
			continue
		}
		s.keys, s.values = append(s.keys, dict.Key(f.name)), append(s.values, e)
	}
	return s, errors.Join(errs...)
}

// Process implements [pipeline.Stage].
func (s *setStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for i, e := range s.values {
		col := b.NewColumn(s.keys[i])
		for row := range b.Len() {
			values, err := e.Values(b, row)
			if err != nil {
				return nil, err
			}
			col.Set(row, values...)
		}
		b = b.With(col)
	}
	return b, nil
}

// Counts implements [pipeline.Counter].
func (s *setStage) Counts() map[string]int {
	n := 0
	for _, e := range s.values {
		n += e.NotNumbers()
	}
	return map[string]int{notNumbers: n}
}
