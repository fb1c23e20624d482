package expression

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A relation is what an operator asks of one value and another.
type relation func(x, y scalar) bool

// relationOf returns the relation behind a comparing operator. The negated
// ones, != and "not in", are made of their positive.
func relationOf(operator string) (relation, bool) {
	switch operator {
	case "==", "in":
		return equal, true
	case "<":
		return func(x, y scalar) bool { cmp, ok := ordering(x, y); return ok && cmp < 0 }, true
	case "<=":
		return func(x, y scalar) bool { cmp, ok := ordering(x, y); return ok && cmp <= 0 }, true
	case ">":
		return func(x, y scalar) bool { cmp, ok := ordering(x, y); return ok && cmp > 0 }, true
	case ">=":
		return func(x, y scalar) bool { cmp, ok := ordering(x, y); return ok && cmp >= 0 }, true
	case "contains":
		return func(x, y scalar) bool { return strings.Contains(x.written().text, y.written().text) }, true
	case "startsWith":
		return func(x, y scalar) bool { return strings.HasPrefix(x.written().text, y.written().text) }, true
	case "endsWith":
		return func(x, y scalar) bool { return strings.HasSuffix(x.written().text, y.written().text) }, true
	}
	return nil, false
}

// ordering compares two values; ok is false where they have no order: nil has
// none, nor has a number with what is none.
func ordering(x, y scalar) (cmp int, ok bool) {
	if x.none || y.none {
		return 0, false
	}
	if cmp, ok := order(x, y); ok || x.pure || y.pure {
		return cmp, ok
	}
	return strings.Compare(x.text, y.text), true
}

// mirrored is the operator that says of y and x what operator says of x and y.
func mirrored(operator string) (string, bool) {
	switch operator {
	case "==":
		return "==", true
	case "<":
		return ">", true
	case "<=":
		return ">=", true
	case ">":
		return "<", true
	case ">=":
		return "<=", true
	}
	return "", false
}

// arithmetic returns what an operator makes of two numbers. The result is NaN
// where there is none.
func arithmetic(operator string) (func(x, y float64) float64, bool) {
	switch operator {
	case "+":
		return func(x, y float64) float64 { return x + y }, true
	case "-":
		return func(x, y float64) float64 { return x - y }, true
	case "*":
		return func(x, y float64) float64 { return x * y }, true
	case "/":
		return func(x, y float64) float64 { return x / y }, true
	case "%":
		return math.Mod, true
	case "**", "^":
		return math.Pow, true
	}
	return nil, false
}

// calculate applies an operator to two values, or to each value of a list.
func (e *Evaluator) calculate(operator string, apply func(x, y float64) float64, a, b any) any {
	if !isList(a) && !isList(b) {
		return e.calculateOne(operator, apply, toScalar(a), toScalar(b))
	}
	if isList(a) && isList(b) {
		if operator == "+" {
			return append(list(a), list(b)...)
		}
		e.notNumbers++
		return nil
	}
	out := make([]any, 0, max(size(a), size(b)))
	for i := range size(a) {
		for j := range size(b) {
			out = append(out, e.calculateOne(operator, apply, scalarAt(a, i), scalarAt(b, j)))
		}
	}
	return out
}

func (e *Evaluator) calculateOne(operator string, apply func(x, y float64) float64, x, y scalar) any {
	return e.calculated(operator, apply, x, y).boxed()
}

func (e *Evaluator) calculated(operator string, apply func(x, y float64) float64, x, y scalar) scalar {
	x, y = x.resolved(), y.resolved()
	if x.state == isNumber && y.state == isNumber {
		if n := lazyNumber(apply(x.number, y.number)); !n.none {
			return n
		}
	} else if operator == "+" {
		return textScalar(x.written().text + y.written().text)
	}
	return e.notNumber()
}

// A set is a list of values made ready for the operators == and in.
type set struct {
	texts map[string]struct{}
	// numbers has those of each size: only beyond 2^53 do several differ.
	numbers map[float64][]scalar
}

func newSet(values []scalar) *set {
	s := &set{texts: make(map[string]struct{}, len(values)), numbers: map[float64][]scalar{}}
	for _, v := range values {
		if _, ok := s.texts[v.text]; ok {
			continue
		}
		s.texts[v.text] = struct{}{}
		v = v.resolved()
		if v.state != isNumber {
			continue
		}
		if same := s.numbers[v.number]; len(same) == 0 || math.Abs(v.number) >= exactIntegers {
			s.numbers[v.number] = append(same, v)
		}
	}
	return s
}

func (s *set) has(v scalar) bool {
	if _, ok := s.texts[v.text]; ok {
		return true
	}
	if len(s.numbers) == 0 {
		return false
	}
	if v = v.resolved(); v.state != isNumber {
		return false
	}
	for _, n := range s.numbers[v.number] {
		if equal(v, n) {
			return true
		}
	}
	return false
}

const (
	maxPattern  = 4096 // bytes of a regular expression
	maxPatterns = 64   // patterns out of fields that are kept compiled
)

func compilePattern(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("a regular expression of %d bytes: %d is the most", len(pattern), maxPattern)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %s", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// matches is the operator of that name where the pattern is not a constant.
func (e *Evaluator) matches(a, b any) (bool, error) {
	for j := range size(b) {
		pattern := scalarAt(b, j).text
		re, ok := e.patterns[pattern]
		if !ok {
			var err error
			if re, err = compilePattern(pattern); err != nil {
				return false, err
			}
			if len(e.patterns) >= maxPatterns {
				clear(e.patterns)
			}
			e.patterns[strings.Clone(pattern)] = re
		}
		if anyMatch(a, re.MatchString) {
			return true, nil
		}
	}
	return false, nil
}

// anyMatch reports whether match holds for the text of any value of v.
func anyMatch(v any, match func(string) bool) bool {
	for i := range size(v) {
		if match(scalarAt(v, i).text) {
			return true
		}
	}
	return false
}

// anyValue is anyMatch for a field's values as the batch has them.
func anyValue(v pipeline.Values, match func(string) bool) bool {
	n := v.Len()
	if n == 0 {
		return match("")
	}
	for i := range n {
		if match(v.At(i)) {
			return true
		}
	}
	return false
}
