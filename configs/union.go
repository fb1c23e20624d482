package configs

import (
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// A Union is a setting that is one of several structs. The key kind of its mapping
// says which.
type Union interface {
	// Variants returns the structs. The first is that of a mapping without kind.
	Variants() []Variant
	// Choose receives the settings of one of the variants, and Chosen returns them.
	Choose(settings any)
	Chosen() any
}

// A Variant is one of the structs of a [Union].
type Variant struct {
	Kind     string
	Settings any // a pointer to a struct, which holds the defaults
}

// kindKey is the key by which the structs of a union are told apart.
const kindKey = "kind"

const kindDoc = "What it is, which decides on its other settings."

func asUnion(v reflect.Value) Union {
	if !v.CanAddr() { // a member of a map
		copied := reflect.New(v.Type()).Elem()
		copied.Set(v)
		v = copied
	}
	return v.Addr().Interface().(Union)
}

func kinds(u Union) (names []string) {
	for _, variant := range u.Variants() {
		names = append(names, variant.Kind)
	}
	return names
}

// union fills the struct of the kind that a node names.
func (d *decoder) union(n *Node, v reflect.Value, name string) {
	u := asUnion(v)
	variants, names := u.Variants(), kinds(u)
	chosen := variants[0]
	if kind := n.Child(kindKey); kind != nil {
		at := slices.Index(names, kind.Text())
		if kind.kind != Scalar || at < 0 {
			d.refuse(kind, "%q is %s: it is one of %s", kindKey, kind.got(), listed(names))
			return
		}
		chosen = variants[at]
	}
	d.fill(n.without(kindKey), reflect.ValueOf(chosen.Settings).Elem(), name)
	u.Choose(chosen.Settings)
}

// without returns a mapping without one of its keys.
func (n *Node) without(name string) *Node {
	at := slices.IndexFunc(n.keys, func(key *Node) bool { return key.text == name })
	if n.kind != Mapping || at < 0 {
		return n
	}
	rest := *n
	rest.keys = slices.Delete(slices.Clone(n.keys), at, at+1)
	rest.items = slices.Delete(slices.Clone(n.items), at, at+1)
	return &rest
}

// union lists the settings of all variants. Those that variants share are listed
// once.
func (d *describer) union(v reflect.Value, name string) {
	u := asUnion(v)
	names := kinds(u)
	d.settings = append(d.settings, Setting{Name: name + "." + kindKey, Type: "text", Default: names[0], Enum: names, Doc: kindDoc})
	listed := map[string]bool{}
	for i, variant := range u.Variants() {
		before := len(d.settings)
		d.fields(reflect.ValueOf(variant.Settings).Elem(), name+".")
		own := slices.DeleteFunc(slices.Clone(d.settings[before:]), func(s Setting) bool { return listed[s.Name] })
		d.settings = d.settings[:before]
		for _, s := range own {
			if listed[s.Name] = true; i > 0 {
				s.Doc = "Of kind " + variant.Kind + ": " + s.Doc
			}
			d.settings = append(d.settings, s)
		}
	}
}

// union is the schema of any of the variants.
func (s *schemer) union(v reflect.Value, name string) *jsonschema.Schema {
	var all []*jsonschema.Schema
	for i, variant := range asUnion(v).Variants() {
		o := s.object(reflect.ValueOf(variant.Settings).Elem(), name+".")
		kind := &jsonschema.Schema{Type: "string", Enum: []any{variant.Kind}, Description: kindDoc}
		o.Properties.Set(kindKey, kind)
		if i > 0 {
			o.Required = append(o.Required, kindKey)
		}
		all = append(all, o)
	}
	return &jsonschema.Schema{AnyOf: all}
}
