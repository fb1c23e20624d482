package expression

import (
	"github.com/expr-lang/expr/ast"
)

// test compiles a condition: what is left of and, or and not, and each side of
// them, as a closure where there is one for it, else for the machine.
func (c *compiler) test(n ast.Node) (test, error) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if and, ok := logic(n.Operator); ok {
			return c.joined(n, and, c.test)
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return c.negation(n, c.test)
		}
	}
	if f, err := c.fast(n); f != nil || err != nil {
		return f, err
	}
	node, err := c.condition(n)
	if err != nil {
		return nil, err
	}
	run, err := c.program(node)
	if err != nil {
		return nil, err
	}
	return func(e *Evaluator) bool {
		holds, _ := run(e).(bool)
		return holds
	}, nil
}

// logic reports whether an operator is and, or or.
func logic(operator string) (and, ok bool) {
	and = operator == "and" || operator == "&&"
	return and, and || operator == "or" || operator == "||"
}

// joined is the closure of and or or, nil where side gives none.
func (c *compiler) joined(n *ast.BinaryNode, and bool, side func(ast.Node) (test, error)) (test, error) {
	if err := c.count(n); err != nil {
		return nil, err
	}
	left, err := side(n.Left)
	if left == nil || err != nil {
		return nil, err
	}
	right, err := side(n.Right)
	if right == nil || err != nil {
		return nil, err
	}
	if and {
		return func(e *Evaluator) bool { return left(e) && right(e) }, nil
	}
	return func(e *Evaluator) bool { return left(e) || right(e) }, nil
}

func (c *compiler) negation(n *ast.UnaryNode, side func(ast.Node) (test, error)) (test, error) {
	if err := c.count(n); err != nil {
		return nil, err
	}
	if err := c.negatable(n.Node); err != nil {
		return nil, err
	}
	inner, err := side(n.Node)
	if inner == nil || err != nil {
		return nil, err
	}
	return negated(inner), nil
}

func negated(t test) test { return func(e *Evaluator) bool { return !t(e) } }

// fast returns the closure of a condition that has one, else nil. It never
// needs the machine, so the machine may call it.
func (c *compiler) fast(n ast.Node) (test, error) {
	if c.slow || c.noTest[n] {
		return nil, nil
	}
	if c.tried++; c.tried > maxNodes {
		return nil, nil // the machine's compiler says that it is too large
	}
	t, err := c.makeTest(n)
	if t == nil {
		c.noTest[n] = true
	}
	return t, err
}

func (c *compiler) makeTest(n ast.Node) (test, error) {
	switch n := n.(type) {
	case *ast.BoolNode:
		return func(*Evaluator) bool { return n.Value }, nil
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return c.negation(n, c.fast)
		}
	case *ast.BinaryNode:
		if and, ok := logic(n.Operator); ok {
			return c.joined(n, and, c.fast)
		}
		if n.Operator != "!=" {
			return c.comparison(n, n.Operator)
		}
		equal, err := c.comparison(n, "==")
		if equal == nil || err != nil {
			return nil, err
		}
		return negated(equal), nil
	case *ast.ConditionalNode:
		return c.choiceTest(n)
	case *ast.VariableDeclaratorNode:
		return c.letTest(n)
	case *ast.BuiltinNode:
		return c.fastCall(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.fastCall(n, callee.Value, n.Arguments)
		}
	}
	return nil, nil
}

func (c *compiler) choiceTest(n *ast.ConditionalNode) (test, error) {
	var parts [3]test
	for i, m := range []ast.Node{n.Cond, n.Exp1, n.Exp2} {
		var err error
		if parts[i], err = c.fast(m); parts[i] == nil || err != nil {
			return nil, err
		}
	}
	return func(e *Evaluator) bool {
		if parts[0](e) {
			return parts[1](e)
		}
		return parts[2](e)
	}, nil
}

func (c *compiler) letTest(n *ast.VariableDeclaratorNode) (test, error) {
	value := c.term(n.Value)
	if value == nil {
		return nil, nil
	}
	var body test
	var err error
	at := c.enter(n.Name, func() { body, err = c.fast(n.Expr) })
	if body == nil || err != nil {
		return nil, err
	}
	return func(e *Evaluator) bool {
		e.scoped[at] = value(e)
		return body(e)
	}, nil
}
