package pipeline

import (
	"errors"
	"strings"
	"testing"
)

// TestMeter: batches that were let go do not count, those that are held do.
func TestMeter(t *testing.T) {
	const size, limit = 64 << 10, 1 << 20
	text := strings.Repeat("x", size)
	next := func() *Batch {
		b := NewBuilder(NewDict())
		b.Row()
		b.SetName("f", text)
		return b.Batch()
	}
	m := NewMeter(limit)
	for range 20 * limit / size {
		b := next()
		if err := m.Add(b); err != nil {
			t.Fatalf("of batches that were let go: %v", err)
		}
		b.Release()
	}
	if len(m.held) > 2*limit/size {
		t.Errorf("%d batches are remembered", len(m.held))
	}

	m = NewMeter(limit)
	var kept []*Batch
	var err error
	for n := 0; err == nil && n < 2*limit/size; n++ {
		kept = append(kept, next().Select([]int{0})) // the memory of what it was selected from
		err = m.Add(kept[n])
	}
	if !errors.Is(err, ErrTooMuch) {
		t.Errorf("%d bytes are held: %v", len(kept)*size, err)
	}
	if held := len(kept) * size; held < limit*7/8 || held > limit*5/4 {
		t.Errorf("it objected at %d bytes, want about %d", held, limit)
	}
	if err := m.Add(nil); err != nil {
		t.Errorf("no batch: %v", err)
	}
	for _, b := range kept {
		if b.Len() != 1 {
			t.Error("a batch was lost")
		}
	}
}
