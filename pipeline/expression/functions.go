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
}

// lookupFunction returns the function of that name. It is a switch over
// constructors, not a table, because the package keeps no globals.
func lookupFunction(name string) (function, bool) {
	for _, family := range []func(string) (function, bool){textFunction, numberFunction, listFunction, timeFunction, bitFunction} {
		if f, ok := family(name); ok {
			return f, true
		}
	}
	return function{}, false
}

// functionNames lists all functions, in order.
func functionNames() []string {
	names := []string{
		"abs", "bitand", "bitnand", "bitnot", "bitor", "bitshl", "bitshr", "bitushr", "bitxor", "ceil", "cidr", "concat",
		"count", "date", "duration", "entropy", "first", "flatten", "float", "floor", "fromBase64", "fromJSON", "get",
		"glob", "has", "hasPrefix", "hasSuffix", "indexOf", "int", "join", "last", "lastIndexOf", "len", "lower", "max",
		"mean", "median", "min", "repeat", "replace", "reverse", "round", "sort", "split", "splitAfter", "string", "sum",
		"take", "toBase64", "toJSON", "trim", "trimPrefix", "trimSuffix", "type", "uniq", "upper",
	}
	names = append(names, predicateNames()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// predicateNames lists the functions that take a condition or a mapping of #.
func predicateNames() []string {
	return []string{"all", "any", "count", "filter", "find", "findIndex", "findLast", "findLastIndex", "map", "none", "one", "reduce", "sum"}
}

// perValue is a function of a text: of each value where it is given a list.
// The other arguments are passed as texts.
func perValue(least, most int, gives kind, f func(e *Evaluator, s string, rest []scalar) any) (function, bool) {
	return function{least, most, gives, func(e *Evaluator, args []any) (any, error) {
		rest := make([]scalar, 0, 3)
		for _, a := range args[1:] {
			rest = append(rest, scalarAt(first(a), 0))
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
