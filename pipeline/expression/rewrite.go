package expression

import (
	"github.com/expr-lang/expr/ast"
)

// count bounds the tree. A chained comparison has its middle twice in it, so
// that a short expression may stand for a tree without end.
func (c *compiler) count(n ast.Node) error {
	if c.nodes++; c.nodes > maxNodes {
		return mistakeAt(n, "the expression is too large: %d parts are the most", maxNodes)
	}
	return nil
}

// rewrite returns the tree by which expr's machine gives a node the meaning
// that the package comment describes. It leaves the parser's tree as it is,
// parts of which the parser uses twice.
func (c *compiler) rewrite(n ast.Node) (ast.Node, kind, error) {
	if err := c.count(n); err != nil {
		return nil, kindAny, err
	}
	if v, ok := constant(n); ok {
		if _, isBool := v.(bool); isBool {
			return boolean(literal(v)), kindBool, nil
		}
		return literal(v), kindOther, nil
	}
	if name, ok := c.fieldOf(n); ok {
		return c.readField(n, name), kindOther, nil
	}
	if len(c.loops) == 0 {
		// A closure takes nothing from the record's budget, as work in a loop must.
		if holds, err := c.fast(n); err != nil {
			return nil, kindAny, err
		} else if holds != nil {
			return c.closure(n, holds), kindBool, nil
		}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		return c.rewriteUnary(n)
	case *ast.BinaryNode:
		return c.rewriteBinary(n)
	case *ast.BuiltinNode:
		return c.rewriteCall(n, n.Name, n.Arguments)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return nil, kindAny, mistakeAt(n, "a value has no functions of its own: write f(x), not x.f()")
		}
		return c.rewriteCall(n, callee.Value, n.Arguments)
	}
	return c.rewriteShape(n)
}

// rewriteShape is rewrite for what is no operator and no function.
func (c *compiler) rewriteShape(n ast.Node) (ast.Node, kind, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if c.isEnv(n) {
			return nil, kindAny, mistakeAt(n, `$env stands for the record only before the name of a field, as in $env["odd name"]`)
		}
		return &ast.IdentifierNode{Value: n.Value}, kindAny, nil
	case *ast.PointerNode:
		return c.rewritePointer(n)
	case *ast.ChainNode:
		return c.rewrite(n.Node)
	case *ast.MemberNode:
		return c.rewriteMember(n)
	case *ast.SliceNode:
		return c.rewriteSlice(n)
	case *ast.ConditionalNode:
		return c.rewriteConditional(n)
	case *ast.VariableDeclaratorNode:
		return c.rewriteLet(n)
	case *ast.SequenceNode:
		return c.rewriteSequence(n)
	case *ast.ArrayNode:
		nodes, err := c.rewriteAll(n.Nodes)
		return &ast.ArrayNode{Nodes: nodes}, kindOther, err
	case *ast.MapNode:
		return c.rewriteMap(n)
	}
	return nil, kindAny, mistakeAt(n, "%T has no meaning here", n)
}

func (c *compiler) rewriteAll(nodes []ast.Node) ([]ast.Node, error) {
	out := make([]ast.Node, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], _, err = c.rewrite(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readField is the node by which the machine asks for a field.
func (c *compiler) readField(at ast.Node, name string) ast.Node {
	e, slot := c.e, c.slot(name)
	return c.call("field "+name, at, func([]any) (any, error) { return e.boxed(slot), nil })
}

func (c *compiler) rewritePointer(n *ast.PointerNode) (ast.Node, kind, error) {
	if len(c.loops) == 0 {
		return nil, kindAny, mistakeAt(n, "# has a meaning only within any, all and the like")
	}
	switch n.Name {
	case "":
		return &ast.PointerNode{}, kindAny, nil
	case "index":
		return &ast.PointerNode{Name: n.Name}, kindOther, nil
	case "acc":
		if len(c.loops) > 0 && c.loops[len(c.loops)-1] == "reduce" {
			return &ast.PointerNode{Name: n.Name}, kindAny, nil
		}
		return nil, kindAny, mistakeAt(n, "#acc has a meaning only in reduce")
	}
	return nil, kindAny, mistakeAt(n, "there is no #%s: # is the value, #index its place, #acc what reduce has gathered", n.Name)
}

func (c *compiler) rewriteMember(n *ast.MemberNode) (ast.Node, kind, error) {
	if c.isEnv(n.Node) {
		return nil, kindAny, mistakeAt(n.Property, `the name behind $env is written out in quotes, as in $env["odd name"]`)
	}
	if part, ok := n.Property.(*ast.StringNode); ok {
		if err := c.partOfText(n.Node, part); err != nil {
			return nil, kindAny, err
		}
	}
	nodes, err := c.rewriteAll([]ast.Node{n.Node, n.Property})
	if err != nil {
		return nil, kindAny, err
	}
	return c.charged("get", n, func(args []any) (any, error) { return member(args[0], args[1]), nil }, nodes), kindAny, nil
}

// partOfText refuses the part of a name in what is a text or a list of texts.
func (c *compiler) partOfText(of ast.Node, part *ast.StringNode) error {
	if textScalar(part.Value).resolved().state == isNumber {
		return nil
	}
	if name, ok := c.fieldOf(of); ok {
		return mistakeAt(part, "a field is a text and has no parts: %s.%s is the field of that name, "+
			`$env["…"] one of any other, and fromJSON(%s) reads JSON`, name, part.Value, name)
	}
	inner, ok := of.(*ast.MemberNode)
	if !ok {
		return nil
	}
	if name, ok := c.fieldOf(inner.Node); ok {
		return mistakeAt(part, "a value of the field %s is a text and has no parts: "+
			`$env["…"] is the field of any name, and fromJSON(%s) reads JSON`, name, name)
	}
	return nil
}

func (c *compiler) rewriteSlice(n *ast.SliceNode) (ast.Node, kind, error) {
	bounds := []ast.Node{n.Node, &ast.NilNode{}, &ast.NilNode{}}
	for i, b := range []ast.Node{n.From, n.To} {
		if b != nil {
			bounds[i+1] = b
		}
	}
	nodes, err := c.rewriteAll(bounds)
	if err != nil {
		return nil, kindAny, err
	}
	open := [2]bool{n.From == nil, n.To == nil}
	e := c.e
	cut := func(args []any) (any, error) { return e.slice(args[0], args[1], args[2], open), nil }
	return c.charged("slice", n, cut, nodes), kindOther, nil
}

func (c *compiler) rewriteConditional(n *ast.ConditionalNode) (ast.Node, kind, error) {
	cond, err := c.condition(n.Cond)
	if err != nil {
		return nil, kindAny, err
	}
	a, kindA, err := c.rewrite(n.Exp1)
	if err != nil {
		return nil, kindAny, err
	}
	b, kindB, err := c.rewrite(n.Exp2)
	return &ast.ConditionalNode{Cond: cond, Exp1: a, Exp2: b}, either(kindA, kindB), err
}

func (c *compiler) rewriteLet(n *ast.VariableDeclaratorNode) (ast.Node, kind, error) {
	value, _, err := c.rewrite(n.Value)
	if err != nil {
		return nil, kindAny, err
	}
	body, gives, err := c.within(n.Name, n.Expr)
	return &ast.VariableDeclaratorNode{Name: n.Name, Value: value, Expr: body}, gives, err
}

// within rewrites a node in which a variable is known.
func (c *compiler) within(variable string, n ast.Node) (ast.Node, kind, error) {
	c.variables = append(c.variables, variable)
	defer func() { c.variables = c.variables[:len(c.variables)-1] }()
	return c.rewrite(n)
}

func (c *compiler) rewriteSequence(n *ast.SequenceNode) (ast.Node, kind, error) {
	// All but the last have no effect, but a mistake in them is one.
	var last ast.Node
	gives := kindAny
	for _, m := range n.Nodes {
		var err error
		if last, gives, err = c.rewrite(m); err != nil {
			return nil, kindAny, err
		}
	}
	return last, gives, nil
}

func (c *compiler) rewriteMap(n *ast.MapNode) (ast.Node, kind, error) {
	out := &ast.MapNode{}
	for _, p := range n.Pairs {
		pair, ok := p.(*ast.PairNode)
		if !ok {
			return nil, kindAny, mistakeAt(p, "a pair of a name and a value is wanted, as in {user: user}")
		}
		nodes, err := c.rewriteAll([]ast.Node{pair.Key, pair.Value})
		if err != nil {
			return nil, kindAny, err
		}
		key := c.call("text", p, func(args []any) (any, error) { return toScalar(args[0]).text, nil }, nodes[0])
		out.Pairs = append(out.Pairs, &ast.PairNode{Key: key, Value: nodes[1]})
	}
	return out, kindOther, nil
}
