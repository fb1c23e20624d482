package sandbox

import (
	"strings"
	"time"
)

// The nodes of a search expression.
type (
	expr interface{}

	everything struct{}
	allOf      []expr
	anyOf      []expr
	negation   struct{ of expr }
	comparison struct{ field, op, value string }
	term       struct {
		text      string
		sensitive bool // to upper and lower case
	}
	// A bound is earliest=, latest=, _index_earliest= or _index_latest=.
	bound struct {
		field string
		at    time.Time
	}
)

const maxExprDepth = 100

// An exprParser reads the arguments of the command search. In it OR binds more
// tightly than AND, which needs not be written.
type exprParser struct {
	tokens []token
	pos    int
	depth  int
	now    time.Time
}

func parseExpr(args string, now time.Time) (expr, error) {
	p := exprParser{tokens: tokenize(args), now: now}
	if len(p.tokens) == 0 {
		return everything{}, nil
	}
	e, err := p.all()
	if err == nil && p.pos < len(p.tokens) {
		err = errParens
	}
	return e, err
}

const errParens = splError("Error in 'search' command: Unable to parse the search: unbalanced parentheses.")

func (p *exprParser) at(kind tokenKind, text string) bool {
	return p.ahead(0, kind) && (text == "" || p.tokens[p.pos].text == text)
}

func (p *exprParser) ahead(n int, kind tokenKind) bool {
	return p.pos+n < len(p.tokens) && p.tokens[p.pos+n].kind == kind
}

func (p *exprParser) all() (expr, error) {
	if p.depth++; p.depth > maxExprDepth {
		return nil, splErrorf("Error in 'search' command: Unable to parse the search: nested more than %d deep.", maxExprDepth)
	}
	defer func() { p.depth-- }()
	var list allOf
	for p.pos < len(p.tokens) && !p.at(closeToken, "") {
		switch {
		case p.at(commaToken, ""):
			p.pos++
			continue
		case p.at(wordToken, "AND") && len(list) > 0 && p.pos+1 < len(p.tokens):
			p.pos++
		}
		e, err := p.any()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	switch len(list) {
	case 0:
		return nil, splError("Error in 'search' command: Unable to parse the search: there is nothing between the parentheses.")
	case 1:
		return list[0], nil
	}
	return list, nil
}

func (p *exprParser) any() (expr, error) {
	e, err := p.one()
	if err != nil || !p.at(wordToken, "OR") {
		return e, err
	}
	list := anyOf{e}
	for p.at(wordToken, "OR") {
		p.pos++
		e, err := p.one()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (p *exprParser) one() (expr, error) {
	negated := false
	for p.at(wordToken, "NOT") {
		p.pos++
		negated = !negated
	}
	e, err := p.plain()
	if err == nil && negated {
		e = negation{e}
	}
	return e, err
}

func (p *exprParser) plain() (expr, error) {
	switch {
	case p.pos >= len(p.tokens), p.at(closeToken, ""), p.at(wordToken, "OR"), p.at(wordToken, "AND"):
		return nil, splError("Error in 'search' command: Unable to parse the search: an operand of AND, OR or NOT is missing.")
	case p.at(openToken, ""):
		p.pos++
		e, err := p.all()
		if err == nil && !p.at(closeToken, "") {
			err = errParens
		}
		p.pos++
		return e, err
	case p.at(compareToken, ""):
		return nil, splErrorf("Error in 'search' command: Unable to parse the search: Comparator '%s' is missing a term on the left hand side.", p.tokens[p.pos].text)
	case p.ahead(1, compareToken):
		return p.comparison()
	case p.ahead(1, wordToken) && p.tokens[p.pos+1].text == "IN" && p.ahead(2, openToken):
		return p.in()
	case p.at(wordToken, "TERM") && p.ahead(1, openToken), p.at(wordToken, "CASE") && p.ahead(1, openToken):
		return p.directive()
	}
	t := p.next()
	return term{text: unescape(t.text)}, nil
}

func (p *exprParser) next() token {
	p.pos++
	return p.tokens[p.pos-1]
}

func (p *exprParser) isValue() bool { return p.at(wordToken, "") || p.at(stringToken, "") }

func (p *exprParser) comparison() (expr, error) {
	name, op := unescape(p.next().text), p.next().text
	if !p.isValue() {
		return nil, splErrorf("Error in 'search' command: Unable to parse the search: Comparator '%s' is missing a term on the right hand side.", op)
	}
	value := unescape(p.next().text)
	switch name {
	case "earliest", "latest", "_index_earliest", "_index_latest":
		t, err := parseInstant(value, p.now)
		if err != nil || op != "=" {
			return nil, splErrorf("Invalid value \"%s\" for time term '%s'", value, name)
		}
		return bound{name, t}, nil
	}
	if op == "==" {
		op = "="
	}
	return comparison{name, op, value}, nil
}

func (p *exprParser) in() (expr, error) {
	name := unescape(p.next().text)
	p.pos += 2
	var list anyOf
	for !p.at(closeToken, "") {
		switch {
		case p.at(commaToken, ""):
			p.pos++
		case p.isValue():
			list = append(list, comparison{name, "=", unescape(p.next().text)})
		default:
			return nil, errParens
		}
	}
	p.pos++
	if len(list) == 0 {
		return nil, splErrorf("Error in 'search' command: Unable to parse the search: the list behind '%s IN' is empty.", name)
	}
	return list, nil
}

// directive reads TERM(x) and CASE(x).
func (p *exprParser) directive() (expr, error) {
	sensitive := p.next().text == "CASE"
	p.pos++
	var words []string
	for p.isValue() {
		words = append(words, unescape(p.next().text))
	}
	if !p.at(closeToken, "") || len(words) == 0 {
		return nil, errParens
	}
	p.pos++
	return term{strings.Join(words, " "), sensitive}, nil
}
