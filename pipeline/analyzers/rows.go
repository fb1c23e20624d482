package analyzers

import "github.com/huntd/huntd/pipeline"

// A rowMaker makes a record of each thing that was found in a batch, beside the
// fields of the record that it was found in.
type rowMaker struct {
	from  []int      // the record that each new one comes from
	names []string   // of the fields that are added
	cells [][]string // for each field the values, "" where there is none
}

func newRowMaker(names ...string) *rowMaker {
	return &rowMaker{names: names, cells: make([][]string, len(names))}
}

// add takes a thing that was found in a record; the values are in the order of
// the names and need only live until batch is called.
func (m *rowMaker) add(row int, values ...string) {
	m.from = append(m.from, row)
	for i, v := range values {
		m.cells[i] = append(m.cells[i], v)
	}
}

// batch returns the records; those in which nothing was found are not there.
func (m *rowMaker) batch(b *pipeline.Batch, dict *pipeline.Dict) *pipeline.Batch {
	out := b.Select(m.from)
	for i, name := range m.names {
		col := out.NewColumn(dict.Key(name))
		for row, v := range m.cells[i] {
			if v == "" {
				col.Set(row)
			} else {
				col.Set(row, v)
			}
		}
		out = out.With(col)
	}
	return out
}

// setValues copies a field's values into the record that is being built.
func setValues(out *pipeline.Builder, key pipeline.Key, v pipeline.Values) {
	if v.Len() == 1 {
		out.Set(key, v.At(0))
		return
	}
	out.Set(key, v.Slice()...)
}
