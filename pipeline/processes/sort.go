package processes

import (
	"math/bits"
	"slices"
	"time"
)

// byTime returns the processes that have no duplicate before them in the order
// of their times. Those of one time come as MSTICPy has them, which sorts twice
// with NumPy's quicksort: it is not stable, and numbers depend on it.
func byTime(procs []Process, duplicate []int32) []int32 {
	order := make([]int32, 0, len(procs))
	for i := range procs {
		if duplicate[i] == None {
			order = append(order, int32(i))
		}
	}
	s := timeSorter{procs, order}
	s.sort()
	s.sort()
	return order
}

// A timeSorter sorts as NumPy 1.24 does: quicksort with the median of the first,
// middle and last as pivot, the smaller part first, insertion sort for what is
// short. A part that is split too often is sorted otherwise, so that no input
// takes quadratic time.
type timeSorter struct {
	procs []Process
	order []int32
}

// shortPart is how far apart the ends of a part may be that is not split.
const shortPart = 16

type sortPart struct{ low, high, depth int }

func (s timeSorter) sort() {
	parts := []sortPart{{0, len(s.order) - 1, 2 * bits.Len(uint(len(s.order)))}}
	for len(parts) > 0 {
		p := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		for p.high-p.low > shortPart && p.depth > 0 {
			at := s.split(p.low, p.high)
			p.depth--
			left, right := sortPart{p.low, at - 1, p.depth}, sortPart{at + 1, p.high, p.depth}
			if at-p.low < p.high-at {
				parts, p = append(parts, right), left
			} else {
				parts, p = append(parts, left), right
			}
		}
		// Insertion, too, keeps what is equal in order; NumPy has heapsort in
		// place of the stable sort, for inputs that no table has.
		slices.SortStableFunc(s.order[p.low:max(p.high+1, p.low)], func(a, b int32) int { return s.time(a).Compare(s.time(b)) })
	}
}

func (s timeSorter) time(i int32) time.Time { return s.procs[i].Time }

func (s timeSorter) less(a, b int) bool { return s.time(s.order[a]).Before(s.time(s.order[b])) }

func (s timeSorter) swap(a, b int) { s.order[a], s.order[b] = s.order[b], s.order[a] }

// split parts low … high around a pivot and returns the pivot's place.
func (s timeSorter) split(low, high int) int {
	middle := low + (high-low)/2
	if s.less(middle, low) {
		s.swap(middle, low)
	}
	if s.less(high, middle) {
		s.swap(high, middle)
	}
	if s.less(middle, low) {
		s.swap(middle, low)
	}
	pivot := s.time(s.order[middle])
	up, down := low, high-1
	s.swap(middle, down)
	for {
		for up++; s.time(s.order[up]).Before(pivot); up++ {
		}
		for down--; pivot.Before(s.time(s.order[down])); down-- {
		}
		if up >= down {
			s.swap(up, high-1)
			return up
		}
		s.swap(up, down)
	}
}
