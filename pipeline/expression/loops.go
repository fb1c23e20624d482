package expression

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// loopTest is the closure of any, all, none and one, else nil.
func (c *compiler) loopTest(n ast.Node, name string, args []ast.Node) (test, error) {
	count, ok := loopOf(name)
	if !ok {
		return nil, nil
	}
	l, err := c.loop(n, args, false)
	if l == nil || err != nil {
		return nil, err
	}
	return func(e *Evaluator) bool {
		held, looked := 0, 0
		decided, holds := false, false
		l.each(e, func(int) bool {
			looked++
			if l.test(e) {
				held++
			}
			decided, holds = count(held, looked, false)
			return !decided
		})
		if !decided {
			_, holds = count(held, looked, true)
		}
		return holds && e.err == nil
	}, nil
}

// A loopOver goes over the values of a list with a condition, or a term, of #.
type loopOver struct {
	at    file.Location
	over  term
	items []term // in place of over, of a list that is written out
	slot  int
	test  test
	term  term
}

// loop compiles a list and what is asked, or with mapping made, of each value.
// It is nil where that is for the machine.
func (c *compiler) loop(n ast.Node, args []ast.Node, mapping bool) (*loopOver, error) {
	if len(args) != 2 {
		return nil, nil
	}
	predicate, ok := args[1].(*ast.PredicateNode)
	l := &loopOver{at: n.Location()}
	if list, ok := args[0].(*ast.ArrayNode); ok {
		l.items = c.terms(list.Nodes)
	} else {
		l.over = c.term(args[0])
	}
	if !ok || l.over == nil && l.items == nil {
		return nil, nil
	}
	var err error
	l.slot = c.enter("", func() {
		if mapping {
			l.term = c.term(predicate.Node)
		} else {
			l.test, err = c.fast(predicate.Node)
		}
	})
	if l.test == nil && l.term == nil {
		return nil, err
	}
	return l, nil
}

// each calls visit for each value, which # then stands for, until it says no or
// something is wrong. A single value is a list of one, "" and nil are none.
func (l *loopOver) each(e *Evaluator, visit func(i int) bool) {
	if l.over == nil {
		l.eachItem(e, visit)
		return
	}
	list := l.over(e)
	if err := e.charge(2 * list.cost()); err != nil {
		e.fail(&mistake{at: l.at, cause: err})
		return
	}
	if !list.isList() && list.isEmpty() {
		return
	}
	for i := range list.size() {
		e.scoped[l.slot] = list.value(i)
		if more := visit(i); !more || e.err != nil {
			return
		}
	}
}

// eachItem is each for a list that is written out, which is not made for it.
func (l *loopOver) eachItem(e *Evaluator, visit func(i int) bool) {
	for i, item := range l.items {
		v := item(e)
		if err := e.charge(2 * v.cost()); err != nil {
			e.fail(&mistake{at: l.at, cause: err})
			return
		}
		e.scoped[l.slot] = v
		if more := visit(i); !more || e.err != nil {
			return
		}
	}
}

// loopTerm is the closure of filter, map, count and the find family, else nil.
func (c *compiler) loopTerm(n ast.Node, name string, args []ast.Node) term {
	l, err := c.loop(n, args, name == "map")
	if l == nil || err != nil {
		return nil
	}
	switch name {
	case "filter", "map":
		return l.gathered()
	case "count":
		return l.counted()
	case "find":
		return l.found(func(e *Evaluator, _ int) operand { return e.scoped[l.slot] })
	case "findIndex":
		return l.found(func(_ *Evaluator, i int) operand { return operand{one: lazyInteger(i)} })
	}
	return nil
}

// maxMade bounds the values of the lists that filter and map make for a record.
const maxMade = 1 << 20

// gathered is the list of what is made of each value, or of the values for which
// the test holds.
func (l *loopOver) gathered() term {
	return func(e *Evaluator) operand {
		made := []any{}
		l.each(e, func(int) bool {
			one := e.scoped[l.slot]
			if l.term != nil {
				one = l.term(e)
			} else if !l.test(e) {
				return true
			}
			if e.made++; e.made > maxMade {
				e.fail(&mistake{at: l.at, cause: errTooMuchWork})
			}
			made = append(made, one.boxed())
			return true
		})
		return operandOf(made)
	}
}

func (l *loopOver) counted() term {
	return func(e *Evaluator) operand {
		held := 0
		l.each(e, func(int) bool {
			if l.test(e) {
				held++
			}
			return true
		})
		return operand{one: lazyInteger(held)}
	}
}

// found is what is said of the first value for which the test holds.
func (l *loopOver) found(say func(e *Evaluator, i int) operand) term {
	return func(e *Evaluator) operand {
		answer := operand{one: noScalar()}
		l.each(e, func(i int) bool {
			if l.test(e) {
				answer = say(e, i)
				return false
			}
			return true
		})
		return answer
	}
}

// loopOf returns what a function says when of so many values so many held: the
// answer, and whether further values could not change it.
func loopOf(name string) (func(held, looked int, end bool) (decided, holds bool), bool) {
	switch name {
	case "any":
		return func(held, _ int, end bool) (bool, bool) { return held > 0 || end, held > 0 }, true
	case "none":
		return func(held, _ int, end bool) (bool, bool) { return held > 0 || end, held == 0 }, true
	case "all":
		return func(held, looked int, end bool) (bool, bool) { return held < looked || end, held == looked }, true
	case "one":
		return func(held, _ int, end bool) (bool, bool) { return end, held == 1 }, true
	}
	return nil, false
}
