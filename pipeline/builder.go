package pipeline

import (
	"math"
	"slices"
	"strings"
	"unsafe"
)

// MaxBatchBytes bounds the values of one batch: offsets are 32 bits wide. The
// decoder answers more with an error, the other ways to add a value panic.
const MaxBatchBytes = math.MaxInt32

// A Builder puts records together into a batch.
type Builder struct {
	dict  *Dict
	block *block
	// seen[key] is the place of the key's cell in cells plus 1, valid if it
	// lies in the record being built: finds a repeated key without a search.
	seen []uint32
	// Where the current record's values begin.
	arenaStart, multiStart int
	// before are the lengths that the next batch is likely to come to, going by
	// those before it, so that it is spared the growing.
	before struct{ arena, multi, cells, rows int }
}

// NewBuilder returns a builder whose batches use dict.
func NewBuilder(dict *Dict) *Builder {
	return &Builder{dict: dict, block: &block{dict: dict}}
}

// Row begins the next record.
func (b *Builder) Row() {
	if b.block.rows == nil {
		b.block.arena = uncleared(b.before.arena)
		b.block.multi = make([]span, 0, b.before.multi)
		b.block.cells = make([]cell, 0, b.before.cells)
		b.block.rows = make([]uint32, 0, b.before.rows)
	}
	b.block.rows = append(b.block.rows, uint32(len(b.block.cells)))
	b.arenaStart, b.multiStart = len(b.block.arena), len(b.block.multi)
}

// uncleared returns an empty slice with room for n bytes, which are not set to
// zero first, as make would: an arena's are all written before they are read.
func uncleared(n int) []byte {
	if n == 0 {
		return nil
	}
	var room strings.Builder
	room.Grow(n)
	room.WriteByte(0)
	return unsafe.Slice(unsafe.StringData(room.String()), room.Cap())[:0]
}

// Dict returns the dictionary that the builder's batches use.
func (b *Builder) Dict() *Dict { return b.dict }

// Len returns the number of records begun.
func (b *Builder) Len() int { return len(b.block.rows) }

// Size returns the bytes of values collected.
func (b *Builder) Size() int { return len(b.block.arena) }

// Set gives a field of the current record its values, in place of any that it
// had. Without values it does nothing.
func (b *Builder) Set(key Key, values ...string) {
	if len(values) > 0 {
		b.put(key, b.block.addAll(values))
	}
}

// SetName is Set for a name that is not interned yet, and is not made of data.
func (b *Builder) SetName(name string, values ...string) { b.Set(b.dict.Key(name), values...) }

// CopyFields gives the current record all fields of another batch's record,
// which must share the builder's dictionary.
func (b *Builder) CopyFields(from *Batch, row int) {
	for key, vals := range from.Fields(row) {
		b.put(key, b.block.copyOf(vals))
	}
}

// Batch returns the records built so far and leaves the builder empty.
func (b *Builder) Batch() *Batch {
	done := b.block
	done.rows = append(done.rows, uint32(len(done.cells)))
	b.before.arena, b.before.multi = likely(b.before.arena, len(done.arena)), likely(b.before.multi, len(done.multi))
	b.before.cells, b.before.rows = likely(b.before.cells, len(done.cells)), likely(b.before.rows, len(done.rows))
	b.block = &block{dict: b.dict}
	return &Batch{block: done, all: true}
}

// likely is what a batch is expected to come to behind one of n, where was had
// been expected: large ones are forgotten slowly.
func likely(was, n int) int { return max(n+n/32, was-was/4) }

// Drop takes the current record back. Only Row may follow it: the record before
// is closed for good.
func (b *Builder) Drop() {
	last := len(b.block.rows) - 1
	b.block.cells = b.block.cells[:b.block.rows[last]]
	b.block.rows = b.block.rows[:last]
	b.block.arena, b.block.multi = b.block.arena[:b.arenaStart], b.block.multi[:b.multiStart]
}

// place returns where the current record holds key, or -1. What an earlier
// record or a dropped one left in seen lies elsewhere or holds another key.
func (b *Builder) place(key Key) int {
	if int(key) >= len(b.seen) {
		return -1
	}
	at, rows := b.seen[key], b.block.rows
	if at <= rows[len(rows)-1] || at > uint32(len(b.block.cells)) || b.block.cells[at-1].key != key {
		return -1
	}
	return int(at - 1)
}

func (b *Builder) put(key Key, val span) {
	if at := b.place(key); at >= 0 {
		b.block.cells[at].val = val
		return
	}
	b.append(key, val)
}

// append is put for a field that the current record lacks.
func (b *Builder) append(key Key, val span) {
	b.block.cells = append(b.block.cells, cell{key: key, val: val})
	if n := int(key) + 1; n > len(b.seen) {
		b.seen = slices.Grow(b.seen, n-len(b.seen))[:n]
	}
	b.seen[key] = uint32(len(b.block.cells))
}
