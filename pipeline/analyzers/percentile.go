package analyzers

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

// A percentileFigure is the value below or at which a part of the values lie, by
// nearest rank. It holds all of them while there is room, and a sketch of them
// from then on.
type percentileFigure struct {
	at     float64
	values []float64
	sketch *logSketch
}

func (f *percentileFigure) add(v pipeline.Values, _ time.Time, budget *statisticBudget) {
	for i := range v.Len() {
		x, ok := pipeline.ParseNumber(v.At(i))
		switch {
		case !ok:
			budget.notNumbers++
		case f.sketch != nil:
			f.sketch.add(x, budget)
		case budget.take():
			f.values = append(f.values, x)
		default:
			budget.approximate++
			budget.values += len(f.values)
			f.sketch = newLogSketch(f.values, budget)
			f.sketch.add(x, budget)
			f.values = nil
		}
	}
}

func (f *percentileFigure) result() []string {
	switch {
	case f.sketch != nil && f.sketch.n > 0:
		return []string{expression.FormatNumber(f.sketch.quantile(f.at))}
	case len(f.values) == 0:
		return nil
	}
	slices.Sort(f.values)
	return []string{expression.FormatNumber(f.values[nearestRank(f.at, len(f.values))])}
}

// nearestRank is the place, from 0, of the value at a part of n ordered ones.
func nearestRank(at float64, n int) int {
	return min(max(int(math.Ceil(at*float64(n)-1e-9))-1, 0), n-1)
}

// A logSketch counts numbers in buckets whose bounds grow by a constant factor,
// so that a quantile is right to within 1% of itself whatever the numbers are:
// DDSketch of Masson, Rim and Lee, VLDB 2019. Numbers nearer to 0 than 1e-9 count
// as 0, those beyond 1e18 as that, so that there are at most 6,500 buckets.
type logSketch struct {
	n, zeros  int
	pos, neg  map[int]int
	low, high float64 // the least and the greatest number
}

// The factor for an error of a: (1+a)/(1-a).
const logSketchFactor = 1.01 / 0.99

func newLogSketch(values []float64, budget *statisticBudget) *logSketch {
	s := &logSketch{pos: map[int]int{}, neg: map[int]int{}, low: math.Inf(1), high: math.Inf(-1)}
	for _, x := range values {
		s.add(x, budget)
	}
	return s
}

// add counts a number, unless it wants a bucket of its own and there is no room
// for one.
func (s *logSketch) add(x float64, budget *statisticBudget) {
	if math.Abs(x) < 1e-9 {
		s.zeros++
	} else {
		side, bucket := s.pos, logSketchBucket(math.Abs(x))
		if x < 0 {
			side = s.neg
		}
		if side[bucket] == 0 && !budget.take() {
			budget.over++
			return
		}
		side[bucket]++
	}
	s.n++
	s.low, s.high = min(s.low, x), max(s.high, x)
}

func logSketchBucket(x float64) int {
	return int(math.Ceil(math.Log(min(x, 1e18)) / math.Log(logSketchFactor)))
}

// quantile returns the number at a part of all.
func (s *logSketch) quantile(at float64) float64 {
	rank := nearestRank(at, s.n)
	value := func(bucket int) float64 {
		return 2 * math.Pow(logSketchFactor, float64(bucket)) / (logSketchFactor + 1)
	}
	found := func(x float64) float64 { return min(max(x, s.low), s.high) }
	negatives := slices.Sorted(maps.Keys(s.neg))
	slices.Reverse(negatives)
	for _, b := range negatives {
		if rank -= s.neg[b]; rank < 0 {
			return found(-value(b))
		}
	}
	if rank -= s.zeros; rank < 0 {
		return found(0)
	}
	for _, b := range slices.Sorted(maps.Keys(s.pos)) {
		if rank -= s.pos[b]; rank < 0 {
			return found(value(b))
		}
	}
	return s.high
}
