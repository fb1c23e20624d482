package expression

import (
	"math"

	"github.com/expr-lang/expr/ast"

	"github.com/huntd/huntd/pipeline"
)

// A numeric is arithmetic in the case that is the rule: single values, all of
// them numbers that a float64 has no doubt of. Where ok is false it is another
// case, and the term says what comes of it.
type numeric func(e *Evaluator) (n float64, ok bool)

// maxNumeric bounds the parts of one: in the other case they are gone over twice.
const maxNumeric = 16

// numeric returns the numeric of a part of an expression, nil where it has none.
// parts counts down.
func (c *compiler) numeric(n ast.Node, parts *int) numeric {
	if *parts--; *parts < 0 || len(c.scopes) > 0 {
		return nil
	}
	if v, ok := constant(n); ok {
		s := toScalar(v).resolved()
		if !s.exact() {
			return nil
		}
		return func(*Evaluator) (float64, bool) { return s.number, true }
	}
	if name, ok := c.fieldOf(n); ok {
		return c.numericField(name)
	}
	if name, args := called(n); name == "len" && len(args) == 1 {
		field, ok := c.fieldOf(args[0])
		if !ok {
			return nil
		}
		slot := c.slot(field)
		return func(e *Evaluator) (float64, bool) { return float64(lengthOf(e.values(slot))), true }
	}
	if b, ok := n.(*ast.BinaryNode); ok {
		return c.numericBinary(b, parts)
	}
	return nil
}

func (c *compiler) numericField(name string) numeric {
	slot := c.slot(name)
	return func(e *Evaluator) (float64, bool) {
		values := e.values(slot)
		if values.Len() != 1 {
			return 0, false
		}
		n, ok := pipeline.ParseNumber(values.At(0))
		return n, ok && math.Abs(n) < exactIntegers
	}
}

func (c *compiler) numericBinary(b *ast.BinaryNode, parts *int) numeric {
	apply, ok := arithmetic(b.Operator)
	if !ok {
		return nil
	}
	left := c.numeric(b.Left, parts)
	if left == nil {
		return nil
	}
	right := c.numeric(b.Right, parts)
	if right == nil {
		return nil
	}
	return func(e *Evaluator) (float64, bool) {
		x, okX := left(e)
		y, okY := right(e)
		if !okX || !okY {
			return 0, false
		}
		n := apply(x, y)
		return n, math.Abs(n) < exactIntegers // which NaN and infinity are not
	}
}

// numericTest is the closure of arithmetic compared with a number: otherwise
// says what holds in the other case. It is nil where there is none.
func (c *compiler) numericTest(operator string, side ast.Node, bound scalar, otherwise test) test {
	if _, ok := side.(*ast.BinaryNode); !ok || !bound.exact() {
		return nil
	}
	parts := maxNumeric
	number, holds := c.numeric(side, &parts), numberRelation(operator)
	if number == nil || holds == nil {
		return nil
	}
	return func(e *Evaluator) bool {
		if n, ok := number(e); ok {
			return holds(n, bound.number)
		}
		return otherwise(e)
	}
}

func numberRelation(operator string) func(x, y float64) bool {
	switch operator {
	case "==":
		return func(x, y float64) bool { return x == y }
	case "<":
		return func(x, y float64) bool { return x < y }
	case "<=":
		return func(x, y float64) bool { return x <= y }
	case ">":
		return func(x, y float64) bool { return x > y }
	case ">=":
		return func(x, y float64) bool { return x >= y }
	}
	return nil
}
