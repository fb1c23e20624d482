package configs

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/invopop/jsonschema"
)

// Schema describes the struct that into points to (or is) as a JSON Schema,
// draft 2020-12: what an editor needs to check a file while it is written. It
// takes what [Decode] takes, but for bounds of durations and sizes, which it cannot say.
//
// id becomes the schema's $id; without one it is a piece for another schema.
// raw, if it is not nil, gives the schema of the fields that are kept as nodes,
// by their names as [Describe] writes them; nil from it stands for anything. A
// type that reads itself from a node may have a JSONSchema method.
func Schema(into any, id string, raw func(name string) *jsonschema.Schema) *jsonschema.Schema {
	v := reflect.Indirect(reflect.ValueOf(into))
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("configs: settings stand in a struct, not in %T", into))
	}
	s := schemer{raw: raw}
	root := s.object(v, "")
	if id != "" {
		root.Version, root.ID = jsonschema.Version, jsonschema.ID(id)
	}
	return root
}

// selfDescribed is a type with a schema of its own.
type selfDescribed interface {
	JSONSchema() *jsonschema.Schema
}

type schemer struct {
	raw    func(name string) *jsonschema.Schema
	within []reflect.Type // guards against types that contain themselves
}

// object is the schema of a struct, or of the one field that may stand for it.
func (s *schemer) object(v reflect.Value, prefix string) *jsonschema.Schema {
	if slices.Contains(s.within, v.Type()) {
		return &jsonschema.Schema{Type: "object"}
	}
	s.within = append(s.within, v.Type())
	o := &jsonschema.Schema{
		Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema,
	}
	var short *jsonschema.Schema
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		p := s.value(value, prefix+f.name, f.rules)
		o.Properties.Set(f.name, documented(p, f, value))
		if f.required {
			o.Required = append(o.Required, f.name)
		}
		if f.short {
			short = p
		}
	}
	s.within = s.within[:len(s.within)-1]
	if short != nil {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{o, short}}
	}
	return o
}

// documented adds what concerns the key and not its type.
func documented(p *jsonschema.Schema, f field, value reflect.Value) *jsonschema.Schema {
	whole := *p
	if f.doc != "" {
		whole.Description = f.doc
	}
	if !f.required {
		whole.Default = defaultJSON(value)
	}
	return &whole
}

func (s *schemer) value(v reflect.Value, name string, r rules) *jsonschema.Schema {
	t := v.Type()
	switch shapeOf(t) {
	case shapeNode:
		if s.raw != nil {
			if given := s.raw(name); given != nil {
				return given
			}
		}
		return &jsonschema.Schema{}
	case shapeCustom:
		return selfSchema(t, &jsonschema.Schema{})
	case shapeUnion:
		return s.union(v, name)
	case shapePointer:
		if v.IsNil() {
			return s.value(fresh(t.Elem()), name, r)
		}
		return s.value(v.Elem(), name, r)
	case shapeStruct:
		return s.object(v, name+".")
	case shapeList:
		return s.list(t, name, r)
	case shapeMap:
		return &jsonschema.Schema{
			Type:                 "object",
			AdditionalProperties: s.value(fresh(t.Elem()), name+".<name>", rules{enum: r.enum, pattern: r.pattern}),
			MinProperties:        count(r.min), MaxProperties: count(r.max),
		}
	}
	return scalarSchema(t, r)
}

func (s *schemer) list(t reflect.Type, name string, r rules) *jsonschema.Schema {
	member := s.value(fresh(t.Elem()), name+"[]", rules{enum: r.enum, pattern: r.pattern})
	list := &jsonschema.Schema{Type: "array", Items: member, MinItems: count(r.min), MaxItems: count(r.max)}
	if !shapeOf(t.Elem()).scalar() {
		return list
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{list, member}}
}

func scalarSchema(t reflect.Type, r rules) *jsonschema.Schema {
	p := &jsonschema.Schema{}
	switch shapeOf(t) {
	case shapeBool:
		p.Type = "boolean"
	case shapeInt, shapeUint:
		p.Type, p.Minimum, p.Maximum = "integer", json.Number(r.min), json.Number(r.max)
		if shapeOf(t) == shapeUint && r.min == "" {
			p.Minimum = "0"
		}
	case shapeFloat:
		p.Type, p.Minimum, p.Maximum = "number", json.Number(r.min), json.Number(r.max)
	case shapeDuration:
		p.Type, p.Pattern = "string", durationPattern
	case shapePath:
		p.Type = "string"
	case shapeSecret:
		p.Type, p.Pattern = "string", referencePattern
	case shapeParsed, shapeSize:
		p = selfSchema(t, anyText(p))
	case shapeText:
		p = anyText(p)
		p.MinLength, p.MaxLength = count(r.min), count(r.max)
	}
	if r.pattern != nil {
		p.Pattern = r.pattern.String()
	}
	for _, text := range r.enum {
		if measured(t) {
			p.Enum = append(p.Enum, json.Number(text))
		} else {
			p.Enum = append(p.Enum, text)
		}
	}
	return p
}

// anyText takes what becomes text: numbers and booleans too.
func anyText(p *jsonschema.Schema) *jsonschema.Schema {
	p.Extras = map[string]any{"type": []string{"string", "number", "boolean"}}
	return p
}

func selfSchema(t reflect.Type, otherwise *jsonschema.Schema) *jsonschema.Schema {
	if self, ok := reflect.New(t).Interface().(selfDescribed); ok {
		return self.JSONSchema()
	}
	return otherwise
}

// count reads a bound of a length; nil for none.
func count(bound string) *uint64 {
	var n uint64
	if _, err := fmt.Sscan(bound, &n); err != nil {
		return nil
	}
	return &n
}

// defaultJSON is a default as JSON has it; nil where there is none to speak of.
func defaultJSON(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	switch shapeOf(v.Type()) {
	case shapeText, shapePath:
		return v.String()
	case shapeBool, shapeInt, shapeUint, shapeFloat:
		return v.Interface()
	case shapeDuration:
		return FormatDuration(time.Duration(v.Int()))
	case shapePointer:
		return defaultJSON(v.Elem())
	case shapeParsed, shapeSize:
		return textOf(v)
	case shapeList:
		if !shapeOf(v.Type().Elem()).scalar() {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = defaultJSON(v.Index(i))
		}
		return list
	}
	return nil
}
