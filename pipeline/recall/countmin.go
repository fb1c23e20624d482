package recall

// A countMin counts values in a table of a fixed size. Each value has a place in
// every row; the least of its counters is at least its count, and on average more
// by 2.72/4096 of all that was added.
type countMin struct {
	added int
	rows  [countRows][countWidth]uint32
}

const (
	countRows  = 4
	countWidth = 4096
)

func newCountMin() *countMin { return &countMin{} }

// places are where a value stands in each row.
func (*countMin) places(value uint64) (at [countRows]uint64) {
	step := mix(value) | 1
	for i := range at {
		at[i] = mix(value+uint64(i)*step) % countWidth
	}
	return at
}

// add counts a value once. Only the counters that would be too low are raised,
// which keeps the others as near to the truth as can be.
func (c *countMin) add(value uint64) {
	at := c.places(value)
	next := c.count(value) + 1
	if next == 0 {
		return // it has counted as far as it can
	}
	c.added++
	for i, j := range at {
		c.rows[i][j] = max(c.rows[i][j], next)
	}
}

func (c *countMin) count(value uint64) uint32 {
	least := ^uint32(0)
	for i, j := range c.places(value) {
		least = min(least, c.rows[i][j])
	}
	return least
}
