package recall

import "math"

// A Tally remembers how often values were seen. The limit holds for all of its
// generations together, each of which has counts of its own.
type Tally struct {
	limits  Limits
	mark    uint64
	when    horizon
	ages    []*count // oldest first; the last one is being filled
	entries int      // counts held, in all of them
}

// A count is what one generation counted.
type count struct {
	age   age
	exact map[uint64]uint32
	over  *countMin // nil until it is needed
}

// NewTally returns an empty memory; the mark is as for [NewSeen].
func NewTally(l Limits, mark uint64) *Tally {
	return &Tally{limits: l, mark: mark, when: horizon{span: l.seconds()}}
}

// Add counts a value that is seen at t, in seconds since the epoch. It reports
// false, and counts nothing, for what is late.
func (y *Tally) Add(value uint64, t int64) bool {
	if y.when.late(t) {
		return false
	}
	c := y.filling()
	n, held := c.exact[value]
	switch {
	case held:
		if n < math.MaxUint32 {
			c.exact[value] = n + 1
		}
	case y.entries < y.limits.Values:
		c.exact[value] = 1
		y.entries++
	default:
		if c.over == nil {
			c.over = newCountMin()
		}
		c.over.add(value)
	}
	return true
}

func (y *Tally) filling() *count {
	if n := len(y.ages); n > 0 && !y.ages[n-1].age.closed {
		return y.ages[n-1]
	}
	y.ages = append(y.ages, &count{age: age{from: y.when.top}, exact: map[uint64]uint32{}})
	return y.ages[len(y.ages)-1]
}

// Count returns how often a value was seen within the span; where a sketch had a
// part in it, it may be less often than that.
func (y *Tally) Count(value uint64) (n int, approximate bool) {
	for _, c := range y.ages {
		if exact, held := c.exact[value]; held {
			n += int(exact)
			continue
		}
		if c.over != nil {
			n, approximate = n+int(c.over.count(value)), true
		}
	}
	return n, approximate
}

// Entries returns how many counts are held exactly.
func (y *Tally) Entries() int { return y.entries }

// settle moves the horizon on and drops generations that it left behind.
func (y *Tally) settle(end int64) {
	y.when.settle(end)
	kept := y.ages[:0]
	for _, c := range y.ages {
		if c.age.settle(y.when.newest, y.when.span) {
			kept = append(kept, c)
		} else {
			y.entries -= len(c.exact)
		}
	}
	y.ages = kept
}
