package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// term returns the closure of a part of an expression, nil where only expr's
// machine can do it, or where something is wrong with it: then the machine's
// compiler says what.
func (c *compiler) term(n ast.Node) term {
	if c.slow {
		return c.leaf(n)
	}
	if c.noClosure[n] {
		return nil
	}
	// Parts may stand for others without end; see count.
	if c.tried++; c.tried > maxNodes {
		return nil
	}
	t := c.makeTerm(n)
	if t == nil {
		c.noClosure[n] = true
	}
	return t
}

// leaf is term for a constant or a field.
func (c *compiler) leaf(n ast.Node) term {
	if v, ok := constant(n); ok {
		value := operandOf(v)
		value.one = value.one.resolved()
		return func(*Evaluator) operand { return value }
	}
	if name, ok := c.fieldOf(n); ok {
		at := c.slot(name)
		return func(e *Evaluator) operand { return operand{form: isField, field: e.values(at)} }
	}
	return nil
}

func (c *compiler) makeTerm(n ast.Node) term {
	if t := c.leaf(n); t != nil {
		return t
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.known(n.Value)
	case *ast.PointerNode:
		if n.Name != "" {
			return nil
		}
		return c.known("")
	case *ast.ConditionalNode:
		return c.choice(n)
	case *ast.VariableDeclaratorNode:
		return c.letTerm(n)
	case *ast.MemberNode:
		return c.place(n)
	case *ast.SliceNode:
		return c.sliceTerm(n)
	case *ast.ArrayNode:
		return c.listTerm(n)
	case *ast.UnaryNode:
		if apply, name, ok := signOf(n.Operator); ok {
			zero := func(*Evaluator) operand { return operand{one: lazyNumber(0)} }
			return calculation(n, name, apply, zero, c.term(n.Node))
		}
	case *ast.BinaryNode:
		if apply, ok := arithmetic(n.Operator); ok {
			left := c.term(n.Left)
			if left == nil {
				return nil
			}
			return calculation(n, n.Operator, apply, left, c.term(n.Right))
		}
		if n.Operator == "??" {
			return c.coalesced(n)
		}
	case *ast.BuiltinNode:
		if t := c.functionTerm(n, n.Name, n.Arguments); t != nil {
			return t
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			if t := c.functionTerm(n, callee.Value, n.Arguments); t != nil {
				return t
			}
		}
	}
	holds, err := c.fast(n)
	if holds == nil || err != nil {
		return nil
	}
	return func(e *Evaluator) operand { return boolOperand(holds(e)) }
}

// known is what a name stands for in a closure's scope: a variable, or # where
// the name is "".
func (c *compiler) known(name string) term {
	for i, scope := range slices.Backward(c.scopes) {
		if scope == name {
			return func(e *Evaluator) operand { return e.scoped[i] }
		}
	}
	return nil
}

// enter makes a name known while body is compiled, and returns its place.
func (c *compiler) enter(name string, body func()) int {
	at := len(c.scopes)
	c.scopes, c.variables = append(c.scopes, name), append(c.variables, name)
	c.mostScopes = max(c.mostScopes, len(c.scopes))
	body()
	c.scopes, c.variables = c.scopes[:at], c.variables[:len(c.variables)-1]
	return at
}

func (c *compiler) letTerm(n *ast.VariableDeclaratorNode) term {
	value := c.term(n.Value)
	if value == nil {
		return nil
	}
	var body term
	at := c.enter(n.Name, func() { body = c.term(n.Expr) })
	if body == nil {
		return nil
	}
	return func(e *Evaluator) operand {
		e.scoped[at] = value(e)
		return body(e)
	}
}

func (c *compiler) choice(n *ast.ConditionalNode) term {
	cond, err := c.fast(n.Cond)
	if cond == nil || err != nil {
		return nil
	}
	a, b := c.term(n.Exp1), c.term(n.Exp2)
	if a == nil || b == nil {
		return nil
	}
	return func(e *Evaluator) operand {
		if cond(e) {
			return a(e)
		}
		return b(e)
	}
}

func (c *compiler) coalesced(n *ast.BinaryNode) term {
	left, right := c.term(n.Left), c.term(n.Right)
	if left == nil || right == nil {
		return nil
	}
	return func(e *Evaluator) operand {
		if v := left(e); !v.isEmpty() {
			return v
		}
		return right(e)
	}
}

// calculation is the closure of arithmetic.
func calculation(n ast.Node, operator string, apply func(x, y float64) float64, left, right term) term {
	if left == nil || right == nil {
		return nil
	}
	at := n.Location()
	return func(e *Evaluator) operand {
		a, b := left(e), right(e)
		err := e.charge(a.cost() + b.cost())
		var v operand
		if a.isList() || b.isList() {
			v = operandOf(e.calculate(operator, apply, a.boxed(), b.boxed()))
		} else {
			v.one = e.calculated(operator, apply, a.at(0), b.at(0))
		}
		if err == nil {
			err = e.charge(v.cost())
		}
		if err != nil {
			e.fail(&mistake{at: at, cause: err})
		}
		return v
	}
}
