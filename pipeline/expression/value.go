package expression

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A scalar is one value: a text, which may be a number, or none.
type scalar struct {
	text   string
	number float64
	state  numberState
	none   bool // nil: equals "", but has no order
	pure   bool // a number by its nature, and no text that reads as one
	lazy   bool // a number whose text is not written yet; see written
	whole  bool // one that the machine has as an int
}

type numberState uint8

const (
	unread    numberState = iota // not yet looked at
	isNumber                     // number holds it
	notNumber                    // it is text
)

// resolved returns the scalar with its number read, for constants.
func (s scalar) resolved() scalar {
	if s.state != unread {
		return s
	}
	s.state = notNumber
	if n, ok := pipeline.ParseNumber(s.text); ok {
		s.number, s.state = n, isNumber
	}
	return s
}

// exactIntegers is 2^53: from there on a float64 skips integers.
const exactIntegers = 1 << 53

// exact reports whether the scalar is a number that a float64 has no doubt of.
func (s scalar) exact() bool { return s.state == isNumber && math.Abs(s.number) < exactIntegers }

// order compares two numbers; ok is false if one of them is none.
func order(a, b scalar) (cmp int, ok bool) {
	a, b = a.resolved(), b.resolved()
	if a.state != isNumber || b.state != isNumber {
		return 0, false
	}
	if math.Abs(a.number) >= exactIntegers && math.Abs(b.number) >= exactIntegers {
		x, okX := new(big.Float).SetPrec(512).SetString(a.text)
		y, okY := new(big.Float).SetPrec(512).SetString(b.text)
		if okX && okY {
			return x.Cmp(y), true
		}
	}
	switch {
	case a.number < b.number:
		return -1, true
	case a.number > b.number:
		return 1, true
	}
	return 0, true
}

// counting reports whether s is written as counting writes numbers: digits
// without a leading zero, few enough to be exact. Two such texts that differ
// are different numbers.
func counting(s string) bool {
	if s == "" || len(s) > 15 || (s[0] == '0' && len(s) > 1) {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func equal(a, b scalar) bool {
	if a.text == b.text && (!a.lazy || !b.lazy) {
		return true
	}
	if a.state == notNumber || b.state == notNumber || (counting(a.text) && counting(b.text)) {
		return false
	}
	cmp, ok := order(a, b)
	return ok && cmp == 0
}

func compare(a, b scalar) int {
	if cmp, ok := order(a, b); ok {
		return cmp
	}
	return strings.Compare(a.text, b.text)
}

// FormatNumber writes a number as a field bears it: decimal, never with an
// exponent. What is no finite number is "".
func FormatNumber(n float64) string {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return ""
	}
	if n == 0 {
		return "0" // not "-0"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func textScalar(s string) scalar { return scalar{text: s} }

// noScalar is nil.
func noScalar() scalar { return scalar{none: true, state: notNumber} }

// lazyNumber is a number that is likely to be compared with another, for which
// nobody needs its text.
func lazyNumber(n float64) scalar {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return noScalar()
	}
	return scalar{number: n, state: isNumber, pure: true, lazy: true}
}

func lazyInteger(n int) scalar {
	s := lazyNumber(float64(n))
	s.whole = true
	return s
}

// written returns the scalar with its text.
func (s scalar) written() scalar {
	if s.lazy {
		s.text, s.lazy = FormatNumber(s.number), false
	}
	return s
}

// boxed is the scalar as expr's machine has it.
func (s scalar) boxed() any {
	switch {
	case s.none:
		return nil
	case s.pure && s.whole:
		return int(s.number)
	case s.pure:
		return s.number
	}
	return s.text
}

func numberScalar(n float64) scalar {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return noScalar()
	}
	return scalar{text: FormatNumber(n), number: n, state: isNumber, pure: true}
}

// toScalar reads one value of expr's machine.
func toScalar(v any) scalar {
	switch v := v.(type) {
	case string:
		return scalar{text: v}
	case nil:
		return noScalar()
	case bool:
		return scalar{text: strconv.FormatBool(v), state: notNumber}
	case int:
		return scalar{text: strconv.Itoa(v), number: float64(v), state: isNumber, pure: true, whole: true}
	case float64:
		return numberScalar(v)
	case json.Number:
		return textScalar(v.String())
	}
	if r := reflect.ValueOf(v); r.CanInt() {
		return numberScalar(float64(r.Int()))
	}
	text, err := json.Marshal(v) // an object out of fromJSON
	if err != nil {
		return noScalar()
	}
	return scalar{text: string(text), state: notNumber}
}

// isList reports whether v is a list rather than one value.
func isList(v any) bool {
	switch v.(type) {
	case []string, []any, []int:
		return true
	}
	return false
}

// size is the number of values in v; one value is a list of one.
func size(v any) int {
	switch v := v.(type) {
	case []string:
		return len(v)
	case []any:
		return len(v)
	case []int:
		return len(v)
	}
	return 1
}

// at returns the i-th value of v as expr's machine has it.
func at(v any, i int) any {
	switch v := v.(type) {
	case []string:
		return v[i]
	case []any:
		return v[i]
	case []int:
		return v[i]
	}
	return v
}

// scalarAt is toScalar of the i-th value, without boxing it.
func scalarAt(v any, i int) scalar {
	if texts, ok := v.([]string); ok {
		return scalar{text: texts[i]}
	}
	return toScalar(at(v, i))
}

// list returns v as a list; "" and nil are the empty one.
func list(v any) []any {
	if !isList(v) {
		if toScalar(v).text == "" {
			return []any{}
		}
		return []any{v}
	}
	out := make([]any, size(v))
	for i := range out {
		out[i] = at(v, i)
	}
	return out
}

// anyPair reports whether hold holds for any value of a with any value of b.
func anyPair(a, b any, hold func(x, y scalar) bool) bool {
	for i := range size(a) {
		x := scalarAt(a, i)
		for j := range size(b) {
			if hold(x, scalarAt(b, j)) {
				return true
			}
		}
	}
	return false
}
