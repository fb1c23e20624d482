package expression

import (
	"github.com/expr-lang/expr/ast"
)

// test compiles a condition: what is left of and, or and not, and each side of
// them, as a closure where there is one for it, else for the machine.
func (c *compiler) test(n ast.Node) (test, error) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			return c.joined(n)
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return c.negation(n)
		}
	}
	if f, err := c.fast(n); f != nil || err != nil {
		return f, err
	}
	node, err := c.condition(n)
	if err != nil {
		return nil, err
	}
	value, err := c.program(node)
	if err != nil {
		return nil, err
	}
	return func(e *Evaluator) bool {
		holds, _ := value(e).(bool)
		return holds
	}, nil
}

// joined is the closure of and or or.
func (c *compiler) joined(n *ast.BinaryNode) (test, error) {
	if err := c.count(n); err != nil {
		return nil, err
	}
	left, err := c.test(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.test(n.Right)
	if err != nil {
		return nil, err
	}
	if n.Operator == "and" || n.Operator == "&&" {
		return func(e *Evaluator) bool { return left(e) && right(e) }, nil
	}
	return func(e *Evaluator) bool { return left(e) || right(e) }, nil
}

func (c *compiler) negation(n *ast.UnaryNode) (test, error) {
	if err := c.count(n); err != nil {
		return nil, err
	}
	if err := c.negatable(n.Node); err != nil {
		return nil, err
	}
	inner, err := c.test(n.Node)
	return negated(inner), err
}

func negated(t test) test { return func(e *Evaluator) bool { return !t(e) } }

// fast returns the closure of a comparison that has one, else nil. It never
// needs the machine, so the machine may call it.
func (c *compiler) fast(n ast.Node) (test, error) {
	if c.slow {
		return nil, nil
	}
	switch n := n.(type) {
	case *ast.BinaryNode:
		if n.Operator != "!=" {
			return c.comparison(n.Operator, n.Left, n.Right)
		}
		equal, err := c.comparison("==", n.Left, n.Right)
		if equal == nil || err != nil {
			return nil, err
		}
		return negated(equal), nil
	case *ast.BuiltinNode:
		return c.fastCall(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.fastCall(n, callee.Value, n.Arguments)
		}
	}
	return nil, nil
}

// comparison is the closure of a field, or of its length, compared with
// constants.
func (c *compiler) comparison(operator string, left, right ast.Node) (test, error) {
	if _, ok := constant(left); ok {
		turned, ok := mirrored(operator)
		if operator == "in" { // x in f is x == f
			turned, ok = "==", true
		}
		if !ok {
			return nil, nil
		}
		operator, left, right = turned, right, left
	}
	if low, high, ok := interval(right); ok && operator == "in" {
		return c.fieldTest(left, func(s string) bool { return within(textScalar(s), low, high) }), nil
	}
	values, ok := constants(right)
	if !ok {
		return nil, nil
	}
	if f := c.lengthTest(operator, left, values); f != nil {
		return f, nil
	}
	if _, ok := c.fieldOf(left); !ok {
		return nil, nil
	}
	match, err := matcher(operator, values)
	if err != nil {
		return nil, &mistake{at: right.Location(), cause: err}
	}
	if match == nil {
		return nil, nil
	}
	return c.fieldTest(left, match), nil
}

// fieldTest is the closure of a field any of whose values matches, nil where
// the node is no field.
func (c *compiler) fieldTest(n ast.Node, match func(string) bool) test {
	name, ok := c.fieldOf(n)
	if !ok {
		return nil
	}
	at := c.slot(name)
	return func(e *Evaluator) bool { return anyValue(e.values(at), match) }
}

// lengthTest is the closure of len(field) compared with a number, else nil.
func (c *compiler) lengthTest(operator string, n ast.Node, values []scalar) test {
	call, ok := n.(*ast.BuiltinNode)
	if !ok || call.Name != "len" || len(call.Arguments) != 1 || len(values) != 1 || values[0].state != isNumber {
		return nil
	}
	name, ok := c.fieldOf(call.Arguments[0])
	holds, known := relationOf(operator)
	if _, numeric := mirrored(operator); !ok || !known || !numeric {
		return nil
	}
	at, bound := c.slot(name), values[0]
	return func(e *Evaluator) bool {
		// Two numbers below 2^53 are compared without a look at their texts.
		return holds(scalar{number: float64(lengthOf(e.values(at))), state: isNumber, pure: true}, bound)
	}
}
