package expression

import (
	"github.com/expr-lang/expr/ast"
)

// comparison is the closure of two sides that are compared.
func (c *compiler) comparison(n *ast.BinaryNode, operator string) (test, error) {
	left, right := n.Left, n.Right
	if turned, ok := c.turned(operator, left, right); ok {
		operator, left, right = turned, right, left
	}
	if low, high, ok := interval(right); ok && operator == "in" {
		return c.eachTest(n, left, func(s string) bool { return within(textScalar(s), low, high) },
			func(s scalar) bool { return within(s, low, high) }), nil
	}
	values, ok := constants(right)
	if !ok {
		return c.relation(n, operator, left, right), nil
	}
	if f := c.lengthTest(operator, left, values); f != nil {
		return f, nil
	}
	match, err := matcher(operator, values)
	if err != nil {
		return nil, &mistake{at: right.Location(), cause: err}
	}
	if match == nil {
		return nil, nil
	}
	whole := c.eachTest(n, left, match, scalarMatcher(operator, values, match))
	if whole == nil || len(values) != 1 {
		return whole, nil
	}
	if quick := c.numericTest(operator, left, values[0], whole); quick != nil {
		return quick, nil
	}
	return whole, nil
}

// turned is the operator by which a constant on the left comes to the right. Of
// in that is so for a field only: in an object it asks for a name.
func (c *compiler) turned(operator string, left, right ast.Node) (string, bool) {
	if _, ok := constant(left); !ok {
		return "", false
	}
	if operator == "in" {
		_, ok := c.fieldOf(right)
		return "==", ok
	}
	return mirrored(operator)
}

// relation is the closure of two sides neither of which is constants alone.
func (c *compiler) relation(n ast.Node, operator string, left, right ast.Node) test {
	holds, ok := relationOf(operator)
	if !ok {
		return nil
	}
	a, b := c.term(left), c.term(right)
	if a == nil || b == nil {
		return nil
	}
	at := n.Location()
	return func(e *Evaluator) bool {
		x, y := a(e), b(e)
		ok, err := e.relate(operator, holds, &x, &y)
		if err != nil {
			e.fail(&mistake{at: at, cause: err})
		}
		return ok
	}
}

// eachTest is the closure of a side any of whose values matches. Of a field it
// asks match; of what functions make, which may be a number that nobody has
// written yet, matchScalar.
func (c *compiler) eachTest(n, side ast.Node, match func(string) bool, matchScalar func(scalar) bool) test {
	if name, ok := c.fieldOf(side); ok {
		return c.fieldTest(n, name, match)
	}
	base, steps := c.steps(side)
	if name, ok := c.fieldOf(base); ok {
		return c.stepsTest(n, name, steps, matchScalar)
	}
	of := c.term(base)
	if of == nil {
		return nil
	}
	at := n.Location()
	return func(e *Evaluator) bool {
		v := of(e)
		if err := e.charge(v.cost() * (1 + len(steps))); err != nil {
			e.fail(&mistake{at: at, cause: err})
			return false
		}
		for i := range v.size() {
			s := v.at(i)
			for _, f := range steps {
				s = f.each(e, s.written().text, f.rest)
			}
			if matchScalar(s) {
				return true
			}
		}
		return false
	}
}

// stepsTest is the closure of a field any of whose values matches after some
// functions.
func (c *compiler) stepsTest(n ast.Node, name string, steps []step, match func(scalar) bool) test {
	slot, at := c.slot(name), n.Location()
	return func(e *Evaluator) bool {
		values := e.values(slot)
		if err := e.charge(fieldCost(values) * (1 + len(steps))); err != nil {
			e.fail(&mistake{at: at, cause: err})
			return false
		}
		for i := range max(values.Len(), 1) {
			var s scalar
			if values.Len() > 0 {
				s.text = values.At(i)
			}
			for _, f := range steps {
				s = f.each(e, s.written().text, f.rest)
			}
			if match(s) {
				return true
			}
		}
		return false
	}
}

// A step is a function of one value whose other arguments are constants.
type step struct {
	each eachFunc
	rest []scalar
}

// steps takes such functions off a part, so that what they make of a list needs
// no list. What they make may not be much longer than what they are given.
func (c *compiler) steps(n ast.Node) (base ast.Node, steps []step) {
	name, args := called(n)
	if len(args) == 0 || hasPredicate(args) || isSpecial(name) || name == "replace" || name == "repeat" {
		return n, nil
	}
	f, args, err := c.functionOf(n, name, args)
	if err != nil || f.each == nil {
		return n, nil
	}
	var rest []scalar
	for _, a := range args[1:] {
		v, ok := constant(a)
		if !ok {
			return n, nil
		}
		rest = append(rest, toScalar(v).resolved())
	}
	base, steps = c.steps(args[0])
	return base, append(steps, step{f.each, rest})
}

// called returns the name and the arguments of a call, none where a node is no
// call.
func called(n ast.Node) (name string, args []ast.Node) {
	switch n := n.(type) {
	case *ast.BuiltinNode:
		return n.Name, n.Arguments
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return callee.Value, n.Arguments
		}
	}
	return "", nil
}

// fieldTest is the closure of a field any of whose values matches.
func (c *compiler) fieldTest(n ast.Node, name string, match func(string) bool) test {
	slot := c.slot(name)
	if len(c.scopes) == 0 {
		return func(e *Evaluator) bool { return anyValue(e.values(slot), match) }
	}
	at := n.Location() // in a loop, work adds up
	return func(e *Evaluator) bool {
		values := e.values(slot)
		if err := e.charge(fieldCost(values)); err != nil {
			e.fail(&mistake{at: at, cause: err})
			return false
		}
		return anyValue(values, match)
	}
}

// lengthTest is the closure of len(field) compared with a number, else nil.
func (c *compiler) lengthTest(operator string, n ast.Node, values []scalar) test {
	call, ok := n.(*ast.BuiltinNode)
	if !ok || len(c.scopes) > 0 || call.Name != "len" || len(call.Arguments) != 1 || len(values) != 1 || values[0].state != isNumber {
		return nil
	}
	name, ok := c.fieldOf(call.Arguments[0])
	holds, known := relationOf(operator)
	if _, numeric := mirrored(operator); !ok || !known || !numeric {
		return nil
	}
	at, bound := c.slot(name), values[0]
	return func(e *Evaluator) bool {
		return holdsFor(holds, lazyInteger(lengthOf(e.values(at))), bound)
	}
}
