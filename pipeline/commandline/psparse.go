package commandline

import (
	"slices"
	"strings"
)

// A node is an expression that was read: a constant, if ok.
type node struct {
	value
	ok       bool
	changed  bool // the constant is not written as it is
	own      bool // it is a variable that the script set
	paren    bool
	from, to int // lexemes
	how      TechniqueSet
}

// An edit puts a text in the place of a part of the script.
type edit struct {
	from, to int
	with     string
}

// psLayers is how often the result of undoing is undone again: what
// Invoke-Expression is given is a script once more.
const psLayers = 5

// undoPowerShell computes the constant expressions of a script and takes out
// the backticks.
func (a *Analyzer) undoPowerShell(text string) string {
	a.pointOut(text)
	for range psLayers {
		if !strings.ContainsAny(text, "'\"`") && !strings.Contains(text, "[") && !strings.Contains(text, "$") || !a.spend(len(text)) {
			return text
		}
		p := psParser{a: a, text: text, lexemes: a.lex(text), edits: a.edits[:0]}
		for p.at < len(p.lexemes) && a.work > 0 {
			p.statement()
		}
		if p.deep {
			a.cut.depth++
		}
		a.edits = p.edits
		if len(p.edits) == 0 {
			return text
		}
		text = p.apply()
	}
	return text
}

// pointOut notes what package unpack undoes.
func (a *Analyzer) pointOut(text string) {
	if indexFoldWord(text, "frombase64string") {
		a.note(Base64)
	}
}

// indexFoldWord reports whether a lower-case word stands in s, in any case.
func indexFoldWord(s, word string) bool {
	for at := 0; at+len(word) <= len(s); {
		i := strings.IndexAny(s[at:], string([]byte{word[0], word[0] - 'a' + 'A'}))
		if i < 0 {
			return false
		}
		if at += i; hasPrefixFold(s[at:], word) {
			return true
		}
		at++
	}
	return false
}

// A psParser reads a script from the first lexeme to the last, once. What it
// does not understand it leaves as it stands.
type psParser struct {
	a       *Analyzer
	text    string
	lexemes []lexeme
	at      int
	depth   int
	quiet   bool // no edits
	item    value
	inBlock bool // $_ is item
	deep    bool
	ofs     *string // see separator
	open    []bool  // the brackets that are open: whether they hold the arguments of a method
	edits   []edit
}

// inCall reports whether the bracket that is open holds arguments.
func (p *psParser) inCall() bool { return len(p.open) > 0 && p.open[len(p.open)-1] }

// close leaves a bracket.
func (p *psParser) close() {
	if len(p.open) > 0 {
		p.open = p.open[:len(p.open)-1]
	}
}

// apply makes the edits.
func (p *psParser) apply() string {
	slices.SortStableFunc(p.edits, func(x, y edit) int { return x.from - y.from })
	out, copied := make([]byte, 0, len(p.text)), 0
	for _, e := range p.edits {
		if e.from < copied {
			continue
		}
		out = append(append(out, p.text[copied:e.from]...), e.with...)
		copied = e.to
	}
	return string(append(out, p.text[copied:]...))
}

// statement reads an expression, or one lexeme that begins none.
func (p *psParser) statement() {
	start := p.at
	l := p.lexemes[start]
	if l.kind == lexVariable && p.assignment(l) {
		return
	}
	if l.kind == lexWord && l.ticks {
		p.edit(l.from, l.to, strings.ReplaceAll(p.text[l.from:l.to], "`", ""), Backtick)
	}
	switch {
	case l.kind == lexWord || l.kind == lexBlank || l.kind == lexNumber, l.kind == lexDash && p.behindValue():
		p.at++
		return
	}
	n := p.pipeline()
	if p.at == start {
		if l.kind == lexOp && l.value == ")" {
			p.close()
		}
		p.at++
		return
	}
	p.flush(n)
}

// behindValue reports whether what is here stands between two values: the one
// before it is not constant, or it would have been read with it.
func (p *psParser) behindValue() bool {
	at := p.at - 1
	for at >= 0 && p.lexemes[at].kind == lexBlank {
		at--
	}
	if at < 0 {
		return false
	}
	l := p.lexemes[at]
	return l.kind == lexString || l.kind == lexOpen || l.kind == lexNumber || l.kind == lexVariable ||
		l.kind == lexOp && (l.value == ")" || l.value == "]" || l.value == "}")
}

// assignment reads $name = expression, and remembers a constant.
func (p *psParser) assignment(l lexeme) bool {
	at := p.skip(p.at + 1)
	if at >= len(p.lexemes) || p.lexemes[at].value != "=" && p.lexemes[at].value != "+=" || p.lexemes[at].kind != lexOp {
		return false
	}
	plain := p.lexemes[at].value == "="
	p.at = p.skip(at + 1)
	if p.at >= len(p.lexemes) {
		return true
	}
	n := p.pipeline()
	p.flush(n)
	name := "$" + l.value // cmd.exe's variables are in the map as well
	switch {
	case n.ok && plain && n.kind == valString && len(n.s) <= longestValue:
		p.a.vars[name] = n.s
	case n.ok && !plain && n.kind == valString && len(p.a.vars[name])+len(n.s) <= longestValue && p.a.spend(longestValue):
		p.a.vars[name] += n.s
	default:
		delete(p.a.vars, name)
	}
	return true
}

// skip returns the place of the next lexeme that is no blank.
func (p *psParser) skip(at int) int {
	for at < len(p.lexemes) && p.lexemes[at].kind == lexBlank {
		at++
	}
	return at
}

func (p *psParser) is(at int, kind lexKind, values ...string) bool {
	return at >= 0 && at < len(p.lexemes) && p.lexemes[at].kind == kind && slices.Contains(values, p.lexemes[at].value)
}

// edit replaces a part of the text, for the reason of a technique.
func (p *psParser) edit(from, to int, with string, why Technique) {
	if p.quiet || !p.a.spend(len(with)) {
		return
	}
	p.edits = append(p.edits, edit{from, to, with})
	p.a.note(why)
}

// binary are the operators between two values, by how tightly they bind.
var binary = map[string]int{
	",": 6, "..": 5, "-f": 4, "*": 3, "+": 2, "-": 2,
	"-join": 1, "-split": 1, "-csplit": 1, "-isplit": 1, "-replace": 1, "-creplace": 1, "-ireplace": 1, "-as": 1, "-bxor": 1,
}

// dashed are the operators that begin with a dash, by what is behind it: put
// together once, for they are looked for behind every value.
var dashed = map[string]string{
	"f": "-f", "join": "-join", "split": "-split", "csplit": "-csplit", "isplit": "-isplit", "replace": "-replace", "creplace": "-creplace",
	"ireplace": "-ireplace", "as": "-as", "bxor": "-bxor",
}

// operator returns the binary operator behind blanks, and its place.
func (p *psParser) operator() (op string, binds, at int) {
	at = p.skip(p.at)
	if at >= len(p.lexemes) {
		return "", 0, at
	}
	switch l := p.lexemes[at]; l.kind {
	case lexOp:
		if op = l.value; op == "," && p.inCall() {
			return "", 0, at // stands between arguments
		}
	case lexDash:
		op = dashed[l.value]
	}
	if op == "" || op == ")" { // behind most values
		return op, 0, at
	}
	return op, binary[op], at
}

// expression reads values and operators that bind at least as tightly as least.
func (p *psParser) expression(least int) node {
	left := p.unary()
	for left.ok {
		op, binds, at := p.operator()
		if binds == 0 || binds < least {
			return left
		}
		p.at = p.skip(at + 1)
		switch op {
		case "+":
			left = p.sum(left)
		case ",":
			left = p.list(left)
		case "-as":
			left = p.as(left)
		default:
			right := p.expression(binds + 1)
			if !right.ok {
				p.flush(left)
				return node{}
			}
			left = p.combine(op, left, right)
		}
	}
	return left
}

// sum adds up what follows the first plus; a long sum is put together in one
// piece of memory.
func (p *psParser) sum(left node) node {
	joined := left.kind == valString
	buf := []byte(left.s)
	for {
		right := p.expression(binary["+"] + 1)
		if right.ok && left.kind == valList && p.a.spend(right.size()) {
			left.list = append(left.list, right.members()...)
		} else if !right.ok || !joined && right.kind != valNumber || !p.a.spend(right.size()) {
			if joined {
				left.s = string(buf)
			}
			p.flush(left)
			p.flush(right)
			return node{}
		}
		left.to, left.changed, left.paren = right.to, true, false
		left.how |= right.how | 1<<Concat
		switch {
		case joined:
			buf = append(buf, right.text(" ")...)
		case left.kind == valNumber:
			left.n += right.n
		}
		op, _, at := p.operator()
		if op != "+" {
			break
		}
		p.at = p.skip(at + 1)
	}
	if joined {
		left.s = string(buf)
	}
	return left
}

// keptMembers is how many members of lists an analyzer keeps room for.
const keptMembers = 1 << 15

// list reads the further members of a list. Lists in lists keep their members
// behind those of the list around them.
func (p *psParser) list(left node) node {
	base := len(p.a.members)
	p.a.members = append(p.a.members, left)
	ok := true
	for more := true; ok && more; {
		right := p.expression(binary[","] + 1)
		p.a.members = append(p.a.members, right)
		op, _, at := p.operator()
		if ok, more = right.ok, op == ","; ok && more {
			p.at = p.skip(at + 1)
		}
	}
	members := p.a.members[base:]
	all := node{}
	if ok {
		all = listOf(members)
	} else {
		p.flushAll(members)
	}
	clear(members)
	if p.a.members = p.a.members[:base]; base == 0 && cap(p.a.members) > keptMembers {
		p.a.members = nil
	}
	return all
}

func listOf(members []node) node {
	all := node{ok: true, from: members[0].from, to: members[len(members)-1].to, value: value{kind: valList, list: make([]value, len(members))}}
	for i, m := range members {
		all.list[i] = m.value
		all.how |= m.how
		all.changed = all.changed || m.changed
	}
	return all
}
