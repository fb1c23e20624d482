package pipeline

import "iter"

// A cell is one field of one row.
type cell struct {
	key Key
	val span
}

// A block holds the rows as they were read. It is never changed once built.
type block struct {
	store
	dict  *Dict
	cells []cell
	rows  []uint32 // start of each row in cells, and one end
}

// An overlay is a field that a stage added: one span for each row of the view.
type overlay struct {
	*store
	key   Key
	spans []span
}

// A Batch is a number of records. It is a view: batches that were made from
// one another share their memory. See the package comment for who owns it.
type Batch struct {
	block *block
	all   bool     // of the block's rows, in order
	rows  []uint32 // the view's rows in the block, unless all
	over  []overlay
	cols  map[Key]*Column
}

// Dict returns the dictionary that the batch's keys belong to.
func (b *Batch) Dict() *Dict { return b.block.dict }

// Len returns the number of records. A nil batch has none, nor has a released.
func (b *Batch) Len() int {
	switch {
	case b == nil:
		return 0
	case b.all:
		return len(b.block.rows) - 1
	}
	return len(b.rows)
}

// Size returns the bytes of memory that the batch's values, cells and columns
// occupy, shared memory included.
func (b *Batch) Size() int {
	if b == nil || b.block == nil {
		return 0
	}
	n := len(b.block.arena) + len(b.block.cells)*12 + len(b.block.rows)*4 + len(b.block.multi)*8
	for _, o := range b.over {
		n += len(o.arena) + len(o.spans)*8 + len(o.multi)*8
	}
	for _, c := range b.cols {
		n += len(c.refs)*12 + len(c.numbers)*8
	}
	return n
}

// Release ends the use of the batch, which is empty afterwards; to ask it for
// a record then panics. Strings got from it, and other batches made from it,
// must not be used any more. A batch that is never released is left to the
// garbage collector; nil may be released, and a batch twice.
func (b *Batch) Release() {
	if b != nil {
		*b = Batch{}
	}
}

// Get returns the first value of a field, or "" where the record lacks it.
func (b *Batch) Get(row int, key Key) string { return b.Values(row, key).First() }

// Has reports whether the record has the field, be it empty.
func (b *Batch) Has(row int, key Key) bool { return b.Values(row, key).Len() > 0 }

// Values returns all values of a field.
func (b *Batch) Values(row int, key Key) Values {
	if c, ok := b.cols[key]; ok {
		return c.Values(row)
	}
	return b.find(row, key)
}

func (b *Batch) find(row int, key Key) Values {
	if vals, ok := b.added(row, key); ok {
		return vals
	}
	for _, c := range b.cellsOf(row) {
		if c.key == key {
			return b.block.values(c.val)
		}
	}
	return Values{}
}

// added returns what the overlays say of a field, if they say anything.
func (b *Batch) added(row int, key Key) (Values, bool) {
	for i := len(b.over) - 1; i >= 0; i-- {
		o := &b.over[i]
		switch {
		case o.key != key || o.spans[row].n == spanUnset:
		case o.spans[row].n == spanRemoved:
			return Values{}, true
		default:
			return o.values(o.spans[row]), true
		}
	}
	return Values{}, false
}

// Fields yields the record's fields: those it was read with in their order,
// then those that stages added. A field that a stage set anew keeps its place.
func (b *Batch) Fields(row int) iter.Seq2[Key, Values] {
	return func(yield func(Key, Values) bool) {
		own := b.cellsOf(row)
		for _, c := range own {
			vals, ok := b.added(row, c.key)
			if !ok {
				vals = b.block.values(c.val)
			}
			if vals.Len() > 0 && !yield(c.key, vals) {
				return
			}
		}
		for i := range b.over {
			key := b.over[i].key
			if hasKey(own, key) || b.overlaidBefore(i, key) {
				continue
			}
			if vals, _ := b.added(row, key); vals.Len() > 0 && !yield(key, vals) {
				return
			}
		}
	}
}

func (b *Batch) overlaidBefore(i int, key Key) bool {
	for _, o := range b.over[:i] {
		if o.key == key {
			return true
		}
	}
	return false
}

func hasKey(cells []cell, key Key) bool {
	for _, c := range cells {
		if c.key == key {
			return true
		}
	}
	return false
}

func (b *Batch) cellsOf(row int) []cell {
	at := uint32(row)
	if !b.all {
		at = b.rows[row]
	}
	return b.block.cells[b.block.rows[at]:b.block.rows[at+1]]
}

// Select returns a batch of the given rows of this one, in the given order;
// a row may be named more than once. Both batches share their memory.
func (b *Batch) Select(rows []int) *Batch {
	sub := &Batch{block: b.block, rows: make([]uint32, len(rows))}
	for i, r := range rows {
		if b.all {
			sub.rows[i] = uint32(r)
		} else {
			sub.rows[i] = b.rows[r]
		}
	}
	for _, o := range b.over {
		picked := overlay{store: o.store, key: o.key, spans: make([]span, len(rows))}
		for i, r := range rows {
			picked.spans[i] = o.spans[r]
		}
		sub.over = append(sub.over, picked)
	}
	return sub
}
