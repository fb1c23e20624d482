package analyzers

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

// A countFigure counts records, or the values of a field.
type countFigure struct {
	records bool
	n       int
}

func (f *countFigure) add(v pipeline.Values, _ time.Time, _ *statisticBudget) {
	if f.records {
		f.n++
		return
	}
	f.n += v.Len()
}

func (f *countFigure) result() []string { return []string{strconv.Itoa(f.n)} }

// A distinctFigure tells values apart.
type distinctFigure struct {
	list bool // they are the figure; else their number is
	seen map[string]struct{}
}

func (f *distinctFigure) add(v pipeline.Values, _ time.Time, budget *statisticBudget) {
	for i := range v.Len() {
		if _, ok := f.seen[v.At(i)]; ok {
			continue
		}
		if !budget.take() {
			budget.over++
			continue
		}
		if f.seen == nil {
			f.seen = map[string]struct{}{}
		}
		f.seen[strings.Clone(v.At(i))] = struct{}{}
	}
}

func (f *distinctFigure) result() []string {
	if !f.list {
		return []string{strconv.Itoa(len(f.seen))}
	}
	all := make([]string, 0, len(f.seen))
	for v := range f.seen {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// listFigureMost is how many values a list has, as in Splunk.
const listFigureMost = 100

// A listFigure is the first values as they came.
type listFigure struct{ list []string }

func (f *listFigure) add(v pipeline.Values, _ time.Time, budget *statisticBudget) {
	for i := range v.Len() {
		if len(f.list) == listFigureMost || !budget.take() {
			budget.over += v.Len() - i
			return
		}
		f.list = append(f.list, strings.Clone(v.At(i)))
	}
}

func (f *listFigure) result() []string { return f.list }

// A pickFigure is the value of one record, by the order in which the records came
// or by their times.
type pickFigure struct {
	last, byTime bool
	have         bool
	value        []string
	at           time.Time
}

func (f *pickFigure) add(v pipeline.Values, t time.Time, _ *statisticBudget) {
	if v.Len() == 0 || f.byTime && t.IsZero() || f.have && !f.better(t) {
		return
	}
	f.have, f.value, f.at = true, cloneAll(v.Slice()), t
}

// better reports whether a record of time t comes before the one that is held.
func (f *pickFigure) better(t time.Time) bool {
	switch {
	case !f.byTime:
		return f.last
	case f.last:
		return !t.Before(f.at)
	}
	return t.Before(f.at)
}

func (f *pickFigure) result() []string { return f.value }

// An extremeFigure is the least (sign -1) or greatest value: by size if all are
// numbers, else by their bytes.
type extremeFigure struct {
	sign         int
	have, words  bool
	number       float64
	digits, text string // the greatest number as it is written, the greatest text
}

func (f *extremeFigure) add(v pipeline.Values, _ time.Time, _ *statisticBudget) {
	for i := range v.Len() {
		s := v.At(i)
		if !f.have || strings.Compare(s, f.text) == f.sign {
			f.text = strings.Clone(s)
		}
		n, ok := pipeline.ParseNumber(s)
		f.words = f.words || !ok
		if ok && (f.digits == "" || n > f.number && f.sign > 0 || n < f.number && f.sign < 0) {
			f.number, f.digits = n, strings.Clone(s)
		}
		f.have = true
	}
}

func (f *extremeFigure) result() []string {
	switch {
	case !f.have:
		return nil
	case f.words:
		return []string{f.text}
	}
	return []string{f.digits}
}

// A numberFigure is made of the values that are numbers.
type numberFigure struct {
	of         string
	n          int
	sum, lost  float64 // lost is what rounding took from sum
	mean, m2   float64
	least, top float64
}

func (f *numberFigure) add(v pipeline.Values, _ time.Time, budget *statisticBudget) {
	for i := range v.Len() {
		if x, ok := pipeline.ParseNumber(v.At(i)); ok {
			f.addNumber(x)
		} else {
			budget.notNumbers++
		}
	}
}

// addNumber sums by Neumaier's method, so that the order of the records does
// not show, and follows the variance by Welford's.
func (f *numberFigure) addNumber(x float64) {
	f.n++
	sum := f.sum + x
	if math.Abs(f.sum) >= math.Abs(x) {
		f.lost += f.sum - sum + x
	} else {
		f.lost += x - sum + f.sum
	}
	f.sum = sum
	delta := x - f.mean
	f.mean += delta / float64(f.n)
	f.m2 += delta * (x - f.mean)
	if f.n == 1 {
		f.least, f.top = x, x
	}
	f.least, f.top = min(f.least, x), max(f.top, x)
}

func (f *numberFigure) result() []string {
	if f.n == 0 {
		return nil
	}
	var x float64
	switch f.of {
	case "sum":
		x = f.sum + f.lost
	case "avg", "mean":
		x = (f.sum + f.lost) / float64(f.n)
	case "range":
		x = f.top - f.least
	case "stdev":
		if f.n > 1 {
			x = math.Sqrt(f.m2 / float64(f.n-1))
		}
	}
	if text := expression.FormatNumber(x); text != "" {
		return []string{text}
	}
	return nil // beyond what a number can hold
}
