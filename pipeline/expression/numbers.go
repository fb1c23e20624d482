package expression

import (
	"math"
	"slices"
)

func numberFunction(name string) (function, bool) {
	one := func(f func(float64) float64) (function, bool) {
		return perScalar(1, 1, func(e *Evaluator, s string, _ []scalar) scalar {
			n := textScalar(s).resolved()
			if n.state != isNumber {
				return e.notNumber()
			}
			return lazyNumber(f(n.number))
		})
	}
	all := func(f func([]float64) float64) (function, bool) {
		return function{least: 1, most: -1, gives: kindOther, call: func(e *Evaluator, args []any) (any, error) {
			numbers := e.numbers(args)
			if len(numbers) == 0 {
				return nil, nil
			}
			return f(numbers), nil
		}}, true
	}
	switch name {
	case "abs":
		return one(math.Abs)
	case "ceil":
		return one(math.Ceil)
	case "floor":
		return one(math.Floor)
	case "round":
		return one(math.Round)
	case "int":
		return one(math.Trunc)
	case "float", "num":
		return one(func(n float64) float64 { return n })
	case "max":
		return all(slices.Max[[]float64])
	case "min":
		return all(slices.Min[[]float64])
	case "sum":
		return all(sum)
	case "mean":
		return all(func(n []float64) float64 { return sum(n) / float64(len(n)) })
	case "median":
		return all(median)
	}
	return function{}, false
}

// notNumber is nil, and counted.
func (e *Evaluator) notNumber() scalar {
	e.notNumbers++
	return noScalar()
}

// numbers gathers the numbers in the arguments, lists taken apart. An absent
// field is left out; anything else that is no number is counted.
func (e *Evaluator) numbers(args []any) []float64 {
	var out []float64
	for _, a := range args {
		for i := range size(a) {
			switch n := scalarAt(a, i).resolved(); {
			case n.state == isNumber:
				out = append(out, n.number)
			case n.text != "":
				e.notNumbers++
			}
		}
	}
	return out
}

func sum(numbers []float64) float64 {
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	return total
}

func median(numbers []float64) float64 {
	slices.Sort(numbers)
	half := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return numbers[half]
	}
	return (numbers[half-1] + numbers[half]) / 2
}

// bitFunction returns a function on the bits of integers.
func bitFunction(name string) (function, bool) {
	if name == "bitnot" {
		return perValue(1, 1, kindOther, func(e *Evaluator, s string, _ []scalar) any {
			n, ok := e.integer(textScalar(s))
			if !ok {
				return nil
			}
			return int(^n)
		})
	}
	apply, ok := bitOperation(name)
	if !ok {
		return function{}, false
	}
	return perValue(2, 2, kindOther, func(e *Evaluator, s string, rest []scalar) any {
		x, okX := e.integer(textScalar(s))
		y, okY := e.integer(rest[0])
		if !okX || !okY {
			return nil
		}
		return int(apply(x, y))
	})
}

func bitOperation(name string) (func(x, y int64) int64, bool) {
	shift := func(y int64) uint { return uint(min(max(y, 0), 64)) }
	switch name {
	case "bitand":
		return func(x, y int64) int64 { return x & y }, true
	case "bitor":
		return func(x, y int64) int64 { return x | y }, true
	case "bitxor":
		return func(x, y int64) int64 { return x ^ y }, true
	case "bitnand":
		return func(x, y int64) int64 { return x &^ y }, true
	case "bitshl":
		return func(x, y int64) int64 { return x << shift(y) }, true
	case "bitshr":
		return func(x, y int64) int64 { return x >> shift(y) }, true
	case "bitushr":
		return func(x, y int64) int64 { return int64(uint64(x) >> shift(y)) }, true
	}
	return nil, false
}

func (e *Evaluator) integer(s scalar) (int64, bool) {
	s = s.resolved()
	if s.state != isNumber || s.number != math.Trunc(s.number) || math.Abs(s.number) >= exactIntegers {
		e.notNumbers++
		return 0, false
	}
	return int64(s.number), true
}
