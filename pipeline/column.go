package pipeline

import (
	"fmt"
	"math"
)

// A Column gives one field of every record of a batch at the cost of one look
// a record. It is built on first use and cached with the batch.
type Column struct {
	refs    []columnRef
	stores  []*store
	numbers []float64
}

type columnRef struct {
	from uint32 // index into stores, plus 1; 0 means absent
	at   span
}

// Column returns the batch's column of key. The batch must not be used by
// several goroutines at the time.
func (b *Batch) Column(key Key) *Column {
	if c, ok := b.cols[key]; ok {
		return c
	}
	c := &Column{refs: make([]columnRef, b.Len()), stores: make([]*store, 0, 1)}
	for row := range c.refs {
		v := b.find(row, key)
		if v.from != nil {
			c.refs[row] = columnRef{from: c.storeIndex(v.from) + 1, at: v.at}
		}
	}
	if b.cols == nil {
		b.cols = map[Key]*Column{}
	}
	b.cols[key] = c
	return c
}

func (c *Column) storeIndex(s *store) uint32 {
	for i, have := range c.stores {
		if have == s {
			return uint32(i)
		}
	}
	c.stores = append(c.stores, s)
	return uint32(len(c.stores) - 1)
}

// Get returns the first value in a row, or "".
func (c *Column) Get(row int) string { return c.Values(row).First() }

// Values returns all values in a row.
func (c *Column) Values(row int) Values {
	ref := c.refs[row]
	if ref.from == 0 {
		return Values{}
	}
	return Values{from: c.stores[ref.from-1], at: ref.at}
}

// Numbers returns the first value of each row as a number, NaN where it is
// none (see [ParseNumber]). It is computed once; do not change the slice.
func (c *Column) Numbers() []float64 {
	if c.numbers == nil {
		c.numbers = make([]float64, len(c.refs))
		for row := range c.numbers {
			n, ok := ParseNumber(c.Get(row))
			if !ok {
				n = math.NaN()
			}
			c.numbers[row] = n
		}
	}
	return c.numbers
}

// A NewColumn collects the values of one field that a stage adds to the
// records of a batch. What is not set stays as it was.
type NewColumn struct {
	overlay
}

// NewColumn begins a field for the records of b.
func (b *Batch) NewColumn(key Key) *NewColumn {
	c := &NewColumn{overlay{store: &store{}, key: key, spans: make([]span, b.Len())}}
	for i := range c.spans {
		c.spans[i].n = spanUnset
	}
	return c
}

// Set gives a row its values, copying them; without any the field is removed.
func (c *NewColumn) Set(row int, values ...string) {
	if len(values) == 0 {
		c.spans[row] = span{n: spanRemoved}
		return
	}
	c.spans[row] = c.addAll(values)
}

// With returns a batch of the same records that has the columns as well, which
// must have been begun for a batch of as many records and are not to be set any
// more. A later column of the same key covers an earlier one, row by row.
func (b *Batch) With(columns ...*NewColumn) *Batch {
	grown := &Batch{block: b.block, rows: b.rows, all: b.all}
	grown.over = append(make([]overlay, 0, len(b.over)+len(columns)), b.over...)
	for _, c := range columns {
		if len(c.spans) != b.Len() {
			panic(fmt.Sprintf("pipeline: a column of %d rows for a batch of %d", len(c.spans), b.Len()))
		}
		grown.over = append(grown.over, c.overlay)
	}
	return grown
}
