package configs

import (
	"fmt"
	"reflect"
	"strings"
)

// Decode fills the struct that into points to from a node, by the field tags
// that the package comment lists. Keys that the node lacks leave the struct as
// it is; a node without a value is an empty mapping. The error joins an [*Error]
// for each mistake, in the order of the file. A field with a mistake keeps its value;
// of a mapping of names, only members with mistakes are left out. Messages call the
// struct by its type's name.
func Decode(n *Node, into any) error {
	return DecodeAs(typeWords(target(into).Type()), n, into)
}

// DecodeAs is Decode with another name for the whole in messages: what the
// reader of the file calls it.
func DecodeAs(what string, n *Node, into any) error {
	if n == nil {
		n = &Node{}
	}
	v := target(into)
	var d decoder
	d.fill(n, v, what)
	return inOrder(d.errs)
}

// target panics unless into points to a struct.
func target(into any) reflect.Value {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("configs: settings go into a pointer to a struct, not %T", into))
	}
	return v.Elem()
}

// decoder gathers the mistakes of one file.
type decoder struct {
	errs []error
}

func (d *decoder) refuse(n *Node, format string, args ...any) {
	d.errs = append(d.errs, Errorf(n, format, args...))
}

// fill sets the fields of the struct v by a node, but for those with mistakes.
func (d *decoder) fill(n *Node, v reflect.Value, what string) {
	fields := fieldsOf(v.Type())
	set := func(f field, at *Node, name string) {
		current, s := v.FieldByIndex(f.index), shapeOf(f.typ)
		if s == shapeStruct {
			d.fill(at, current, name)
		} else if value, ok := d.value(at, current, name, f.rules); ok || s == shapeMap && at.kind == Mapping {
			current.Set(value)
		}
	}
	if short, ok := shortOf(fields); ok && (n.kind == Scalar || n.kind == Sequence) {
		set(short, n, orQuoted(what, short.name))
	} else if n.kind == Mapping {
		byName := make(map[string]field, len(fields))
		for _, f := range fields {
			byName[f.name] = f
		}
		if n.isFile && n.isForeign(fieldNames(fields)) {
			d.refuse(n, "has no key of %s: it takes %s", what, listed(fieldNames(fields)))
			return
		}
		for i, key := range n.keys {
			if f, known := byName[key.text]; known {
				set(f, n.items[i], quote(key.text))
			} else {
				d.unknown(key, fields, what)
			}
		}
	} else if n.kind != Null {
		d.refuse(n, "%s wants a mapping, got %s", orQuoted(what, "this"), n.got())
		return
	}
	for _, f := range fields {
		if f.required && n.Key(f.name) == nil && !(f.short && n.kind != Mapping && n.kind != Null) {
			d.refuse(n, "%s is missing%s", quote(f.name), within(what))
		}
	}
}

func (d *decoder) unknown(key *Node, fields []field, what string) {
	names := fieldNames(fields)
	msg := fmt.Sprintf("unknown key %s%s", quote(key.text), within(what))
	if near, ok := Nearest(key.text, names); ok {
		d.refuse(key, "%s: did you mean %q?", msg, near)
		return
	}
	d.refuse(key, "%s: it takes %s", msg, listed(names))
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// isForeign reports whether a file has keys, none of which is one of the names or
// close to one. It is then another program's, and may hold secrets.
func (n *Node) isForeign(names []string) bool {
	own := 0
	for _, key := range n.keys {
		if key.file != n.file {
			continue // a layer's
		}
		if _, near := Nearest(key.text, names); near {
			return false
		}
		own++
	}
	return own > 0
}

// listed writes names as the end of a sentence.
func listed(names []string) string {
	if len(names) == 0 {
		return "no keys"
	}
	return strings.Join(names, ", ")
}

func within(what string) string {
	if what == "" {
		return ""
	}
	return " in " + what
}

func orQuoted(what, name string) string {
	if what == "" {
		return quote(name)
	}
	return what
}
