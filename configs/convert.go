package configs

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter makes nodes of the YAML library's tree.
type converter struct {
	file string
	errs []error
}

func (c *converter) refuse(n *Node, format string, args ...any) {
	e := Errorf(n, format, args...)
	e.column = true
	c.errs = append(c.errs, e)
}

// at begins a node at a token.
func (c *converter) at(tk *token.Token) *Node {
	n := &Node{file: c.file, line: 1, col: 1}
	if tk != nil && tk.Position != nil {
		n.line, n.col = tk.Position.Line, tk.Position.Column
	}
	return n
}

func (c *converter) node(from ast.Node, depth int) *Node {
	n := c.at(from.GetToken())
	if depth > maxDepth {
		c.refuse(n, "%s", tooDeep)
		return n
	}
	switch from := from.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
	case *ast.MappingNode:
		return c.mapping(n, from.Values, depth)
	case *ast.MappingValueNode:
		return c.mapping(n, []*ast.MappingValueNode{from}, depth)
	case *ast.SequenceNode:
		n.kind = Sequence
		for _, value := range from.Values {
			n.items = append(n.items, c.node(value, depth+1))
		}
	case *ast.LiteralNode:
		n.kind, n.text = Scalar, from.Value.Value
	case *ast.StringNode:
		n.kind, n.text = Scalar, from.Value
		n.plain = from.GetToken().Type == token.StringType
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text, n.plain = Scalar, from.GetToken().Value, true
	default:
		c.refuse(n, "this form of YAML (%s) is not taken", strings.ToLower(from.Type().String()))
	}
	return n
}

func (c *converter) mapping(n *Node, pairs []*ast.MappingValueNode, depth int) *Node {
	n.kind = Mapping
	first := make(map[string]*Node, len(pairs))
	for _, pair := range pairs {
		key := c.at(pair.Key.GetToken())
		key.kind, key.text = Scalar, pair.Key.GetToken().Value
		if len(n.keys) == 0 && (key.line < n.line || key.line == n.line && key.col < n.col) {
			n.line, n.col = key.line, key.col // a block's token is its first colon
		}
		value := c.node(pair.Value, depth+1)
		if value.kind == Null {
			value.line, value.col = key.line, key.col
		}
		switch before := first[key.text]; {
		case before != nil:
			c.refuse(key, "the key %s stands twice in one mapping, on line %d and here: remove one", quote(key.text), before.line)
		case strings.ContainsFunc(key.text, unicode.IsControl):
			c.refuse(key, "the key %s holds a control character: remove it", quote(key.text))
		}
		first[key.text] = key
		n.keys, n.items = append(n.keys, key), append(n.items, value)
	}
	return n
}
