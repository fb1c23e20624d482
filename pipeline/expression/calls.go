package expression

import (
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// functionTerm is the closure of a call.
func (c *compiler) functionTerm(n ast.Node, name string, args []ast.Node) term {
	if isSpecial(name) {
		return nil // these give true or false
	}
	if hasPredicate(args) {
		return c.loopTerm(n, name, args)
	}
	f, args, err := c.functionOf(n, name, args)
	if err != nil || f.gives == kindBool {
		return nil
	}
	terms := c.terms(args)
	if terms == nil {
		return nil
	}
	switch {
	case name == "len":
		return lengthTerm(n, terms[0])
	case f.each != nil:
		return eachTerm(n, f, terms)
	}
	return callTerm(n, f, terms)
}

// functionOf finds a function, and leaves out of its arguments those that were
// needed to make it.
func (c *compiler) functionOf(n ast.Node, name string, args []ast.Node) (function, []ast.Node, error) {
	if isPrepared(name) {
		f, err := c.prepare(n, name, args)
		return f, args[:min(len(args), 1)], err
	}
	f, ok := lookupFunction(name)
	if !ok {
		return f, nil, unknownFunction(n, name)
	}
	if len(args) < f.least || (f.most >= 0 && len(args) > f.most) {
		return f, nil, &mistake{at: n.Location(), cause: argumentError(name, f, len(args))}
	}
	return f, args, nil
}

// lengthTerm is the closure of len.
func lengthTerm(n ast.Node, of term) term {
	at := n.Location()
	return func(e *Evaluator) operand {
		v := of(e)
		if err := e.charge(v.cost()); err != nil {
			e.fail(&mistake{at: at, cause: err})
		}
		if v.form == isOther {
			return operand{one: lazyInteger(length(v.other))}
		}
		if v.isList() {
			return operand{one: lazyInteger(v.size())}
		}
		return operand{one: lazyInteger(utf8.RuneCountInString(v.at(0).written().text))}
	}
}

// eachTerm is the closure of a function of each value of its first argument.
func eachTerm(n ast.Node, f function, args []term) term {
	at := n.Location()
	return func(e *Evaluator) operand {
		v := args[0](e)
		rest := e.restOf(args[1:])
		made, err := e.eachOperand(f, &v, rest)
		if err == nil {
			err = e.charge(v.cost() + made.cost())
		}
		if err != nil {
			e.fail(&mistake{at: at, cause: err})
		}
		e.rest = e.rest[:len(e.rest)-len(rest)]
		return made
	}
}

// eachOperand is what a function makes of each value.
func (e *Evaluator) eachOperand(f function, v *operand, rest []scalar) (operand, error) {
	if !v.isList() {
		return operand{one: f.each(e, v.at(0).written().text, rest)}, nil
	}
	made := make([]any, v.size())
	for i := range made {
		one := f.each(e, v.at(i).written().text, rest)
		if err := e.charge(1 + len(one.text)); err != nil {
			return operand{}, err
		}
		made[i] = one.boxed()
	}
	return operandOf(made), nil
}

// restOf evaluates the arguments behind the first, on a stack.
func (e *Evaluator) restOf(args []term) []scalar {
	for _, a := range args {
		v := a(e)
		e.rest = append(e.rest, v.first().written())
	}
	return e.rest[len(e.rest)-len(args):]
}

// callTerm is the closure of a function that takes its arguments as expr's
// machine has them.
func callTerm(n ast.Node, f function, terms []term) term {
	at := n.Location()
	return func(e *Evaluator) operand {
		args := make([]any, len(terms))
		for i, t := range terms {
			v := t(e)
			args[i] = v.boxed()
		}
		v, err := e.callCharged(f, args)
		if err != nil {
			e.fail(&mistake{at: at, cause: err})
		}
		return operandOf(v)
	}
}

// callCharged calls a function, whose work is taken from the record's budget:
// what it is given, and what it makes.
func (e *Evaluator) callCharged(f function, args []any) (any, error) {
	if err := e.charge(costs(args)); err != nil {
		return nil, err
	}
	v, err := f.call(e, args)
	if err != nil {
		return nil, err
	}
	return v, e.charge(cost(v))
}
