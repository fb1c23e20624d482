package expression

import "github.com/expr-lang/expr/ast"

// The functions cidr, glob and has are made ready when compiling: networks and
// patterns must be written out, so that a mistake in one shows before the hunt
// runs, and so that a record cannot bring a pattern of its own.
func isSpecial(name string) bool {
	return name == "cidr" || name == "in_cidr" || name == "glob" || name == "has"
}

// fastCall is the closure of a function of a field that gives true or false,
// else nil.
func (c *compiler) fastCall(n ast.Node, name string, args []ast.Node) (test, error) {
	if name == "has" {
		return c.hasTest(n, args)
	}
	if hasPredicate(args) {
		return c.loopTest(n, name, args)
	}
	match, err := c.callMatcher(n, name, args)
	if match == nil || err != nil {
		return nil, err
	}
	return c.eachTest(n, args[0], match, func(s scalar) bool { return match(s.written().text) }), nil
}

// callMatcher returns the test of the first argument's texts, or nil.
func (c *compiler) callMatcher(n ast.Node, name string, args []ast.Node) (func(string) bool, error) {
	if isSpecial(name) {
		return patternMatcher(n, name, args)
	}
	operator, ok := affixOperator(name)
	if !ok || len(args) != 2 {
		return nil, nil
	}
	values, ok := constants(args[1])
	if !ok {
		return nil, nil
	}
	return matcher(operator, values)
}

// affixOperator is the operator that a function is another name of.
func affixOperator(name string) (operator string, ok bool) {
	switch name {
	case "hasPrefix":
		return "startsWith", true
	case "hasSuffix":
		return "endsWith", true
	}
	return "", false
}

// patternMatcher is callMatcher for cidr and glob.
func patternMatcher(n ast.Node, name string, args []ast.Node) (func(string) bool, error) {
	what, example := "networks", `cidr(dest_ip, "10.0.0.0/8", "fc00::/7")`
	if name == "glob" {
		what, example = "patterns", `glob(Image, "*\\powershell.exe", "*\\pwsh.exe")`
	}
	if len(args) < 2 {
		return nil, mistakeAt(n, "%s takes a field and one or more %s, as in %s", name, what, example)
	}
	var texts []string
	for _, arg := range args[1:] {
		values, ok := constants(arg)
		if !ok {
			return nil, mistakeAt(arg, "the %s of %s are written out in quotes, as in %s", what, name, example)
		}
		texts = append(texts, textsOf(values)...)
	}
	if name == "glob" {
		return globber(texts), nil
	}
	nets, err := parseNets(texts)
	if err != nil {
		return nil, &mistake{at: args[1].Location(), cause: err}
	}
	return inNets(nets), nil
}

// hasTest is the closure of has: whether the record has a field, be it empty.
func (c *compiler) hasTest(n ast.Node, args []ast.Node) (test, error) {
	if len(args) != 1 {
		return nil, mistakeAt(n, "has takes 1 argument, a field, not %d", len(args))
	}
	name, ok := c.fieldOf(args[0])
	if !ok {
		return nil, mistakeAt(args[0], `has takes a field, as in has(user) or has($env["odd name"])`)
	}
	at := c.slot(name)
	return func(e *Evaluator) bool { return e.values(at).Len() > 0 }, nil
}

// rewriteSpecial is rewriteCall for cidr, glob and has.
func (c *compiler) rewriteSpecial(n ast.Node, name string, args []ast.Node) (ast.Node, kind, error) {
	if name == "has" {
		holds, err := c.hasTest(n, args)
		if err != nil {
			return nil, kindAny, err
		}
		return c.closure(n, holds), kindBool, nil
	}
	match, err := patternMatcher(n, name, args)
	if err != nil {
		return nil, kindAny, err
	}
	of, _, err := c.rewrite(args[0])
	if err != nil {
		return nil, kindAny, err
	}
	return boolean(c.callOnce(name, n, c.matching(match), of)), kindBool, nil
}

// matching is the machine's function of a test of texts.
func (c *compiler) matching(match func(string) bool) func(args []any) (any, error) {
	e := c.e
	return func(args []any) (any, error) {
		if err := e.charge(costs(args)); err != nil {
			return nil, err
		}
		return anyMatch(args[0], match), nil
	}
}

// closure is the node by which the machine asks a closure.
func (c *compiler) closure(at ast.Node, holds test) ast.Node {
	e := c.e
	return boolean(c.callOnce("closure", at, func([]any) (any, error) { return holds(e), nil }))
}
