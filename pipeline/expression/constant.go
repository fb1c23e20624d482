package expression

import (
	"github.com/expr-lang/expr/ast"
)

// constant returns the value of a node that is written out: a text, a number,
// true, false or nil.
func constant(n ast.Node) (v any, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.BytesNode:
		return string(n.Value), true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.NilNode:
		return nil, true
	case *ast.UnaryNode:
		return signed(n)
	}
	return nil, false
}

// signed is constant for a number with a sign.
func signed(n *ast.UnaryNode) (v any, ok bool) {
	if n.Operator != "-" && n.Operator != "+" {
		return nil, false
	}
	switch v := n.Node.(type) {
	case *ast.IntegerNode:
		if n.Operator == "-" {
			return -v.Value, true
		}
		return v.Value, true
	case *ast.FloatNode:
		if n.Operator == "-" {
			return -v.Value, true
		}
		return v.Value, true
	}
	return nil, false
}

// constants returns the values of a constant, or of a list of constants.
func constants(n ast.Node) ([]scalar, bool) {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.ArrayNode); ok {
		nodes = list.Nodes
	}
	values := make([]scalar, 0, len(nodes))
	for _, m := range nodes {
		v, ok := constant(m)
		if !ok {
			return nil, false
		}
		values = append(values, toScalar(v).resolved())
	}
	return values, true
}

// literal is a node of a constant, for the machine.
func literal(v any) ast.Node {
	switch v := v.(type) {
	case nil:
		return &ast.NilNode{}
	case bool:
		return &ast.BoolNode{Value: v}
	}
	return &ast.ConstantNode{Value: v}
}
