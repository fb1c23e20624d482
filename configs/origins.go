package configs

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// An Origin is a setting's value, and where it came from.
type Origin struct {
	// Name is the path of the setting: connections.main.api.url.
	Name string
	// Value is written as in a file. Of a secret it is the reference.
	Value string
	// Place is the file and line, the name of a variable or flag, or "default".
	Place string
}

// ListOrigins returns the settings of the struct that from points to (or is), in the
// order of its fields. [Decode] has filled it from n. Settings without a value are
// left out.
func ListOrigins(from any, n *Node) []Origin {
	return listOrigins(reflect.Indirect(reflect.ValueOf(from)), n, "")
}

func listOrigins(v reflect.Value, n *Node, name string) (all []Origin) {
	within := func(key string, v reflect.Value) {
		below := key
		if name != "" {
			below = name + "." + key
		}
		all = append(all, listOrigins(v, n.Child(key), below)...)
	}
	var value string
	switch shapeOf(v.Type()) {
	case shapeStruct:
		for _, f := range fieldsOf(v.Type()) {
			within(f.name, v.FieldByIndex(f.index))
		}
		return all
	case shapeMap:
		named := make(map[string]reflect.Value, v.Len())
		for key, member := range v.Seq2() {
			named[key.String()] = member
		}
		for _, key := range slices.Sorted(maps.Keys(named)) {
			within(key, named[key])
		}
		return all
	case shapeUnion:
		chosen := asUnion(v).Chosen()
		if kind := n.Child(kindKey); kind != nil {
			within(kindKey, reflect.ValueOf(kind.Text()))
		}
		return append(all, listOrigins(reflect.Indirect(reflect.ValueOf(chosen)), n, name)...)
	case shapePointer:
		if v.IsNil() {
			return nil
		}
		return listOrigins(v.Elem(), n, name)
	case shapeSecret:
		secret := v.Interface().(Secret)
		value = secret.Reference()
	default:
		value = cmp.Or(defaultText(v), n.Text())
	}
	switch {
	case n != nil:
		return []Origin{{name, value, n.place()}}
	case value != "":
		return []Origin{{name, value, "default"}}
	}
	return nil
}

// place returns where a node stood, for people.
func (n *Node) place() string {
	if n.line == 0 {
		return n.file
	}
	return fmt.Sprintf("%s:%d", n.file, n.line)
}
