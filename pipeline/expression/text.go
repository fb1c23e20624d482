package expression

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
)

// maxText bounds the text that repeat, replace and join make longer, in bytes.
// What would be longer is nil, and is counted.
const maxText = 1 << 20

func mapText(f func(string) string) (function, bool) {
	return perValue(1, 1, kindOther, func(_ *Evaluator, s string, _ []scalar) any { return f(s) })
}

func textFunction(name string) (function, bool) {
	switch name {
	case "lower":
		return mapText(strings.ToLower)
	case "upper":
		return mapText(strings.ToUpper)
	case "string":
		return mapText(func(s string) string { return s })
	case "toBase64":
		return mapText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })
	case "fromBase64":
		return perValue(1, 1, kindOther, func(_ *Evaluator, s string, _ []scalar) any { return fromBase64(s) })
	case "fromJSON":
		return perValue(1, 1, kindAny, func(_ *Evaluator, s string, _ []scalar) any { return fromJSON(s) })
	case "trim":
		return perValue(1, 2, kindOther, trimmer(strings.Trim, strings.TrimSpace))
	case "trimPrefix":
		return perValue(2, 2, kindOther, trimmer(strings.TrimPrefix, nil))
	case "trimSuffix":
		return perValue(2, 2, kindOther, trimmer(strings.TrimSuffix, nil))
	case "replace":
		return perValue(3, 3, kindOther, replace)
	case "repeat":
		return perValue(2, 2, kindOther, repeat)
	case "split":
		return perValue(2, 2, kindOther, func(_ *Evaluator, s string, rest []scalar) any { return strings.Split(s, rest[0].text) })
	case "splitAfter":
		return perValue(2, 2, kindOther, func(_ *Evaluator, s string, rest []scalar) any { return strings.SplitAfter(s, rest[0].text) })
	case "indexOf":
		return perValue(2, 2, kindOther, func(_ *Evaluator, s string, rest []scalar) any { return strings.Index(s, rest[0].text) })
	case "lastIndexOf":
		return perValue(2, 2, kindOther, func(_ *Evaluator, s string, rest []scalar) any { return strings.LastIndex(s, rest[0].text) })
	case "entropy":
		return perValue(1, 1, kindOther, func(_ *Evaluator, s string, _ []scalar) any { return entropy(s) })
	case "hasPrefix", "hasSuffix":
		holds, _ := relationOf(map[string]string{"hasPrefix": "startsWith", "hasSuffix": "endsWith"}[name])
		return function{2, 2, kindBool, func(_ *Evaluator, args []any) (any, error) {
			return anyPair(args[0], args[1], holds), nil
		}}, true
	}
	return function{}, false
}

func trimmer(with func(s, cut string) string, plain func(string) string) func(*Evaluator, string, []scalar) any {
	return func(_ *Evaluator, s string, rest []scalar) any {
		if len(rest) == 0 {
			return plain(s)
		}
		return with(s, rest[0].text)
	}
}

func repeat(e *Evaluator, s string, rest []scalar) any {
	n := rest[0].resolved()
	if n.state != isNumber || n.number < 0 || n.number*float64(len(s)) > maxText {
		e.notNumbers++
		return nil
	}
	if s == "" {
		return ""
	}
	return strings.Repeat(s, int(n.number))
}

func replace(e *Evaluator, s string, rest []scalar) any {
	grows := len(rest[1].text) - len(rest[0].text)
	if grows > 0 && len(s)+strings.Count(s, rest[0].text)*grows > max(maxText, len(s)) {
		e.notNumbers++
		return nil
	}
	return strings.ReplaceAll(s, rest[0].text, rest[1].text)
}

func fromBase64(s string) any {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil
	}
	return string(raw)
}

func fromJSON(s string) any {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return nil
	}
	return v
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
