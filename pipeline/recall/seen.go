package recall

// A Verdict is what a memory says of a value that is seen.
type Verdict uint8

const (
	// New values were not seen within the span before.
	New Verdict = iota
	// Known values were.
	Known
	// Late values are older than the memory reaches; nothing is known of them.
	Late
)

// A Seen remembers which values were seen.
type Seen struct {
	limits Limits
	mark   uint64
	when   horizon
	last   map[uint64]int64 // when a value was seen last
	blooms []*bloom         // oldest first; the last one is being filled
}

// NewSeen returns an empty memory. The mark stands for the meaning of the
// values: a memory that was saved under another is refused.
func NewSeen(l Limits, mark uint64) *Seen {
	return &Seen{limits: l, mark: mark, when: horizon{span: l.seconds()}, last: map[uint64]int64{}}
}

// See says whether a value was seen before, and remembers that it is seen at t,
// in seconds since the epoch. A value that was seen later than t is known, too.
// Before is when it was seen last, 0 if it was not or only a sketch knows of it.
// Approximate reports whether a sketch had a part in the answer.
func (s *Seen) See(value uint64, t int64) (v Verdict, before int64, approximate bool) {
	if s.when.late(t) {
		return Late, 0, false
	}
	last, held := s.last[value]
	if held {
		s.last[value] = max(last, t)
		if last >= t-s.when.span {
			return Known, last, false
		}
		return New, 0, false
	}
	known := s.sketched(value)
	approximate = len(s.blooms) > 0
	if len(s.last) < s.limits.Values {
		s.last[value] = t
	} else if approximate = true; !known {
		s.filling().add(value)
	}
	if known {
		return Known, 0, true
	}
	return New, 0, approximate
}

// sketched reports whether a filter knows the value. Those of the generation
// that is being filled are refreshed by that.
func (s *Seen) sketched(value uint64) bool {
	for i, b := range s.blooms {
		if !b.has(value) {
			continue
		}
		if i < len(s.blooms)-1 {
			s.filling().add(value)
		}
		return true
	}
	return false
}

// filling returns the filter that new values go into.
func (s *Seen) filling() *bloom {
	if n := len(s.blooms); n > 0 && !s.blooms[n-1].age.closed {
		return s.blooms[n-1]
	}
	s.blooms = append(s.blooms, newBloom(s.limits.Values, s.when.top))
	return s.blooms[len(s.blooms)-1]
}

// Values returns how many values are held exactly.
func (s *Seen) Values() int { return len(s.last) }

// Full reports whether so many values came on top of those held exactly that
// the sketches are wrong more often than one time in a hundred.
func (s *Seen) Full() bool {
	for _, b := range s.blooms {
		if b.full() {
			return true
		}
	}
	return false
}

// settle moves the horizon on and forgets what nobody can ask for any more.
func (s *Seen) settle(end int64) {
	s.when.settle(end)
	newest, span := s.when.newest, s.when.span
	for value, last := range s.last {
		switch {
		case last < newest-2*span:
			delete(s.last, value)
		case last > newest:
			s.last[value] = newest // its clock runs ahead
		}
	}
	kept := s.blooms[:0]
	for _, b := range s.blooms {
		if b.age.settle(newest, span) {
			kept = append(kept, b)
		}
	}
	s.blooms = kept
}
