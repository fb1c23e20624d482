package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Path is the path of a file or folder. [Decode] makes it absolute: a
// relative path in a file begins at that file's folder.
type Path string

// NodeUnmarshaler is a type that reads its own form from a file, for settings
// that may be written in several ways. UnmarshalNode is called for fields,
// members and targets of pointers, on a copy of the value it replaces; not for
// the struct that [Decode] is called with, so that the method may call Decode
// with its own receiver. Its errors are best made with [Errorf].
type NodeUnmarshaler interface {
	UnmarshalNode(n *Node) error
}

// Defaulter is a struct with defaults of its own, for structs that have no
// place in a filled-in parent: members of lists and mappings, and what a nil
// pointer would point to.
type Defaulter interface {
	SetDefaults()
}

// shape is what a Go type asks of a node.
type shape int

const (
	shapeText shape = iota
	shapeBool
	shapeInt
	shapeUint
	shapeFloat
	shapeDuration
	shapeSize
	shapePath
	shapeSecret
	shapeNode   // *Node: kept as it is
	shapeAny    // any
	shapeParsed // reads itself from text
	shapeCustom // reads itself from a node
	shapeUnion
	shapePointer
	shapeStruct
	shapeList
	shapeMap
)

// shapeOf panics for a type that cannot be decoded.
func shapeOf(t reflect.Type) shape {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return shapeDuration
	case reflect.TypeFor[Size]():
		return shapeSize
	case reflect.TypeFor[Path]():
		return shapePath
	case reflect.TypeFor[Secret]():
		return shapeSecret
	case reflect.TypeFor[*Node]():
		return shapeNode
	}
	switch pointer := reflect.PointerTo(t); {
	case t.Kind() == reflect.Pointer:
		return shapePointer
	case pointer.Implements(reflect.TypeFor[NodeUnmarshaler]()):
		return shapeCustom
	case pointer.Implements(reflect.TypeFor[Union]()):
		return shapeUnion
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return shapeParsed
	}
	switch t.Kind() {
	case reflect.String:
		return shapeText
	case reflect.Bool:
		return shapeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return shapeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return shapeUint
	case reflect.Float32, reflect.Float64:
		return shapeFloat
	case reflect.Struct:
		return shapeStruct
	case reflect.Slice:
		return shapeList
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return shapeMap
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return shapeAny
		}
	}
	panic(fmt.Sprintf("configs: a setting cannot be of type %s", t))
}

// scalar reports whether values of the shape are written as one scalar.
func (s shape) scalar() bool { return s <= shapeSecret || s == shapeParsed }

// wants names the type as a sentence about a file does.
func wants(t reflect.Type) string {
	switch s := shapeOf(t); s {
	case shapeBool:
		return "true or false"
	case shapeInt, shapeUint:
		return "a whole number"
	case shapeFloat:
		return "a number"
	case shapeDuration:
		return "a duration"
	case shapeSize:
		return "a size"
	case shapePath:
		return "a path"
	case shapeSecret:
		return "a reference to a secret"
	case shapeNode, shapeAny, shapeCustom:
		return "a value"
	case shapePointer:
		return wants(t.Elem())
	case shapeStruct, shapeUnion:
		return "a mapping"
	case shapeList:
		return "a list of " + plural(t.Elem())
	case shapeMap:
		return "a mapping of names to " + plural(t.Elem())
	}
	return "text"
}

func plural(t reflect.Type) string {
	switch s := shapeOf(t); s {
	case shapePointer:
		return plural(t.Elem())
	case shapeText, shapeParsed:
		return "text"
	case shapeBool:
		return "true or false"
	case shapeList:
		return "lists of " + plural(t.Elem())
	default:
		return strings.TrimPrefix(wants(t), "a ") + "s"
	}
}

// A field is one setting of a struct, as its tags say.
type field struct {
	name  string
	index []int
	typ   reflect.Type
	doc   string
	word  string // the tag "type"
	rules

	required bool
	short    bool
}

// rules are what a value must keep to besides its type.
type rules struct {
	enum     []string
	pattern  *regexp.Regexp
	min, max string // as in the tag; empty for none
}

// fieldsOf lists the settings of a struct type in their order.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("koanf")
		name, option, _ := strings.Cut(tag, ",")
		switch {
		case !tagged || name == "-":
		case option == "squash":
			for _, inner := range fieldsOf(sf.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
		case !sf.IsExported() || name == "":
			panic(fmt.Sprintf("configs: field %s of %s needs a name that is exported and a koanf tag with the key", sf.Name, t))
		default:
			all = append(all, fieldOf(t, i, name))
		}
	}
	return all
}

func fieldOf(t reflect.Type, i int, name string) field {
	tag := t.Field(i).Tag
	f := field{
		name: name, index: []int{i}, typ: t.Field(i).Type, doc: tag.Get("doc"), word: tag.Get("type"),
		rules: rules{min: tag.Get("min"), max: tag.Get("max")},
	}
	f.required, f.short = flag(t, i, "required"), flag(t, i, "short")
	if enum := tag.Get("enum"); enum != "" {
		f.enum = strings.Split(enum, ",")
	}
	if pattern := tag.Get("pattern"); pattern != "" {
		re, err := regexp.Compile(pattern)
		if err != nil {
			panic(fmt.Sprintf("configs: pattern of field %s of %s: %v", t.Field(i).Name, t, err))
		}
		f.pattern = re
	}
	for _, bound := range []string{f.min, f.max} {
		if bound != "" {
			boundOf(f.typ, bound)
		}
	}
	return f
}

// flag reads a boolean tag.
func flag(t reflect.Type, i int, tag string) bool {
	text, ok := t.Field(i).Tag.Lookup(tag)
	if !ok {
		return false
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		panic(fmt.Sprintf("configs: tag %s of field %s of %s is neither true nor false", tag, t.Field(i).Name, t))
	}
	return on
}

// shortOf returns the field that stands for the whole struct.
func shortOf(fields []field) (field, bool) {
	for _, f := range fields {
		if f.short {
			return f, true
		}
	}
	return field{}, false
}

// typeWords calls a type by its name in lower-case words.
func typeWords(t reflect.Type) string {
	var b strings.Builder
	for i, r := range t.Name() {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
