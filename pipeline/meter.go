package pipeline

import (
	"errors"
	"runtime"
	"slices"
	"weak"
)

// ErrTooMuch marks a window that holds more than one run may read or keep in
// memory: a shorter one holds less.
var ErrTooMuch = errors.New("too much for one run")

// A Meter watches how many bytes of records a run holds on to: those of the
// batches that it was shown and that something still uses. What stages add and
// what they copy is theirs to bound.
//
// It asks the garbage collector, by weak pointers, and so needs no help from
// stages: a batch counts until it is collected. Only when the sum is above the
// limit is a collection asked for, and then not before an eighth of the limit
// has been read again: so far the limit may be passed.
type Meter struct {
	limit int
	held  []holding
	sum   int
	since int // bytes shown since the last collection that was asked for
}

// A holding is what the rows of one read occupy.
type holding struct {
	block weak.Pointer[block]
	size  int
}

// NewMeter returns a meter that objects to more than limit bytes.
func NewMeter(limit int) *Meter { return &Meter{limit: limit} }

// Add shows a batch to the meter. It returns [ErrTooMuch] if the run holds on to
// more than it may.
func (m *Meter) Add(b *Batch) error {
	if b.Len() == 0 {
		return nil
	}
	h := holding{weak.Make(b.block), b.Size()}
	m.held = append(m.held, h)
	m.sum += h.size
	m.since += h.size
	if m.sum <= m.limit || m.since < m.limit/8 {
		return nil
	}
	if m.sweep(); m.sum <= m.limit {
		return nil
	}
	runtime.GC()
	m.since = 0
	if m.sweep(); m.sum > m.limit {
		return ErrTooMuch
	}
	return nil
}

// sweep forgets what has been collected.
func (m *Meter) sweep() {
	m.held = slices.DeleteFunc(m.held, func(h holding) bool { return h.block.Value() == nil })
	m.sum = 0
	for _, h := range m.held {
		m.sum += h.size
	}
}
