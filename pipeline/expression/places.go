package expression

import (
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// place is f[n] of a field, with n written out.
func (c *compiler) place(n *ast.MemberNode) term {
	name, isField := c.fieldOf(n.Node)
	v, ok := constant(n.Property)
	place, isInt := v.(int)
	if !isField || !ok || !isInt {
		return nil
	}
	at := c.slot(name)
	return func(e *Evaluator) operand {
		values, i := e.values(at), place
		count := max(values.Len(), 1)
		if i < 0 {
			i += count
		}
		if i < 0 || i >= count || values.Len() == 0 {
			return operand{}
		}
		return operand{one: textScalar(values.At(i))}
	}
}

// sliceTerm is v[m:n] with both bounds written out or left out.
func (c *compiler) sliceTerm(n *ast.SliceNode) term {
	of := c.term(n.Node)
	if of == nil {
		return nil
	}
	var bounds [2]any
	var open [2]bool
	for i, b := range []ast.Node{n.From, n.To} {
		if b == nil {
			open[i] = true
			continue
		}
		v, ok := constant(b)
		if _, isInt := v.(int); !ok || !isInt {
			return nil
		}
		bounds[i] = v
	}
	at := n.Location()
	return func(e *Evaluator) operand {
		v := of(e)
		if err := e.charge(2 * v.cost()); err != nil {
			e.fail(&mistake{at: at, cause: err})
			return operand{}
		}
		if v.isList() {
			return operandOf(e.slice(v.boxed(), bounds[0], bounds[1], open))
		}
		return operand{one: textScalar(slicedText(v.at(0).written().text, bounds, open))}
	}
}

// slicedText is the slice of a text by bounds that are integers.
func slicedText(s string, bounds [2]any, open [2]bool) string {
	n := utf8.RuneCountInString(s)
	places := [2]int{0, n}
	for i, b := range bounds {
		if place, ok := b.(int); ok && !open[i] {
			places[i] = clamp(float64(place), n)
		}
	}
	start, stop := places[0], max(places[0], places[1])
	if n == len(s) { // a byte a character
		return s[start:stop]
	}
	return cutText(s, start, stop)
}

// listTerm is the closure of a list that is written out.
func (c *compiler) listTerm(n *ast.ArrayNode) term {
	terms := c.terms(n.Nodes)
	if terms == nil {
		return nil
	}
	at := n.Location()
	return func(e *Evaluator) operand {
		if e.made += len(terms); e.made > maxMade {
			e.fail(&mistake{at: at, cause: errTooMuchWork})
			return operand{}
		}
		list := make([]any, len(terms))
		for i, t := range terms {
			v := t(e)
			list[i] = v.boxed()
		}
		return operandOf(list)
	}
}

// terms is term of each node, nil where one has none.
func (c *compiler) terms(nodes []ast.Node) []term {
	terms := make([]term, len(nodes))
	for i, m := range nodes {
		if terms[i] = c.term(m); terms[i] == nil {
			return nil
		}
	}
	return terms
}
