package commandline

import "strings"

// longestBlock is how many lexemes a block may have that is applied to every
// member of a list.
const longestBlock = 40

// pipeline reads an expression, and the blocks that its members are sent
// through.
func (p *psParser) pipeline() node {
	n := p.expression(0)
	for n.ok {
		bar := p.skip(p.at)
		each := p.skip(bar + 1)
		if p.is(each, lexOp, "%") && p.is(each+1, lexOp, "%") {
			each++ // from a batch file
		}
		open := p.skip(each + 1)
		if !p.is(bar, lexOp, "|") || !(p.is(each, lexOp, "%") || p.is(each, lexWord, "foreach-object", "foreach", "%")) || !p.is(open, lexOp, "{") {
			return n
		}
		end := p.blockEnd(open)
		if end < 0 {
			return n
		}
		v, ok := p.each(n.value, open+1, end)
		if !ok {
			return n
		}
		p.at = end + 1
		n = p.made(n, n.from, v, CharCode)
	}
	return n
}

// blockEnd returns where a short block closes, or -1.
func (p *psParser) blockEnd(open int) int {
	depth := 0
	for at := open; at < min(len(p.lexemes), open+longestBlock); at++ {
		if l := p.lexemes[at]; l.kind == lexOp {
			switch l.value {
			case "{":
				depth++
			case "}":
				if depth--; depth == 0 {
					return at
				}
			}
		}
	}
	return -1
}

// each computes a block for every member, which is $_ in it.
func (p *psParser) each(v value, from, to int) (value, bool) {
	if p.inBlock {
		return value{}, false
	}
	sub := psParser{a: p.a, text: p.text, lexemes: p.lexemes[:to], depth: p.depth, quiet: true, inBlock: true}
	out := value{kind: valList, list: make([]value, 0, len(v.members()))}
	for _, m := range v.members() {
		if !p.a.spend(to - from) {
			return value{}, false
		}
		sub.item, sub.at = m, sub.skip(from)
		n := sub.expression(0)
		if !n.ok || sub.skip(sub.at) != to {
			return value{}, false
		}
		out.list = append(out.list, n.value)
	}
	return out, true
}

// flush writes a constant into the script where it is not written as it is.
func (p *psParser) flush(n node) {
	if !n.ok || p.quiet || n.from >= n.to || n.isNumbers() {
		return
	}
	called, script := p.called(n), p.script(n)
	if !n.changed && !(n.own && (called || script)) && !(script && strings.ContainsAny(n.s, "'`")) {
		return
	}
	var with []byte
	switch {
	case n.kind == valString && (script || called && isName(n.s)):
		if l := p.lexemes[n.from]; l.from > 0 && isWord(p.text[l.from-1]) {
			with = append(with, ' ')
		}
		with = append(with, n.s...)
	case n.paren:
		with = append(n.appendLiteral(append(with, '(')), ')')
	default:
		with = n.appendLiteral(with)
	}
	from, to := p.lexemes[n.from].from, p.lexemes[n.to-1].to
	if p.text[from:to] == string(with) || !p.a.spend(len(with)) {
		return
	}
	p.edits = append(p.edits, edit{from, to, string(with)})
	for t := range n.how.All {
		p.a.note(t)
	}
}

// isName reports whether s can be the name of a command or a member.
func isName(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '-' && s[i] != '.' {
			return false
		}
	}
	return s != ""
}

// called reports whether a node names what is called: it stands behind & or a
// dot.
func (p *psParser) called(n node) bool {
	at := n.from - 1
	for at >= 0 && p.lexemes[at].kind == lexBlank {
		at--
	}
	return at >= 0 && p.lexemes[at].kind == lexOp && (p.lexemes[at].value == "&" || p.lexemes[at].value == "." || p.lexemes[at].value == "::")
}

// script reports whether a node is given to Invoke-Expression and looks like
// more than a word.
func (p *psParser) script(n node) bool {
	if n.kind != valString || !strings.ContainsAny(n.s, " ;(|$") {
		return false
	}
	at := n.from - 1
	for at >= 0 && p.lexemes[at].kind == lexBlank {
		at--
	}
	if at >= 0 && p.lexemes[at].kind == lexWord && isInvoke(p.lexemes[at].value) {
		return true
	}
	bar := p.skip(n.to)
	next := p.skip(bar + 1)
	if p.is(next, lexOp, "&", ".") {
		next = p.skip(next + 1)
	}
	return p.is(bar, lexOp, "|") && next < len(p.lexemes) && isInvoke(p.lexemes[next].value)
}

func isInvoke(name string) bool { return name == "iex" || name == "invoke-expression" }
