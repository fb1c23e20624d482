package analyzers

import "github.com/huntd/huntd/pipeline"

// rowsBytes is how many bytes the records that are made of one record may have
// together, each of them holding all of its fields: of a megabyte of addresses, a
// hundred gigabytes would come.
const rowsBytes = 128 << 20

// A rowRoom says of how many things in a record records are made. The zero value
// is ready for use.
type rowRoom struct {
	over  int // how many things were left out
	row   int
	left  int
	notes map[int]string // of a batch
}

// begin begins a batch.
func (r *rowRoom) begin() { r.row, r.notes = -1, map[int]string{} }

// take reports whether there is room for one more record that is made of that
// row; what there is no room for is counted and noted. Rows come in order.
func (r *rowRoom) take(b *pipeline.Batch, row int, stage string) bool {
	if row != r.row {
		size := 1
		for _, vals := range b.Fields(row) {
			for v := range vals.All() {
				size += len(v)
			}
		}
		r.row, r.left = row, max(1, rowsBytes/size)
	}
	if r.left == 0 {
		r.over++
		r.notes[row] = stage + ": there is more in the record than records were made of it"
		return false
	}
	r.left--
	return true
}

// A rowMaker makes a record of each thing that was found in a batch, beside the
// fields of the record that it was found in.
type rowMaker struct {
	stage string
	b     *pipeline.Batch
	room  *rowRoom
	from  []int      // the record that each new one comes from
	names []string   // of the fields that are added
	cells [][]string // for each field the values, "" where there is none
}

// newRowMaker makes records of a batch for a stage of that name.
func newRowMaker(stage string, b *pipeline.Batch, room *rowRoom, names ...string) *rowMaker {
	room.begin()
	return &rowMaker{stage: stage, b: b, room: room, names: names, cells: make([][]string, len(names))}
}

// add takes a thing that was found in a record, and reports whether there was
// room for it; the values are in the order of the names and need only live until
// batch is called.
func (m *rowMaker) add(row int, values ...string) bool {
	if !m.room.take(m.b, row, m.stage) {
		return false
	}
	m.from = append(m.from, row)
	for i, v := range values {
		m.cells[i] = append(m.cells[i], v)
	}
	return true
}

// batch returns the records; those in which nothing was found are not there. It is
// given the batch that things were found in, with what was added to it since.
func (m *rowMaker) batch(b *pipeline.Batch, dict *pipeline.Dict) *pipeline.Batch {
	out := addNotes(b, dict, m.room.notes).Select(m.from)
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
