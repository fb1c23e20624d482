package unpack

import "strings"

// An expression is a value that a script puts together of constants: literals
// and characters joined by +, & or a dot, or a list of them.
type expression struct {
	text   string
	start  int
	p      int // how far it was read
	open   int // brackets that were opened and not closed since start
	terms  []term
	comma  bool // the terms are a list
	coded  int  // how many terms are characters given by their numbers
	letter bool // one of these is a letter or a digit
	filled bool // one of the terms is a format with its arguments
	spaced bool // the list was joined with something between

	side []byte // what formats were filled to
	most int    // how long that may be; 0 if formats are not filled
	cut  bool   // it would have been longer
}

// read reads terms and the operators between them, and reports whether there
// is any. It ends behind the last term.
func (e *expression) read() bool {
	if !e.term() {
		return false
	}
	for {
		before := e.p
		op := e.operator()
		switch {
		case op == 0, len(e.terms) > 1 && e.comma != (op == ','):
			e.p = before
			return true
		}
		if !e.term() {
			e.p = before
			return true
		}
		e.comma = op == ','
	}
}

// operator moves behind the next operator and returns it, 0 if there is none.
func (e *expression) operator() byte {
	p := e.behind()
	if p == len(e.text) {
		return 0
	}
	op := e.text[p]
	switch op {
	case '+', '&', ',':
	case '.':
		if p != e.p { // a dot between sentences
			return 0
		}
	default:
		return 0
	}
	e.open -= strings.Count(e.text[e.p:p], ")")
	e.p = e.skip(p+1, '(')
	e.open += strings.Count(e.text[p:e.p], "(")
	return op
}

// behind returns where the blanks and the closing brackets end that follow the
// last term: those that the expression opened, and those that group it. One that
// ends the arguments of a call ends the expression.
func (e *expression) behind() int {
	end := e.skip(e.p, ')')
	closed := strings.Count(e.text[e.p:end], ")") - max(e.open, 0)
	before := e.start
	for ; closed > 0; closed-- {
		for before > 0 && (is(e.text[before-1], blank) || e.text[before-1] == '@') {
			before--
		}
		if before == 0 || e.text[before-1] != '(' {
			break
		}
		before--
		if before > 0 && (is(e.text[before-1], alnum) || e.text[before-1] == '_') {
			if !endsFold(e.text[:before], "join") {
				break
			}
		}
	}
	if closed <= 0 {
		return end
	}
	for i := end; ; i-- {
		if e.text[i-1] == ')' {
			if closed--; closed == 0 {
				return i - 1
			}
		}
	}
}

// skip returns where the blanks, the brackets of one kind, and the marks of a
// line that goes on end which begin at text[p].
func (e *expression) skip(p int, bracket byte) int {
	for p < len(e.text) {
		switch b := e.text[p]; {
		case is(b, blank), b == bracket:
		case (b == '_' || b == '`' || b == '\\') && p+1 < len(e.text) && (e.text[p+1] == '\r' || e.text[p+1] == '\n'):
		default:
			return p
		}
		p++
	}
	return p
}

// arguments returns an expression that reads from text[p] on, behind blanks and
// opening brackets; method is set if one of them was read before.
func (e *expression) arguments(p int, method bool) expression {
	args := expression{text: e.text, p: e.skip(p, '(')}
	args.open = strings.Count(e.text[p:args.p], "(")
	if method {
		args.open++
	}
	args.start = args.p
	return args
}

// closed returns where the brackets end that were opened before the arguments.
func (e *expression) closed() int {
	end := e.p
	for i := e.p; i < len(e.text) && e.open > 0 && (is(e.text[i], blank) || e.text[i] == ')'); i++ {
		if e.text[i] == ')' {
			e.open--
			end = i + 1
		}
	}
	return end
}

// cutsWords reports whether literals are joined inside of a word, as those are
// that hide it rather than continue a line.
func (e *expression) cutsWords() bool {
	for i := 1; i < len(e.terms); i++ {
		a, b := e.terms[i-1], e.terms[i]
		if a.isChar || b.isChar || a.filled || b.filled || a.start == a.end || b.start == b.end {
			continue
		}
		if is(e.text[a.end-1], alnum) && is(e.text[b.start], alnum) {
			return true
		}
	}
	return false
}
