package expression

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	exprcompiler "github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/huntd/huntd/pipeline"
)

const (
	maxSource = 64 << 10 // bytes: the parser goes as deep as brackets do
	maxNodes  = 8 << 10  // of the tree; chained comparisons count twice
)

// A compiler turns one expression into an evaluator.
type compiler struct {
	e         *Evaluator
	dict      *pipeline.Dict
	slots     map[string]int // places of fields in the evaluator
	config    *conf.Config   // holds the functions that the machine may call
	variables []string       // in scope, by let
	loops     []string       // functions whose predicate is being rewritten
	nodes     int
	slow      bool // no closures: tests compare the two ways

	scopes     []string // what closures know by name, "" being a loop's #
	mostScopes int
	tried      int               // parts that were looked at for a closure
	noClosure  map[ast.Node]bool // parts for which there is none
	noTest     map[ast.Node]bool // the same of closures of conditions
}

func compile(source string, dict *pipeline.Dict, condition, slow bool) (*Evaluator, error) {
	e := &Evaluator{source: source, patterns: map[string]*regexp.Regexp{}}
	c := &compiler{e: e, dict: dict, slots: map[string]int{}, noClosure: map[ast.Node]bool{}, noTest: map[ast.Node]bool{}, config: conf.CreateNew(), slow: slow}
	err := c.compile(condition)
	var m *mistake
	if errors.As(err, &m) {
		return nil, m.in(source)
	}
	if err != nil {
		return nil, fmt.Errorf("expression %s: %w", quoted(source), err)
	}
	return e, nil
}

func (c *compiler) compile(condition bool) error {
	if n := len(c.e.source); n > maxSource {
		return fmt.Errorf("%d bytes long: %d are the most", n, maxSource)
	}
	tree, err := parser.Parse(c.e.source)
	if err != nil {
		return parseMistake(c.e.source, err)
	}
	if condition {
		err = c.asTest(tree.Node)
	} else {
		err = c.result(tree.Node)
	}
	c.e.scoped = make([]operand, c.mostScopes)
	return err
}

// asTest compiles an expression that is true or false.
func (c *compiler) asTest(n ast.Node) (err error) {
	c.e.test, err = c.test(n)
	c.e.value = func(e *Evaluator) operand { return boolOperand(e.test(e)) }
	return err
}

// result compiles an expression of any kind.
func (c *compiler) result(n ast.Node) error {
	node, gives, err := c.rewrite(n)
	if err != nil {
		return err
	}
	if gives == kindBool {
		c.nodes = 0
		return c.asTest(n)
	}
	if c.e.value = c.term(n); c.e.value == nil {
		run, err := c.program(node)
		if err != nil {
			return err
		}
		c.e.value = func(e *Evaluator) operand { return operandOf(run(e)) }
	}
	c.e.test = func(e *Evaluator) bool {
		v := e.value(e)
		holds, ok := v.other.(bool)
		if !ok {
			e.fail(&mistake{at: n.Location(), message: neither(v.boxed())})
		}
		return holds
	}
	return nil
}

// neither says of a result in the place of a condition that it is none.
func neither(v any) string { return describe(v) + " is neither true nor false" }

// program compiles a rewritten tree for the machine.
func (c *compiler) program(n ast.Node) (func(e *Evaluator) any, error) {
	program, err := exprcompiler.Compile(&parser.Tree{Node: n, Source: file.NewSource(c.e.source)}, c.config)
	if err != nil {
		return nil, err
	}
	return func(e *Evaluator) any { return e.run(program) }, nil
}

// call is a node that calls f, under a name that no other function has.
func (c *compiler) call(name string, at ast.Node, f func(args []any) (any, error), args ...ast.Node) ast.Node {
	c.config.Functions[name] = &builtin.Function{Name: name, Func: func(args ...any) (any, error) { return f(args) }}
	callee := &ast.IdentifierNode{Value: name}
	node := &ast.CallNode{Callee: callee, Arguments: args}
	callee.SetLocation(at.Location())
	node.SetLocation(at.Location())
	return node
}

// callOnce is call for a function that no other place in the expression calls.
func (c *compiler) callOnce(name string, at ast.Node, f func(args []any) (any, error), args ...ast.Node) ast.Node {
	return c.call(fmt.Sprintf("%s %d", name, len(c.config.Functions)), at, f, args...)
}

// boolean tells expr's compiler that a node gives true or false.
func boolean(n ast.Node) ast.Node {
	n.SetType(reflect.TypeFor[bool]())
	return n
}

// slot returns the place of a field in the evaluator.
func (c *compiler) slot(name string) int {
	at, ok := c.slots[name]
	if !ok {
		at = len(c.e.fields)
		c.slots[name] = at
		c.e.fields = append(c.e.fields, field{key: c.dict.Key(name)})
	}
	return at
}

// fieldOf returns the name of the field that a node reads, if it reads one.
func (c *compiler) fieldOf(n ast.Node) (name string, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, n.Value != "$env" && !slices.Contains(c.variables, n.Value)
	case *ast.ChainNode:
		return c.fieldOf(n.Node)
	case *ast.MemberNode:
		property, isText := n.Property.(*ast.StringNode)
		if !isText {
			return "", false
		}
		if c.isEnv(n.Node) {
			return property.Value, true
		}
		if !dotted(n) {
			return "", false
		}
		if base, ok := c.fieldOf(n.Node); ok {
			return base + "." + property.Value, true
		}
	}
	return "", false
}

// isEnv reports whether a node is $env, the record.
func (c *compiler) isEnv(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == "$env" && !slices.Contains(c.variables, id.Value)
}

// dotted tells a.b from a["b"], which the parser makes the same node of: the
// place of the first is that of its name, of the second that of its bracket.
func dotted(n *ast.MemberNode) bool { return n.Location() == n.Property.Location() }
