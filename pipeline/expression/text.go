package expression

import (
	"math"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// maxText bounds the text that repeat, replace and join make longer, in bytes.
// What would be longer is nil, and is counted.
const maxText = 1 << 20

// eachText is a function that makes one text of another.
func eachText(f func(s string) string) (function, bool) {
	return perScalar(1, 1, func(_ *Evaluator, s string, _ []scalar) scalar { return textScalar(f(s)) })
}

func textFunction(name string) (function, bool) {
	pieces := func(cut func(s, at string) []string) (function, bool) {
		return perValue(2, 2, kindOther, func(_ *Evaluator, s string, rest []scalar) any { return cut(s, rest[0].text) })
	}
	place := func(find func(s, what string) int) (function, bool) {
		return perScalar(2, 2, func(_ *Evaluator, s string, rest []scalar) scalar { return lazyInteger(find(s, rest[0].text)) })
	}
	switch name {
	case "lower":
		return perScalar(1, 1, func(e *Evaluator, s string, _ []scalar) scalar { return textScalar(e.lower(s)) })
	case "upper":
		return eachText(strings.ToUpper)
	case "string":
		return eachText(func(s string) string { return s })
	case "trim":
		return perScalar(1, 2, trimmer(strings.Trim, strings.TrimSpace))
	case "trimPrefix":
		return perScalar(2, 2, trimmer(strings.TrimPrefix, nil))
	case "trimSuffix":
		return perScalar(2, 2, trimmer(strings.TrimSuffix, nil))
	case "replace":
		return perScalar(3, 3, replace)
	case "repeat":
		return perScalar(2, 2, repeat)
	case "split":
		return pieces(strings.Split)
	case "splitAfter":
		return pieces(strings.SplitAfter)
	case "indexOf":
		return place(strings.Index)
	case "lastIndexOf":
		return place(strings.LastIndex)
	case "entropy":
		return perScalar(1, 1, func(_ *Evaluator, s string, _ []scalar) scalar { return lazyNumber(entropy(s)) })
	case "hasPrefix", "hasSuffix":
		operator, _ := affixOperator(name)
		holds, _ := relationOf(operator)
		return function{least: 2, most: 2, gives: kindBool, call: func(_ *Evaluator, args []any) (any, error) {
			return anyPair(args[0], args[1], holds), nil
		}}, true
	}
	return function{}, false
}

// lower is strings.ToLower, whose result lives until the next row.
func (e *Evaluator) lower(s string) string {
	first := strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || 'A' <= r && r <= 'Z' })
	if first < 0 {
		return s
	}
	begin := len(e.scratch)
	e.scratch = append(e.scratch, s...)
	small := e.scratch[begin:]
	for i := first; i < len(small); i++ {
		switch c := small[i]; {
		case c >= utf8.RuneSelf:
			e.scratch = e.scratch[:begin]
			return strings.ToLower(s)
		case 'A' <= c && c <= 'Z':
			small[i] = c + 'a' - 'A'
		}
	}
	return unsafe.String(&small[0], len(small))
}

func trimmer(with func(s, cut string) string, plain func(string) string) eachFunc {
	return func(_ *Evaluator, s string, rest []scalar) scalar {
		if len(rest) == 0 {
			return textScalar(plain(s))
		}
		return textScalar(with(s, rest[0].text))
	}
}

func repeat(e *Evaluator, s string, rest []scalar) scalar {
	n := rest[0].resolved()
	if n.state != isNumber || n.number < 0 || n.number*float64(len(s)) > maxText {
		return e.notNumber()
	}
	if s == "" {
		return textScalar("")
	}
	return textScalar(strings.Repeat(s, int(n.number)))
}

func replace(e *Evaluator, s string, rest []scalar) scalar {
	grows := len(rest[1].text) - len(rest[0].text)
	if grows > 0 && len(s)+strings.Count(s, rest[0].text)*grows > max(maxText, len(s)) {
		return e.notNumber()
	}
	return textScalar(strings.ReplaceAll(s, rest[0].text, rest[1].text))
}

// entropy is Shannon's, in bits a byte: 0 for a text of one letter, 8 at most.
func entropy(s string) float64 {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
