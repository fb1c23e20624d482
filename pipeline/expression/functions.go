package expression

import (
	"fmt"
	"slices"
)

// A function is one that an expression may call, predicates apart.
type function struct {
	least, most int // arguments; most < 0: any number
	gives       kind
	call        func(e *Evaluator, args []any) (any, error)
	each        eachFunc // does what call does for one text; nil where there is no such thing
}

// lookupFunction returns the function of that name. It is a switch over
// constructors, not a table, because the package keeps no globals.
func lookupFunction(name string) (function, bool) {
	for _, family := range []func(string) (function, bool){
		textFunction, codeFunction, numberFunction, listFunction, timeFunction, bitFunction,
	} {
		if f, ok := family(name); ok {
			return f, true
		}
	}
	return function{}, false
}

// functionNames lists all functions, in order.
func functionNames() []string {
	names := []string{
		"abs", "bitand", "bitnand", "bitnot", "bitor", "bitshl", "bitshr", "bitushr", "bitxor", "ceil", "cidr", "coalesce",
		"concat", "count", "date", "duration", "entropy", "first", "flatten", "float", "floor", "fromBase64", "fromHex",
		"fromJSON", "fromURL", "get", "glob", "has", "hasPrefix", "hasSuffix", "in_cidr", "indexOf", "int", "join", "last",
		"lastIndexOf", "len", "lower", "max", "md5", "mean", "median", "min", "num", "repeat", "replace", "reverse", "round",
		"sha1", "sha256", "sort", "split", "splitAfter", "string", "sum", "take", "toBase64", "toJSON", "trim", "trimPrefix",
		"trimSuffix", "type", "uniq", "upper",
	}
	names = slices.Concat(names, predicateNames(), preparedNames())
	slices.Sort(names)
	return slices.Compact(names)
}

// predicateNames lists the functions that take a condition or a mapping of #.
func predicateNames() []string {
	return []string{"all", "any", "count", "filter", "find", "findIndex", "findLast", "findLastIndex", "map", "none", "one", "reduce", "sum"}
}

// An eachFunc is what a function makes of one text, given its other arguments.
type eachFunc func(e *Evaluator, s string, rest []scalar) scalar

// perScalar is a function that makes one value of one text, and so a list of a
// list.
func perScalar(least, most int, f eachFunc) (function, bool) {
	g, ok := perValue(least, most, kindOther, func(e *Evaluator, s string, rest []scalar) any { return f(e, s, rest).boxed() })
	g.each = f
	return g, ok
}

// perValue is a function of a text: of each value where it is given a list.
// The other arguments are passed as texts.
func perValue(least, most int, gives kind, f func(e *Evaluator, s string, rest []scalar) any) (function, bool) {
	return function{least: least, most: most, gives: gives, call: func(e *Evaluator, args []any) (any, error) {
		rest := make([]scalar, 0, 3)
		for _, a := range args[1:] {
			rest = append(rest, firstOf(a))
		}
		if !isList(args[0]) {
			return f(e, toScalar(args[0]).text, rest), nil
		}
		out := make([]any, 0, size(args[0]))
		for i := range size(args[0]) {
			v := f(e, scalarAt(args[0], i).text, rest)
			if err := e.charge(cost(v)); err != nil {
				return nil, err
			}
			if pieces, ok := v.([]string); ok {
				out = append(out, list(pieces)...)
			} else {
				out = append(out, v)
			}
		}
		return out, nil
	}}, true
}

// firstOf is the first value of an argument that is to be one.
func firstOf(a any) scalar { return scalarAt(first(a), 0) }

// first is the first value of v, nil where it has none.
func first(v any) any {
	if size(v) == 0 {
		return nil
	}
	return at(v, 0)
}

// argumentError says how many arguments a function takes.
func argumentError(name string, f function, n int) error {
	takes := fmt.Sprintf("%d to %d arguments", f.least, f.most)
	switch {
	case f.most < 0:
		takes = "at least " + countOf(f.least, "argument")
	case f.least == f.most:
		takes = countOf(f.least, "argument")
	}
	return fmt.Errorf("%s takes %s, not %d", name, takes, n)
}

func countOf(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
