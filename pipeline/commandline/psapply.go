package commandline

import (
	"regexp/syntax"
	"strconv"
	"strings"
)

// most is how long a list made of a few characters may be.
const most = 1 << 16

// combine applies a binary operator to constants.
func (p *psParser) combine(op string, left, right node) node {
	v, why, ok := p.compute(op, left.value, right.value)
	if !ok || !p.a.spend(v.size()+left.size()) {
		p.flush(left)
		p.flush(right)
		return node{}
	}
	return node{value: v, ok: true, changed: true, from: left.from, to: right.to, how: left.how | right.how | 1<<why}
}

func (p *psParser) compute(op string, left, right value) (value, Technique, bool) {
	x, xok := left.number()
	y, yok := right.number()
	switch op {
	case "-f":
		v, ok := p.format(left.text(" "), right.members())
		return v, Format, ok
	case "..":
		v, ok := between(x, y)
		return v, Join, ok && xok && yok
	case "*":
		if left.kind == valString && right.kind == valNumber && y >= 0 && y*len(left.s) <= most && p.a.spend(y*len(left.s)) {
			return stringValue(strings.Repeat(left.s, y)), Concat, true
		}
		return value{kind: valNumber, n: x * y}, Concat, left.kind == valNumber && yok && x*y < most && x*y > -most
	case "-":
		return value{kind: valNumber, n: x - y}, CharCode, left.kind == valNumber && yok
	case "-bxor":
		return value{kind: valNumber, n: x ^ y}, CharCode, xok && yok
	case "-join":
		return stringValue(left.text(right.text(" "))), Join, true
	case "-split", "-csplit", "-isplit":
		v, ok := p.split(left, right.members()[0].text(" "))
		return v, Join, ok
	case "-replace", "-creplace", "-ireplace":
		v, ok := p.replace(left, right.members(), op != "-creplace")
		return v, Replace, ok
	}
	return value{}, 0, false
}

func between(x, y int) (value, bool) {
	if max(x-y, y-x) >= most {
		return value{}, false
	}
	v := value{kind: valList}
	for step := 1; ; x += step {
		if y < x {
			step = -1
		}
		if v.list = append(v.list, value{kind: valNumber, n: x}); x == y {
			return v, true
		}
	}
}

// as reads the type behind -as, in brackets or quotes, and casts to it.
func (p *psParser) as(left node) node {
	if p.at >= len(p.lexemes) || p.lexemes[p.at].kind != lexType && p.lexemes[p.at].kind != lexString {
		p.flush(left)
		return node{}
	}
	to := typeName(strings.Trim(p.lexemes[p.at].value, "[]"))
	p.at++
	v, ok := p.cast(to, left.value)
	if !ok || !p.a.spend(v.size()) {
		p.flush(left)
		return node{}
	}
	return p.made(left, left.from, v, CharCode)
}

// format is the operator -f, for members without a layout of their own.
func (p *psParser) format(layout string, args []value) (value, bool) {
	var b []byte
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(layout) && layout[i+1] == c:
			i++
			b = append(b, c)
		case c == '{':
			end := strings.IndexByte(layout[i:min(len(layout), i+16)], '}')
			if end < 0 {
				return value{}, false
			}
			number, _, _ := strings.Cut(layout[i+1:i+end], ":")
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil || n < 0 || n >= len(args) {
				return value{}, false
			}
			arg := args[n].text(" ")
			if !p.a.spend(len(arg)) {
				return value{}, false
			}
			b = append(b, arg...)
			i += end
		default:
			b = append(b, c)
		}
	}
	return stringValue(string(b)), true
}

// literal returns the one string that a regular expression stands for, if it
// stands for one.
func literal(pattern string) (string, bool) {
	if pattern == "" || len(pattern) > longestName {
		return "", false
	}
	if !strings.ContainsAny(pattern, `\.+*?()|[]{}^$`) {
		return pattern, true
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || re.Op != syntax.OpLiteral || re.Flags&syntax.FoldCase != 0 {
		return "", false
	}
	return string(re.Rune), true
}

// split is the operator -split for one string or many.
func (p *psParser) split(v value, pattern string) (value, bool) {
	by, ok := literal(pattern)
	if !ok || !p.a.spend(v.size()) {
		return value{}, false
	}
	out := value{kind: valList}
	for _, m := range v.members() {
		for _, piece := range splitFold(m.text(" "), by) {
			out.list = append(out.list, stringValue(piece))
		}
	}
	return out, true
}

func splitFold(s, by string) []string {
	low, by := lowerASCII(s), lowerASCII(by)
	var out []string
	for {
		i := strings.Index(low, by)
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		s, low = s[i+len(by):], low[i+len(by):]
	}
}

// replace is the operator -replace for literal patterns.
func (p *psParser) replace(v value, args []value, fold bool) (value, bool) {
	old, ok := literal(args[0].text(" "))
	if !ok || v.kind != valString {
		return value{}, false
	}
	with := ""
	if len(args) > 1 {
		with = strings.ReplaceAll(args[1].text(" "), "$$", "$")
	}
	return p.replaceAll(v.s, old, with, fold)
}

func (p *psParser) replaceAll(s, old, with string, fold bool) (value, bool) {
	if old == "" || !p.a.spend(len(s)) || !p.a.spend(len(s)/len(old)*len(with)/8) {
		return value{}, false
	}
	if fold {
		return stringValue(replaceFold(s, old, with)), true
	}
	return stringValue(strings.ReplaceAll(s, old, with)), true
}
