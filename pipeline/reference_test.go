package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// A tree is a JSON value as encoding/json reads it, with the order of members
// that its maps lose.
type tree struct {
	value   any // text, json.Number, bool or nil; for lists and objects a json.Delim
	names   []string
	members []tree
}

// readTree reads a value from its tokens. Of members with one name the last
// counts, and stands where it stood.
func readTree(t *testing.T, d *json.Decoder) tree {
	t.Helper()
	tok, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	v := tree{value: tok}
	if delim, ok := tok.(json.Delim); !ok || delim == ']' || delim == '}' {
		return v
	}
	for d.More() {
		if tok == json.Delim('{') {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			if i := slices.Index(v.names, name.(string)); i >= 0 {
				v.names, v.members = slices.Delete(v.names, i, i+1), slices.Delete(v.members, i, i+1)
			}
			v.names = append(v.names, name.(string))
		}
		v.members = append(v.members, readTree(t, d))
	}
	readTree(t, d) // the end
	return v
}

// plain is the value as encoding/json puts it into an any.
func (v tree) plain() any {
	switch v.value {
	case json.Delim('{'):
		m := map[string]any{}
		for i, name := range v.names {
			m[name] = v.members[i].plain()
		}
		return m
	case json.Delim('['):
		list := []any{}
		for _, m := range v.members {
			list = append(list, m.plain())
		}
		return list
	}
	return v.value
}

func (v tree) depth() int {
	deepest := 0
	for _, m := range v.members {
		deepest = max(deepest, m.depth())
	}
	if _, nests := v.value.(json.Delim); nests {
		deepest++
	}
	return deepest
}

// flatten adds the fields that the value makes, by the rules in the Decoder's
// documentation.
func (v tree) flatten(fields map[string][]string, name string) {
	switch v.value {
	case nil:
	case json.Delim('['):
		for _, m := range v.members {
			m.flatten(fields, name)
		}
	case json.Delim('{'):
		for i, m := range v.members {
			m.flatten(fields, name+"."+v.names[i])
		}
	default:
		fields[name] = append(fields[name], fmt.Sprint(v.value))
	}
}

// reference reads a record with encoding/json. It is nil for what is no object
// of JSON.
func reference(t *testing.T, data []byte) (want map[string][]string, depth int) {
	t.Helper()
	if !json.Valid(data) || bytes.TrimLeft(data, " \t\r\n")[0] != '{' {
		return nil, 0
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v := readTree(t, d)
	var whole any
	d = json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	if got := v.plain(); !reflect.DeepEqual(whole, got) { // go-cmp takes exponential time on deep values
		t.Fatalf("the reference reads %q as %v, encoding/json as %v", data, got, whole)
	}
	want = map[string][]string{}
	for i, m := range v.members {
		m.flatten(want, v.names[i])
	}
	return want, v.depth()
}

// record returns the fields of a record.
func record(b *pipeline.Batch, row int) map[string][]string {
	fields := map[string][]string{}
	for key, vals := range b.Fields(row) {
		fields[b.Dict().Name(key)] = vals.Slice()
	}
	return fields
}

// records returns all records of batches.
func records(batches ...*pipeline.Batch) (all []map[string][]string) {
	for _, b := range batches {
		for row := range b.Len() {
			all = append(all, record(b, row))
		}
	}
	return all
}

// decode makes a batch of lines.
func decode(t testing.TB, lines ...string) *pipeline.Batch {
	t.Helper()
	return decodeWith(t, pipeline.NewDict(), lines...)
}

func decodeWith(t testing.TB, dict *pipeline.Dict, lines ...string) *pipeline.Batch {
	t.Helper()
	d := pipeline.NewDecoder(dict)
	for _, line := range lines {
		if err := d.Object([]byte(line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return d.Batch()
}

// like is a record of single values, from pairs of names and values.
func like(pairs ...string) map[string][]string {
	fields := map[string][]string{}
	for pair := range slices.Chunk(pairs, 2) {
		fields[pair[0]] = []string{pair[1]}
	}
	return fields
}
