package expression

import (
	"math"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// matcher returns the test of a text against constants, any of which will do.
// It is nil for an operator that compares nothing.
func matcher(operator string, values []scalar) (func(string) bool, error) {
	switch operator {
	case "==", "in":
		return equalTo(values), nil
	case "matches":
		patterns := make([]*regexp.Regexp, len(values))
		for i, v := range values {
			re, err := compilePattern(v.text)
			if err != nil {
				return nil, err
			}
			patterns[i] = re
		}
		return matchOf(patterns, func(s string, re *regexp.Regexp) bool { return re.MatchString(s) }), nil
	case "contains":
		return matchOf(textsOf(values), strings.Contains), nil
	case "startsWith":
		return matchOf(textsOf(values), strings.HasPrefix), nil
	case "endsWith":
		return matchOf(textsOf(values), strings.HasSuffix), nil
	case "<", "<=", ">", ">=":
		holds, _ := relationOf(operator)
		return matchOf(values, func(s string, v scalar) bool { return holds(textScalar(s), v) }), nil
	}
	return nil, nil
}

// scalarMatcher is matcher for values that may be numbers whose texts are not
// written yet. match is what matcher gives.
func scalarMatcher(operator string, values []scalar, match func(string) bool) func(scalar) bool {
	switch operator {
	case "<", "<=", ">", ">=", "==", "in":
		if operator == "in" && len(values) != 1 || operator == "==" && len(values) != 1 {
			among := newSet(values)
			return func(s scalar) bool { return among.has(s.written()) }
		}
		holds, _ := relationOf(operator)
		return func(s scalar) bool {
			for _, v := range values {
				if holdsFor(holds, s, v) {
					return true
				}
			}
			return false
		}
	}
	return func(s scalar) bool { return match(s.written().text) }
}

// matchOf is the test whether a text and any of the values agree.
func matchOf[T any](values []T, agree func(string, T) bool) func(string) bool {
	if len(values) == 1 {
		value := values[0]
		return func(s string) bool { return agree(s, value) }
	}
	return func(s string) bool {
		for _, v := range values {
			if agree(s, v) {
				return true
			}
		}
		return false
	}
}

// equalTo is the test whether a text equals any of the values.
func equalTo(values []scalar) func(string) bool {
	if len(values) == 1 {
		value := values[0]
		if value.state == notNumber {
			return func(s string) bool { return s == value.text }
		}
		return func(s string) bool { return equal(textScalar(s), value) }
	}
	among := newSet(values)
	return func(s string) bool { return among.has(textScalar(s)) }
}

func textsOf(values []scalar) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.text
	}
	return texts
}

// interval reads a..b of two integers that are written out.
func interval(n ast.Node) (low, high int, ok bool) {
	bounds, isBinary := n.(*ast.BinaryNode)
	if !isBinary || bounds.Operator != ".." {
		return 0, 0, false
	}
	a, okA := constant(bounds.Left)
	b, okB := constant(bounds.Right)
	low, isLow := a.(int)
	high, isHigh := b.(int)
	return low, high, okA && okB && isLow && isHigh
}

// within reports whether v is an integer of the interval.
func within(v scalar, low, high int) bool {
	v = v.resolved()
	return v.state == isNumber && v.number == math.Trunc(v.number) &&
		v.number >= float64(low) && v.number <= float64(high)
}
