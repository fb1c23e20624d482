package commandline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// postfix reads indexes and members behind a value.
func (p *psParser) postfix(n node) node {
	for n.ok && p.at < len(p.lexemes) {
		switch {
		case p.is(p.at, lexOp, "["):
			n = p.index(n)
		case p.is(p.at, lexOp, "."):
			var more bool
			if n, more = p.member(n); !more {
				return n
			}
		default:
			return n
		}
	}
	return n
}

// index reads [4,15,25].
func (p *psParser) index(n node) node {
	p.at = p.skip(p.at + 1)
	p.open = append(p.open, false)
	which := p.expression(0)
	p.close()
	p.at = p.skip(p.at)
	if !which.ok || !p.is(p.at, lexOp, "]") {
		p.flush(n)
		p.flush(which)
		return node{}
	}
	p.at++
	v, ok := value{}, p.a.spend(n.size())
	if ok {
		v, ok = pick(n.value, which.value)
	}
	if !ok || !p.a.spend(v.size()) {
		p.flush(n)
		return node{}
	}
	how := Join
	if n.how&(1<<EnvSubstring) != 0 {
		how = EnvSubstring
	}
	return p.made(n, n.from, v, how)
}

// pick returns the members or characters of v with the given numbers.
func pick(v, which value) (value, bool) {
	from := v.list
	if i, ok := which.number(); ok && v.kind == valString && which.kind == valNumber && i >= 0 && i < len(v.s) && isASCII(v.s[:i+1]) {
		return stringValue(v.s[i : i+1]), true
	}
	if v.kind == valString && len(v.s) <= most {
		from = make([]value, 0, len(v.s))
		for _, r := range v.s {
			from = append(from, stringValue(string(r)))
		}
	}
	out := value{kind: valList}
	for _, w := range which.members() {
		i, ok := w.number()
		if i < 0 {
			i += len(from)
		}
		if !ok || i < 0 || i >= len(from) {
			return value{}, false
		}
		out.list = append(out.list, from[i])
	}
	if which.kind != valList {
		return out.list[0], true
	}
	return out, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// member reads a method or property. It reports whether the value may have
// another behind it.
func (p *psParser) member(n node) (node, bool) {
	at := p.at + 1
	if at >= len(p.lexemes) || p.lexemes[at].kind != lexWord && p.lexemes[at].kind != lexString {
		p.flush(n)
		return node{}, false
	}
	name := lowerASCII(p.lexemes[at].value)
	if !p.is(at+1, lexOp, "(") {
		return p.property(n, name, at)
	}
	args, each := p.arguments(at + 1)
	if !args.ok {
		p.flush(n)
		p.flushAll(each)
		return node{}, false
	}
	v, why, ok := p.call(n.value, name, args.value)
	if !ok || !p.a.spend(v.size()) {
		p.flush(n)
		p.flushAll(each)
		return node{}, false
	}
	n.how |= args.how
	changed := n.changed
	n = p.made(n, n.from, v, why)
	if name == "tostring" && !changed {
		n.changed = false
	}
	return n, true
}

// arguments reads the arguments of a method from the bracket on, as a list and
// one by one, up to the first that is not constant.
func (p *psParser) arguments(bracket int) (all node, each []node) {
	p.open = append(p.open, true)
	p.at = p.skip(bracket + 1)
	args := node{ok: true, from: bracket, value: value{kind: valList}}
	for !p.is(p.at, lexOp, ")") {
		n := p.expression(0)
		each = append(each, n)
		if p.at = p.skip(p.at); !n.ok || !p.is(p.at, lexOp, ",", ")") {
			return node{}, each
		}
		args.list = append(args.list, n.value)
		args.how |= n.how
		if p.is(p.at, lexOp, ",") {
			p.at = p.skip(p.at + 1)
		}
	}
	p.close()
	p.at++
	args.to = p.at
	return args, each
}

func (p *psParser) flushAll(nodes []node) {
	for _, n := range nodes {
		p.flush(n)
	}
}

// property reads .Name of the variable that [psParser.driveCount] knows.
func (p *psParser) property(n node, name string, at int) (node, bool) {
	if name != "name" || n.s != driveCountName {
		p.flush(n)
		return node{}, false
	}
	p.at = at + 1
	n.to = p.at
	return n, true
}

// call applies a method of a string.
func (p *psParser) call(v value, name string, args value) (value, Technique, bool) {
	arg := func(i int) value {
		if i < len(args.members()) {
			return args.members()[i]
		}
		return value{}
	}
	s, count := v.s, len(args.members())
	if v.kind != valString || count > 2 && name != "split" {
		return value{}, 0, false
	}
	switch name {
	case "replace":
		out, ok := p.replaceAll(s, arg(0).text(""), arg(1).text(""), false)
		return out, Replace, ok && count == 2
	case "split":
		any := args.text("")
		return splitOn(s, func(s string) []string {
			return splitAny(s, any)
		}), Join, true
	case "tostring", "normalize":
		return v, Concat, true
	case "tolower", "tolowerinvariant":
		return stringValue(strings.ToLower(s)), Case, true
	case "toupper", "toupperinvariant":
		return stringValue(strings.ToUpper(s)), Case, true
	case "trim":
		return stringValue(strings.Trim(s, args.text("")+" \t\r\n")), Replace, true
	case "tochararray":
		return splitOn(s, func(s string) []string { return strings.Split(s, "") }), Join, true
	case "substring", "remove":
		from, ok := arg(0).number()
		size := len(s) - from
		if count == 2 {
			size, _ = arg(1).number()
		}
		if !ok || from < 0 || size < 0 || from+size > len(s) {
			return value{}, 0, false
		}
		if name == "remove" {
			return stringValue(s[:from] + s[from+size:]), Replace, true
		}
		return stringValue(s[from : from+size]), Join, true
	case "insert":
		at, ok := arg(0).number()
		if !ok || at < 0 || at > len(s) {
			return value{}, 0, false
		}
		return stringValue(s[:at] + arg(1).text("") + s[at:]), Concat, true
	}
	return value{}, 0, false
}

// splitAny cuts at each of the characters.
func splitAny(s, chars string) []string {
	if chars == "" {
		return strings.Fields(s)
	}
	set := map[rune]bool{}
	for _, r := range chars {
		set[r] = true
	}
	var out []string
	from := 0
	for i, r := range s {
		if set[r] {
			out = append(out, s[from:i])
			from = i + utf8.RuneLen(r)
		}
	}
	return append(out, s[from:])
}

// static reads the static methods that put strings together.
func (p *psParser) static(of string, start int) node {
	at := p.skip(p.at + 1)
	if at >= len(p.lexemes) || !p.is(at+1, lexOp, "(") {
		p.at = min(at, len(p.lexemes))
		return node{}
	}
	name := of + "::" + lowerASCII(p.lexemes[at].value)
	args, each := p.arguments(at + 1)
	if !args.ok || len(args.list) == 0 {
		p.flushAll(each)
		return node{}
	}
	first, rest := args.list[0].text(" "), args.list[1:]
	v, why, ok := value{}, Join, true
	switch name {
	case "string::join":
		if len(rest) == 1 {
			rest = rest[0].members()
		}
		v = stringValue(value{kind: valList, list: rest}.text(first))
	case "string::format":
		v, ok = p.format(first, rest)
		why = Format
	case "string::concat":
		v = stringValue(args.text(""))
		why = Concat
	case "convert::toint32", "convert::toint16", "convert::tobyte":
		v, ok = parseBase(first, rest)
		why = CharCode
	default:
		ok = false
	}
	if !ok || !p.a.spend(v.size()) {
		p.flushAll(each)
		return node{}
	}
	return p.made(args, start, v, why)
}

func parseBase(s string, rest []value) (value, bool) {
	if len(rest) != 1 {
		return value{}, false
	}
	base, _ := rest[0].number()
	if base != 2 && base != 8 && base != 10 && base != 16 {
		return value{}, false
	}
	n, err := strconv.ParseInt(s, base, 32)
	return value{kind: valNumber, n: int(n)}, err == nil
}
