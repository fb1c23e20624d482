package expression

import (
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
)

func hasPredicate(args []ast.Node) bool {
	return slices.ContainsFunc(args, func(n ast.Node) bool { _, ok := n.(*ast.PredicateNode); return ok })
}

// rewritePredicate is rewriteCall for a function that goes over the values of
// a list. A single value is a list of one, "" and nil are the empty list.
func (c *compiler) rewritePredicate(n ast.Node, name string, args []ast.Node) (ast.Node, kind, error) {
	if !slices.Contains(predicateNames(), name) {
		return nil, kindAny, unknownFunction(n, name)
	}
	over, _, err := c.rewrite(args[0])
	if err != nil {
		return nil, kindAny, err
	}
	body, err := c.predicate(name, args[1])
	if err != nil {
		return nil, kindAny, err
	}
	values := c.charged("list", n, func(args []any) (any, error) {
		if isList(args[0]) {
			return args[0], nil
		}
		return list(args[0]), nil
	}, []ast.Node{over})
	values.SetType(reflect.TypeFor[[]any]())
	switch name {
	case "sum": // of what the machine's map gives
		f, _ := numberFunction("sum")
		e := c.e
		sum := func(args []any) (any, error) { return f.call(e, args) }
		return c.charged("sum", n, sum, []ast.Node{loop(n, "map", values, body)}), kindOther, nil
	case "reduce":
		return c.rewriteReduce(n, values, body, args[2:])
	}
	node := loop(n, name, values, body)
	switch name {
	case "all", "any", "none", "one":
		return boolean(node), kindBool, nil
	case "find", "findLast":
		return node, kindAny, nil
	}
	return node, kindOther, nil
}

// predicate rewrites what is asked, or made, of each value.
func (c *compiler) predicate(name string, n ast.Node) (ast.Node, error) {
	p, ok := n.(*ast.PredicateNode)
	if !ok {
		return nil, mistakeAt(n, "%s takes a list and what to ask of each value #, as in %s(user, # endsWith \"$\")", name, name)
	}
	c.loops = append(c.loops, name)
	defer func() { c.loops = c.loops[:len(c.loops)-1] }()
	switch name {
	case "map", "sum", "reduce":
		body, _, err := c.rewrite(p.Node)
		return body, err
	}
	return c.condition(p.Node)
}

// rewriteReduce makes nil of a reduce without a start over an empty list, which
// would be an error of expr's machine, and reads the start outside of the loop.
func (c *compiler) rewriteReduce(n, values, body ast.Node, start []ast.Node) (ast.Node, kind, error) {
	if len(start) == 0 {
		return bind("the list", values, func(v ast.Node) ast.Node {
			v.SetType(values.Type())
			return &ast.ConditionalNode{Cond: c.isEmpty(n, v), Exp1: &ast.NilNode{}, Exp2: loop(n, "reduce", v, body)}
		}), kindAny, nil
	}
	begin, _, err := c.rewrite(start[0])
	if err != nil {
		return nil, kindAny, err
	}
	return bind("the start", begin, func(v ast.Node) ast.Node { return loop(n, "reduce", values, body, v) }), kindAny, nil
}

// loop is the machine's own function of a list and a predicate.
func loop(at ast.Node, name string, values, body ast.Node, more ...ast.Node) ast.Node {
	node := &ast.BuiltinNode{Name: name, Arguments: append([]ast.Node{values, &ast.PredicateNode{Node: body}}, more...)}
	node.SetLocation(at.Location())
	return node
}
