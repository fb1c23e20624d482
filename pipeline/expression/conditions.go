package expression

import "github.com/expr-lang/expr/ast"

// negatable refuses not before a field: not binds more closely than ==.
func (c *compiler) negatable(n ast.Node) error {
	name, ok := c.fieldOf(n)
	if !ok {
		return nil
	}
	return mistakeAt(n, "not takes the field %s alone here, which is a text: write not (%s == …), "+
		"%s != …, %s not in …, or not has(%s)", name, name, name, name, name)
}

// notCondition says why a node may not stand where true or false is wanted.
func (c *compiler) notCondition(n ast.Node) error {
	if name, ok := c.fieldOf(n); ok {
		return mistakeAt(n, "the field %s is a text, neither true nor false: compare it, as in %s == \"x\", "+
			"or ask whether there is anything in it, len(%s) > 0", name, name, name)
	}
	if v, ok := constant(n); ok {
		return mistakeAt(n, "%s: one of several values is asked for with in, as in user in [\"a\", \"b\"]", neither(v))
	}
	return mistakeAt(n, "this is neither true nor false: compare it with something")
}
