package analyzers

import (
	"context"
	"slices"

	"github.com/huntd/huntd/pipeline"
)

// A perValueConfig are the settings of stages that say something of single
// values.
type perValueConfig struct {
	Fields []string `koanf:"fields" doc:"The fields whose values are looked at. Default: every field but _raw, and of them those values that are of the kind."`
	As     string   `koanf:"as" enum:"fields,rows" doc:"Whether what is said adds fields to the record, each value once, or gives a record for each value that is looked at, beside its field and itself. All records of one hold 128 MiB at most; further values are counted as rows_over and noted."`
	Prefix string   `koanf:"prefix" doc:"What stands before the names of the fields that are added, to tell those of several fields apart."`
}

// A perValue adds to records what is to be said of single values in them.
type perValue struct {
	pipeline.Streaming
	dict   *pipeline.Dict
	fields fieldSet
	rows   bool
	names  []pipeline.Key // of the fields that are added
	// about says something of a value; it calls put with the place of a name
	// and what it says. It reports false if the value is none of its kind.
	about func(text string, put func(name int, value string)) bool
	// field and value name, as rows, what is talked of.
	field, value pipeline.Key
	found        []valueSet // what is said of the record, or the value, for each name
	stage        string
	room         rowRoom
}

// newPerValue makes a stage of that name which adds the fields of those names, and
// as rows two whose names begin with kind.
func newPerValue(stage, kind string, c perValueConfig, names []string, dict *pipeline.Dict) *perValue {
	v := &perValue{
		stage: stage, dict: dict, fields: newFieldSet(c.Fields, dict), rows: c.As == asRows, found: make([]valueSet, len(names)),
		field: dict.Key(c.Prefix + kind + "_field"), value: dict.Key(c.Prefix + kind + "_value"),
	}
	for _, n := range names {
		v.names = append(v.names, dict.Key(c.Prefix+n))
	}
	return v
}

// picky reports whether no fields were named, so that what is of another kind is
// not to be talked of.
func (v *perValue) picky() bool { return len(v.fields.keys) == 0 }

func (v *perValue) put(name int, value string) { v.found[name].add(value) }

// Process implements [pipeline.Stage].
func (v *perValue) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if v.rows {
		return v.asRows(b), nil
	}
	columns := make([]*pipeline.NewColumn, len(v.names))
	for row := range b.Len() {
		for _, text := range v.fields.of(b, row) {
			v.about(text, v.put)
		}
		v.set(b, columns, row)
	}
	return withAll(b, columns), nil
}

// set gives a row what was found, and forgets it.
func (v *perValue) set(b *pipeline.Batch, columns []*pipeline.NewColumn, row int) {
	for i := range v.found {
		if len(v.found[i].list) == 0 {
			continue
		}
		if columns[i] == nil {
			columns[i] = b.NewColumn(v.names[i])
		}
		columns[i].Set(row, v.found[i].list...)
		v.found[i].reset()
	}
}

func (v *perValue) asRows(b *pipeline.Batch) *pipeline.Batch {
	type said struct {
		field pipeline.Key
		text  string
		what  [][]string
	}
	var from []int
	var all []said
	v.room.begin()
	for row := range b.Len() {
		for field, text := range v.fields.of(b, row) {
			if !v.about(text, v.put) {
				continue
			}
			if what := v.taken(); v.room.take(b, row, v.stage) {
				from, all = append(from, row), append(all, said{field, text, what})
			}
		}
	}
	out := addNotes(b, v.dict, v.room.notes).Select(from)
	columns := make([]*pipeline.NewColumn, len(v.names), len(v.names)+2)
	field, value := out.NewColumn(v.field), out.NewColumn(v.value)
	for row, s := range all {
		field.Set(row, v.dict.Name(s.field))
		value.Set(row, s.text)
		for i, list := range s.what {
			for _, x := range list {
				v.put(i, x)
			}
		}
		v.set(out, columns, row)
	}
	return withAll(out, append(columns, field, value))
}

// Counts implements [pipeline.Counter].
func (v *perValue) Counts() map[string]int { return map[string]int{"rows_over": v.room.over} }

// taken returns what was found, and forgets it.
func (v *perValue) taken() [][]string {
	lists := make([][]string, len(v.found))
	for i := range v.found {
		lists[i] = slices.Clone(v.found[i].list)
		v.found[i].reset()
	}
	return lists
}

// withAll adds the columns that there are.
func withAll(b *pipeline.Batch, columns []*pipeline.NewColumn) *pipeline.Batch {
	for _, c := range columns {
		if c != nil {
			b = b.With(c)
		}
	}
	return b
}
