package pipeline

import (
	"fmt"
	"iter"
	"strings"
	"unsafe"
)

// A span is a run of bytes in an arena, or, with the multi bit set in n, a run
// of spans in a list of values.
type span struct{ off, n uint32 }

const (
	multiBit = 1 << 31
	// Some lengths that no value can have mark a span that is none.
	spanUnset   = ^uint32(0)     // an overlay column says nothing of this row
	spanRemoved = ^uint32(0) - 1 // an overlay column takes the field away
	spanWaiting = ^uint32(0) - 2 // the decoder still gathers the field's values
)

// A store is a piece of memory that spans point into.
type store struct {
	arena []byte
	multi []span
}

func (s *store) add(v string) span {
	if len(v) > MaxBatchBytes-len(s.arena) {
		panic(fmt.Sprintf("pipeline: batch of more than %d bytes", MaxBatchBytes))
	}
	at := span{off: uint32(len(s.arena)), n: uint32(len(v))}
	s.arena = append(s.arena, v...)
	return at
}

// addAll adds the values of one field, of which there is at least one.
func (s *store) addAll(values []string) span {
	if len(values) == 1 {
		return s.add(values[0])
	}
	first := len(s.multi)
	for _, v := range values {
		s.multi = append(s.multi, s.add(v))
	}
	return span{off: uint32(first), n: uint32(len(values)) | multiBit}
}

// copyOf adds the values of a field of another store.
func (s *store) copyOf(v Values) span {
	if v.Len() == 1 {
		return s.add(v.At(0))
	}
	return s.addAll(v.Slice())
}

func (s *store) values(at span) Values { return Values{from: s, at: at} }

func (s *store) text(at span) string {
	if at.n == 0 {
		return ""
	}
	return unsafe.String(&s.arena[at.off], at.n)
}

// Values are the values of one field of one record. They point into the
// batch's memory.
type Values struct {
	from *store
	at   span
}

// Len returns the number of values; 0 means that the record lacks the field.
func (v Values) Len() int {
	switch {
	case v.from == nil:
		return 0
	case v.at.n&multiBit != 0:
		return int(v.at.n &^ multiBit)
	}
	return 1
}

// At returns the i-th value; i must be below Len.
func (v Values) At(i int) string {
	if v.at.n&multiBit != 0 {
		return v.from.text(v.from.multi[v.at.off:][:v.at.n&^multiBit][i])
	}
	if i != 0 {
		panic("pipeline: At beyond a field's values")
	}
	return v.from.text(v.at)
}

// First returns the first value, or "".
func (v Values) First() string {
	if v.Len() == 0 {
		return ""
	}
	return v.At(0)
}

// All yields the values in order.
func (v Values) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range v.Len() {
			if !yield(v.At(i)) {
				return
			}
		}
	}
}

// Slice returns the values in a slice of their own; the strings still point
// into the batch.
func (v Values) Slice() []string {
	out := make([]string, v.Len())
	for i := range out {
		out[i] = v.At(i)
	}
	return out
}

// Join returns the values as one string of its own memory, with sep between.
func (v Values) Join(sep string) string {
	if v.Len() == 1 {
		return strings.Clone(v.At(0))
	}
	return strings.Join(v.Slice(), sep)
}
