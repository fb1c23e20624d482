package recall

// generations is into how many parts a span is cut.
const generations = 4

// An age is the time of one generation.
type age struct {
	from, to int64
	closed   bool // nothing is added any more; to is when that was
}

// settle closes a generation that is old enough, and reports whether the span
// still reaches it. There are at most generations+2 at a time.
func (a *age) settle(newest, span int64) bool {
	a.from = min(a.from, newest) // it began with an event whose clock ran ahead
	if !a.closed && newest-a.from >= max(span/generations, 1) {
		a.to, a.closed = newest, true
	}
	return !a.closed || a.to >= newest-span
}
