package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A Setting is one key that a file may have, for references made for people.
type Setting struct {
	// Name is the way to the key: source.search; pipeline[] for a member of a
	// list, connections.<name> for one under a free name.
	Name string
	// Type is what it wants, in words: text, duration, list of text, …
	Type string
	// Default is the value it has when the file lacks it, as one would write
	// it; empty if there is none.
	Default string
	Doc     string
	// Enum lists the texts that are allowed, Pattern what a text must match,
	// Min and Max the bounds. Empty: any.
	Enum     []string
	Pattern  string
	Min, Max string
	Required bool
	// Short: the struct's mapping may be replaced by this setting's value.
	Short bool
}

// Describe lists the settings of the struct that into points to (or is), in
// the order of its fields, those within a struct behind the struct itself.
// What into holds are the defaults.
func Describe(into any) []Setting {
	v := reflect.Indirect(reflect.ValueOf(into))
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("configs: settings stand in a struct, not in %T", into))
	}
	var d describer
	d.fields(v, "")
	return d.settings
}

type describer struct {
	settings []Setting
	within   []reflect.Type // guards against types that contain themselves
}

func (d *describer) fields(v reflect.Value, prefix string) {
	if slices.Contains(d.within, v.Type()) {
		return
	}
	d.within = append(d.within, v.Type())
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		s := Setting{
			Name: prefix + f.name, Type: f.word, Doc: f.doc, Enum: f.enum,
			Min: f.min, Max: f.max, Required: f.required, Short: f.short,
		}
		if s.Type == "" {
			s.Type = strings.TrimPrefix(wants(f.typ), "a ")
		}
		if f.pattern != nil {
			s.Pattern = f.pattern.String()
		}
		if !f.required {
			s.Default = defaultText(value)
		}
		d.settings = append(d.settings, s)
		d.inside(value, s.Name)
	}
	d.within = d.within[:len(d.within)-1]
}

// inside goes on with the settings of the structs that a value is made of.
func (d *describer) inside(v reflect.Value, name string) {
	t := v.Type()
	switch shapeOf(t) {
	case shapeStruct:
		d.fields(v, name+".")
	case shapeUnion:
		d.union(v, name)
	case shapePointer:
		if v.IsNil() {
			d.inside(fresh(t.Elem()), name)
		} else {
			d.inside(v.Elem(), name)
		}
	case shapeList:
		d.inside(fresh(t.Elem()), name+"[]")
	case shapeMap:
		d.inside(fresh(t.Elem()), name+".<name>")
	}
}

// defaultText writes a default as a file would; empty where there is none to
// speak of.
func defaultText(v reflect.Value) string {
	s := shapeOf(v.Type())
	if v.IsZero() && s != shapeBool {
		return ""
	}
	switch s {
	case shapeSecret, shapeNode, shapeStruct, shapeUnion, shapeMap:
		return ""
	case shapePointer:
		return defaultText(v.Elem())
	case shapeDuration:
		return FormatDuration(time.Duration(v.Int()))
	case shapeList:
		if !shapeOf(v.Type().Elem()).scalar() {
			return ""
		}
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = defaultText(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case shapeParsed, shapeSize, shapeCustom:
		return textOf(v)
	}
	return fmt.Sprint(v.Interface())
}

// textOf writes a value that knows how to, which may need its address.
func textOf(v reflect.Value) string {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	switch known := p.Interface().(type) {
	case interface{ MarshalText() ([]byte, error) }:
		if text, err := known.MarshalText(); err == nil {
			return string(text)
		}
	case fmt.Stringer:
		return known.String()
	}
	return ""
}
