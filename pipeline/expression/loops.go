package expression

import "github.com/expr-lang/expr/ast"

// loopTest is the closure of any, all, none and one, else nil.
func (c *compiler) loopTest(n ast.Node, name string, args []ast.Node) (test, error) {
	count, ok := loopOf(name)
	if !ok || len(args) != 2 {
		return nil, nil
	}
	predicate, ok := args[1].(*ast.PredicateNode)
	over := c.term(args[0])
	if !ok || over == nil {
		return nil, nil
	}
	var body test
	var err error
	slot := c.enter("", func() { body, err = c.fast(predicate.Node) })
	if body == nil || err != nil {
		return nil, err
	}
	at := n.Location()
	return func(e *Evaluator) bool {
		v := over(e)
		if err := e.charge(2 * v.cost()); err != nil {
			e.fail(&mistake{at: at, cause: err})
			return false
		}
		held, all := 0, v.size()
		if !v.isList() && v.isEmpty() {
			all = 0
		}
		for i := range all {
			e.scoped[slot] = v.value(i)
			if body(e) {
				held++
			}
			if e.err != nil {
				return false
			}
			if decided, holds := count(held, i+1, false); decided {
				return holds
			}
		}
		_, holds := count(held, all, true)
		return holds
	}, nil
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
