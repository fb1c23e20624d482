package expression

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/builtin"

	"github.com/huntd/huntd/pipeline"
)

// length is the function len.
func length(v any) int {
	if isList(v) {
		return size(v)
	}
	return utf8.RuneCountInString(toScalar(v).text)
}

func lengthOf(v pipeline.Values) int {
	if v.Len() == 1 {
		return utf8.RuneCountInString(v.At(0))
	}
	return v.Len()
}

func listFunction(name string) (function, bool) {
	// of is a function whose result is never true or false, part one that may
	// give back what was in the list.
	of := func(least, most int, f func(args []any) any) (function, bool) {
		return function{least: least, most: most, gives: kindOther, call: func(_ *Evaluator, args []any) (any, error) { return f(args), nil }}, true
	}
	part := func(least, most int, f func(args []any) any) (function, bool) {
		g, ok := of(least, most, f)
		g.gives = kindAny
		return g, ok
	}
	switch name {
	case "len":
		return of(1, 1, func(args []any) any { return length(args[0]) })
	case "count":
		return of(1, 1, func(args []any) any { return len(list(args[0])) })
	case "first":
		return part(1, 1, func(args []any) any { return member(args[0], 0) })
	case "last":
		return part(1, 1, func(args []any) any { return member(args[0], -1) })
	case "get":
		return part(2, 2, func(args []any) any { return member(args[0], args[1]) })
	case "take":
		return of(2, 2, take)
	case "reverse":
		return of(1, 1, func(args []any) any {
			out := list(args[0])
			slices.Reverse(out)
			return out
		})
	case "uniq":
		return of(1, 1, func(args []any) any { return uniq(list(args[0])) })
	case "concat":
		return of(1, -1, concat)
	case "flatten":
		return of(1, 1, func(args []any) any { return concat(list(args[0])) })
	case "sort":
		return of(1, 2, sorted)
	case "join":
		return function{least: 1, most: 2, gives: kindOther, call: func(e *Evaluator, args []any) (any, error) { return e.join(args), nil }}, true
	case "coalesce":
		return part(1, -1, coalesce)
	case "type":
		return of(1, 1, func(args []any) any { return builtin.Type(args[0]) })
	case "toJSON":
		return function{least: 1, most: 1, gives: kindOther, call: func(_ *Evaluator, args []any) (any, error) {
			text, err := json.Marshal(args[0])
			return string(text), err
		}}, true
	}
	return function{}, false
}

// coalesce is the first argument that is not empty.
func coalesce(args []any) any {
	for _, a := range args {
		if !isEmpty(a) {
			return a
		}
	}
	return nil
}

// isEmpty reports whether v is nil, "" or an empty list.
func isEmpty(v any) bool {
	if isList(v) {
		return size(v) == 0
	}
	return toScalar(v).text == ""
}

func take(args []any) any {
	all := list(args[0])
	n := toScalar(args[len(args)-1]).resolved()
	if n.state != isNumber || n.number < 0 {
		return []any{}
	}
	return all[:int(min(n.number, float64(len(all))))]
}

func concat(args []any) any {
	out := []any{}
	for _, a := range args {
		out = append(out, list(a)...)
	}
	return out
}

func uniq(values []any) any {
	seen := map[string]bool{}
	out := values[:0]
	for _, v := range values {
		if text := toScalar(v).text; !seen[text] {
			seen[text] = true
			out = append(out, v)
		}
	}
	return out
}

func sorted(args []any) any {
	out := list(args[0])
	slices.SortStableFunc(out, func(x, y any) int { return compare(toScalar(x), toScalar(y)) })
	if len(args) == 2 && toScalar(args[1]).text == "desc" {
		slices.Reverse(out)
	}
	return out
}

func (e *Evaluator) join(args []any) any {
	glue := ""
	if len(args) == 2 {
		glue = toScalar(args[1]).text
	}
	texts := make([]string, size(args[0]))
	total := max(len(texts)-1, 0) * len(glue)
	for i := range texts {
		texts[i] = scalarAt(args[0], i).text
		total += len(texts[i])
	}
	if len(texts) > 1 && total > maxText {
		e.notNumbers++
		return nil
	}
	return strings.Join(texts, glue)
}

// member is v[key]: a value by its place, which may count from the end, or
// part of what fromJSON made. Where there is none it is "".
func member(v, key any) any {
	if object, ok := v.(map[string]any); ok {
		return object[toScalar(key).text]
	}
	n := toScalar(key).resolved()
	if n.state != isNumber {
		return ""
	}
	i := int(n.number)
	if i < 0 {
		i += size(v)
	}
	if i < 0 || i >= size(v) {
		return ""
	}
	return at(v, i)
}
