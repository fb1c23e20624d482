package expression

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// chargedOnce is charged for a function that no other place calls.
func (c *compiler) chargedOnce(name string, at ast.Node, f func(args []any) (any, error), args []ast.Node) ast.Node {
	return c.charged(fmt.Sprintf("%s %d", name, len(c.config.Functions)), at, f, args)
}

// charged is call for a function whose work is taken from the record's budget:
// what it is given, and what it makes.
func (c *compiler) charged(name string, at ast.Node, f func(args []any) (any, error), args []ast.Node) ast.Node {
	e := c.e
	return c.call(name, at, func(args []any) (any, error) {
		if err := e.charge(costs(args)); err != nil {
			return nil, err
		}
		v, err := f(args)
		if err != nil {
			return nil, err
		}
		return v, e.charge(cost(v))
	}, args...)
}

// rewriteCall is rewrite for a function.
func (c *compiler) rewriteCall(n ast.Node, name string, args []ast.Node) (ast.Node, kind, error) {
	if isSpecial(name) {
		return c.rewriteSpecial(n, name, args)
	}
	if hasPredicate(args) {
		return c.rewritePredicate(n, name, args)
	}
	f, args, err := c.functionOf(n, name, args)
	if err != nil {
		return nil, kindAny, err
	}
	nodes, err := c.rewriteAll(args)
	if err != nil {
		return nil, kindAny, err
	}
	e := c.e
	node := c.chargedOnce(name, n, func(args []any) (any, error) { return f.call(e, args) }, nodes)
	if f.gives == kindBool {
		node = boolean(node)
	}
	return node, f.gives, nil
}

// related applies a comparing operator to all values of two sides.
func (e *Evaluator) related(operator string, holds relation, a, b any) (bool, error) {
	equality := operator == "==" || operator == "in"
	if object, ok := b.(map[string]any); ok && operator == "in" {
		return anyMatch(a, func(s string) bool { _, ok := object[s]; return ok }), e.charge(cost(a))
	}
	if equality && size(a) > 1 && size(b) > 1 {
		if err := e.charge(cost(a) + cost(b)); err != nil {
			return false, err
		}
		values := make([]scalar, size(b))
		for i := range values {
			values[i] = scalarAt(b, i)
		}
		among := newSet(values)
		return anyPair(a, "", func(x, _ scalar) bool { return among.has(x) }), nil
	}
	if err := e.charge(cost(a)*size(b) + cost(b)*size(a)); err != nil {
		return false, err
	}
	return anyPair(a, b, holds), nil
}
