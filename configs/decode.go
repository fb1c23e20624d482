package configs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Decode fills the struct that into points to from a node, by the field tags
// that the package comment lists. Keys that the node lacks leave the struct as
// it is; a node without a value is an empty mapping. If anything is wrong the
// struct is not touched, and the error joins an [*Error] for each mistake, in
// the order of the file. Messages call the struct by its type's name.
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

// fill checks a node against the struct v and, if nothing is wrong, has koanf
// fill v.
func (d *decoder) fill(n *Node, v reflect.Value, what string) {
	before := len(d.errs)
	var places []place
	tree := d.tree(n, v, what, &places)
	if len(d.errs) > before {
		return
	}
	if err := unmarshal(tree, places, v.Addr().Interface()); err != nil {
		d.refuse(n, "%s: %w", what, err)
	}
}

// slot stands in koanf's map for a value that is converted already: its index
// among the places.
type slot int

// A place is a field and the value that it is to get.
type place struct{ field, value reflect.Value }

// tree checks a node against the struct v and returns what koanf is to read:
// a slot for each key, a map for each struct within the struct.
func (d *decoder) tree(n *Node, v reflect.Value, what string, places *[]place) map[string]any {
	fields := fieldsOf(v.Type())
	tree := make(map[string]any, len(n.items))
	put := func(f field, at *Node, name string) {
		current := v.FieldByIndex(f.index)
		if shapeOf(f.typ) == shapeStruct && (at.kind == Mapping || at.kind == Null) {
			tree[f.name] = d.tree(at, current, name, places)
			return
		}
		if value, ok := d.value(at, current, name, f.rules); ok {
			tree[f.name] = slot(len(*places))
			*places = append(*places, place{current, value})
		}
	}
	if short, ok := shortOf(fields); ok && (n.kind == Scalar || n.kind == Sequence) {
		put(short, n, orQuoted(what, short.name))
	} else if n.kind == Mapping {
		byName := make(map[string]field, len(fields))
		for _, f := range fields {
			byName[f.name] = f
		}
		if n.isFile && n.isForeign(fieldNames(fields)) {
			d.refuse(n, "has no key of %s: it takes %s", what, listed(fieldNames(fields)))
			return tree
		}
		for i, key := range n.keys {
			if f, known := byName[key.text]; known {
				put(f, n.items[i], quote(key.text))
			} else {
				d.unknown(key, fields, what)
			}
		}
	} else if n.kind != Null {
		d.refuse(n, "%s wants a mapping, got %s", orQuoted(what, "this"), n.got())
		return tree
	}
	for _, f := range fields {
		if f.required && n.Key(f.name) == nil && !(f.short && n.kind != Mapping && n.kind != Null) {
			d.refuse(n, "%s is missing%s", quote(f.name), within(what))
		}
	}
	return tree
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

// isForeign reports whether a mapping has keys, none of which is one of the names
// or close to one. The file is then another program's, and may hold secrets.
func (n *Node) isForeign(names []string) bool {
	for _, key := range n.keys {
		if _, near := Nearest(key.text, names); near {
			return false
		}
	}
	return len(n.keys) > 0
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

// keyDelim joins keys in koanf's flat view. No key holds a control character.
const keyDelim = "\x1f"

// unmarshal has koanf fill into from a tree of slots. Each key must find its
// field: one that does not is a mistake of this package.
func unmarshal(tree map[string]any, places []place, into any) error {
	for _, p := range places {
		p.field.SetZero() // or a pointer would be followed, into what the defaults share
	}
	k := koanf.NewWithConf(koanf.Conf{Delim: keyDelim, StrictMerge: true})
	if err := k.Load(confmap.Provider(tree, ""), nil); err != nil {
		return err
	}
	return k.UnmarshalWithConf("", into, koanf.UnmarshalConf{
		Tag: "koanf",
		DecoderConfig: &mapstructure.DecoderConfig{
			ErrorUnused:          true,
			IgnoreUntaggedFields: true,
			MatchName:            func(key, field string) bool { return key == field },
			DecodeHook: func(from, to reflect.Value) (any, error) {
				if from.Type() != reflect.TypeFor[slot]() {
					return from.Interface(), nil
				}
				to.Set(places[from.Int()].value)
				return nil, nil
			},
		},
	})
}
