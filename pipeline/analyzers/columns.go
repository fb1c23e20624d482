package analyzers

import "github.com/huntd/huntd/pipeline"

// A columnSet are the fields that a stage adds to a batch, begun when the first
// record gets one.
type columnSet struct {
	b       *pipeline.Batch
	dict    *pipeline.Dict
	names   []string
	columns []*pipeline.NewColumn
}

func newColumnSet(b *pipeline.Batch, dict *pipeline.Dict, names []string) *columnSet {
	return &columnSet{b: b, dict: dict, names: names, columns: make([]*pipeline.NewColumn, len(names))}
}

// set gives a record the values of the i-th field.
func (s *columnSet) set(i, row int, values ...string) {
	if s.columns[i] == nil {
		s.columns[i] = s.b.NewColumn(s.dict.Key(s.names[i]))
	}
	s.columns[i].Set(row, values...)
}

// onto returns the batch, or one of as many records, with the fields.
func (s *columnSet) onto(b *pipeline.Batch) *pipeline.Batch {
	begun := make([]*pipeline.NewColumn, 0, len(s.columns))
	for _, c := range s.columns {
		if c != nil {
			begun = append(begun, c)
		}
	}
	return b.With(begun...)
}

// addLists gives every record of a batch a field of several values.
func addLists(b *pipeline.Batch, dict *pipeline.Dict, name string, values [][]string) *pipeline.Batch {
	col := b.NewColumn(dict.Key(name))
	for row, list := range values {
		col.Set(row, list...)
	}
	return b.With(col)
}
