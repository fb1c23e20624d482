package expression

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// record is a row: fields and their values.
type record map[string][]string

// rows makes a batch of records.
func rows(dict *pipeline.Dict, records ...record) *pipeline.Batch {
	b := pipeline.NewBuilder(dict)
	for _, r := range records {
		b.Row()
		for _, name := range slices.Sorted(maps.Keys(r)) {
			b.SetName(name, r[name]...)
		}
	}
	return b.Batch()
}

// fields reads "a=1 b=x,y c=" as a record; ; stands for a blank.
func fields(s string) record {
	r := record{}
	for pair := range strings.FieldsSeq(s) {
		name, values, _ := strings.Cut(pair, "=")
		r[name] = strings.Split(strings.ReplaceAll(values, ";", " "), ",")
	}
	return r
}

// holds evaluates a condition for one record, by closures and by the machine
// alone, which must agree.
func holds(t *testing.T, source string, r record) bool {
	t.Helper()
	var results [2]bool
	for i, slow := range []bool{false, true} {
		dict := pipeline.NewDict()
		e, err := compile(source, dict, true, slow)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if results[i], err = e.Holds(rows(dict, r), 0); err != nil {
			t.Fatalf("%s: %v", source, err)
		}
	}
	if results[0] != results[1] {
		t.Fatalf("%s: %t by closures, %t by the machine, for %v", source, results[0], results[1], r)
	}
	return results[0]
}

// valuesOf evaluates an expression for one record.
func valuesOf(t *testing.T, source string, r record) ([]string, int) {
	t.Helper()
	dict := pipeline.NewDict()
	e, err := Value(source, dict)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	values, err := e.Values(rows(dict, r), 0)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return values, e.NotNumbers()
}
