package expression

import (
	"github.com/expr-lang/expr/ast"
)

// condition is rewrite for a place in which true or false is wanted.
func (c *compiler) condition(n ast.Node) (ast.Node, error) {
	node, gives, err := c.rewrite(n)
	switch {
	case err != nil:
		return nil, err
	case gives == kindBool:
		return node, nil
	case gives == kindOther:
		return nil, c.notCondition(n)
	}
	return boolean(c.callOnce("condition", n, func(args []any) (any, error) {
		if _, ok := args[0].(bool); !ok {
			return nil, &mistake{at: n.Location(), message: neither(args[0])}
		}
		return args[0], nil
	}, node)), nil
}

func (c *compiler) rewriteUnary(n *ast.UnaryNode) (ast.Node, kind, error) {
	if n.Operator == "not" || n.Operator == "!" {
		if err := c.negatable(n.Node); err != nil {
			return nil, kindAny, err
		}
		inner, err := c.condition(n.Node)
		if err != nil {
			return nil, kindAny, err
		}
		return boolean(&ast.UnaryNode{Operator: "not", Node: inner}), kindBool, nil
	}
	inner, _, err := c.rewrite(n.Node)
	if err != nil {
		return nil, kindAny, err
	}
	e := c.e
	apply, name, ok := signOf(n.Operator)
	if !ok {
		return nil, kindAny, mistakeAt(n, "there is no operator %s%s", n.Operator, operatorHint(n.Operator))
	}
	sign := func(args []any) (any, error) { return e.calculate(name, apply, 0, args[0]), nil }
	return c.charged(name, n, sign, []ast.Node{inner}), kindOther, nil
}

// signOf is arithmetic for a sign, which works on 0 and what it stands before.
// Its name is not that of + and -: + joins texts, a sign does not.
func signOf(operator string) (apply func(x, y float64) float64, name string, ok bool) {
	switch operator {
	case "-":
		return func(_, y float64) float64 { return -y }, "sign -", true
	case "+":
		return func(_, y float64) float64 { return y }, "sign +", true
	}
	return nil, "", false
}

func (c *compiler) rewriteBinary(n *ast.BinaryNode) (ast.Node, kind, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return c.rewriteLogic(n)
	case "??":
		return c.rewriteCoalesce(n)
	case "..":
		return c.rewriteRange(n)
	}
	positive := n.Operator
	if positive == "!=" {
		positive = "=="
	}
	node, gives, err := c.rewriteOperator(n, positive)
	if err == nil && n.Operator == "!=" {
		node = boolean(&ast.UnaryNode{Operator: "not", Node: node})
	}
	return node, gives, err
}

func (c *compiler) rewriteLogic(n *ast.BinaryNode) (ast.Node, kind, error) {
	left, err := c.condition(n.Left)
	if err != nil {
		return nil, kindAny, err
	}
	right, err := c.condition(n.Right)
	if err != nil {
		return nil, kindAny, err
	}
	return boolean(&ast.BinaryNode{Operator: n.Operator, Left: left, Right: right}), kindBool, nil
}

// rewriteOperator is rewrite for an operator that works on the values of its
// two sides: one that compares, or arithmetic.
func (c *compiler) rewriteOperator(n *ast.BinaryNode, operator string) (ast.Node, kind, error) {
	if operator == "matches" {
		return c.rewriteMatches(n)
	}
	e := c.e
	if holds, ok := relationOf(operator); ok {
		node, err := c.relationCall(n, operator, holds)
		return node, kindBool, err
	}
	nodes, err := c.rewriteAll([]ast.Node{n.Left, n.Right})
	if err != nil {
		return nil, kindAny, err
	}
	apply, ok := arithmetic(operator)
	if !ok {
		return nil, kindAny, mistakeAt(n, "there is no operator %s%s", operator, operatorHint(operator))
	}
	calculate := func(args []any) (any, error) { return e.calculate(operator, apply, args[0], args[1]), nil }
	return c.charged(operator, n, calculate, nodes), kindOther, nil
}

// relationCall is the machine's call for two sides that are compared. Fields and
// constants are left out of its arguments: it fetches them itself, unboxed.
func (c *compiler) relationCall(n *ast.BinaryNode, operator string, holds relation) (ast.Node, error) {
	var fetch [2]term
	var rest []ast.Node
	for i, side := range []ast.Node{n.Left, n.Right} {
		node, _, err := c.rewrite(side)
		if err != nil {
			return nil, err
		}
		if fetch[i] = c.leaf(side); fetch[i] == nil {
			rest = append(rest, node)
		}
	}
	e := c.e
	if name, ok := c.fieldOf(n.Left); ok {
		if v, ok := constant(n.Right); ok {
			return boolean(c.callOnce(operator, n, e.fieldRelation(c.slot(name), holds, toScalar(v).resolved()))), nil
		}
	}
	return boolean(c.callOnce(operator, n, func(args []any) (any, error) {
		var sides [2]operand
		for i, f := range fetch {
			if f != nil {
				sides[i] = f(e)
			} else {
				sides[i], args = operandOf(args[0]), args[1:]
			}
		}
		return e.relate(operator, holds, &sides[0], &sides[1])
	}, rest...)), nil
}

// fieldRelation is the machine's function of a field compared with a constant.
func (e *Evaluator) fieldRelation(slot int, holds relation, bound scalar) func([]any) (any, error) {
	return func([]any) (any, error) {
		values := e.values(slot)
		held := anyValue(values, func(s string) bool { return holds(textScalar(s), bound) })
		return held, e.charge(fieldCost(values) + (1+len(bound.text))*max(values.Len(), 1))
	}
}

// patternWork is what it takes to compile a byte of a regular expression,
// against a look at a byte of text.
const patternWork = 256

func (c *compiler) rewriteMatches(n *ast.BinaryNode) (ast.Node, kind, error) {
	if patterns, ok := constants(n.Right); ok {
		match, err := matcher("matches", patterns)
		if err != nil {
			return nil, kindAny, &mistake{at: n.Right.Location(), cause: err}
		}
		left, _, err := c.rewrite(n.Left)
		if err != nil {
			return nil, kindAny, err
		}
		return boolean(c.callOnce("matches", n, c.matching(match), left)), kindBool, nil
	}
	nodes, err := c.rewriteAll([]ast.Node{n.Left, n.Right})
	if err != nil {
		return nil, kindAny, err
	}
	e := c.e
	matches := func(args []any) (any, error) {
		if err := e.charge(cost(args[0])*size(args[1]) + cost(args[1])*patternWork); err != nil {
			return nil, err
		}
		return e.matches(args[0], args[1])
	}
	return boolean(c.call("matches", n, matches, nodes...)), kindBool, nil
}

// rewriteCoalesce makes let v = a; v is empty ? b : v of a ?? b.
func (c *compiler) rewriteCoalesce(n *ast.BinaryNode) (ast.Node, kind, error) {
	left, kindLeft, err := c.rewrite(n.Left)
	if err != nil {
		return nil, kindAny, err
	}
	right, kindRight, err := c.rewrite(n.Right)
	if err != nil {
		return nil, kindAny, err
	}
	return bind("the value", left, func(v ast.Node) ast.Node {
		return &ast.ConditionalNode{Cond: c.isEmpty(n, v), Exp1: right, Exp2: v}
	}), either(kindLeft, kindRight), nil
}

// bind gives a value a name, one that no expression can have, to use it twice.
func bind(name string, value ast.Node, use func(v ast.Node) ast.Node) ast.Node {
	return &ast.VariableDeclaratorNode{Name: name, Value: value, Expr: use(&ast.IdentifierNode{Value: name})}
}

func (c *compiler) isEmpty(at, of ast.Node) ast.Node {
	return boolean(c.call("empty", at, func(args []any) (any, error) { return isEmpty(args[0]), nil }, of))
}
