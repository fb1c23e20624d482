package commandline

import (
	"strings"
)

// deepest is how deep expressions may stand in one another.
const deepest = 100

// unary reads a value with the operators before and behind it.
func (p *psParser) unary() node {
	if p.at >= len(p.lexemes) {
		return node{}
	}
	if p.depth >= deepest {
		p.deep = true
		return node{}
	}
	p.depth++
	defer func() { p.depth-- }()
	start := p.at
	switch l := p.lexemes[start]; {
	case l.kind == lexDash && (l.value == "join" || l.value == "split"):
		p.at = p.skip(start + 1)
		n := p.unary()
		if !n.ok || !p.a.spend(n.size()) {
			p.flush(n)
			return node{}
		}
		if l.value == "join" {
			return p.made(n, start, stringValue(n.text("")), Join)
		}
		return p.made(n, start, splitOn(n.text(" "), strings.Fields), Join)
	case l.kind == lexOp && l.value == "-" && start+1 < len(p.lexemes) && p.lexemes[start+1].kind == lexNumber:
		p.at++
		n := p.primary()
		n.from, n.n = start, -n.n
		return n
	case l.kind == lexType:
		return p.typed(l)
	}
	return p.postfix(p.primary())
}

// made is a constant that was computed of n.
func (p *psParser) made(n node, from int, v value, why Technique) node {
	return node{value: v, ok: true, changed: true, from: from, to: p.at, how: n.how | 1<<why}
}

func splitOn(s string, split func(string) []string) value {
	pieces := split(s)
	v := value{kind: valList, list: make([]value, len(pieces))}
	for i, piece := range pieces {
		v.list[i] = stringValue(piece)
	}
	return v
}

// typed reads a cast or a static method.
func (p *psParser) typed(l lexeme) node {
	start := p.at
	p.at = p.skip(start + 1)
	if p.is(p.at, lexOp, "::") {
		return p.postfix(p.static(l.value, start))
	}
	switch l.value {
	case "char", "int", "int32", "int16", "byte", "string", "char[]", "int[]", "byte[]", "string[]", "array", "object[]":
	default:
		return node{}
	}
	n := p.unary()
	if !n.ok {
		return node{}
	}
	v, ok := p.cast(l.value, n.value)
	if !ok || !p.a.spend(v.size()) {
		p.flush(n)
		return node{}
	}
	made := node{value: v, ok: true, from: start, to: p.at, how: n.how, changed: n.changed}
	switch {
	case l.value == "char" || l.value == "char[]" && n.kind == valList:
		made.changed, made.how = true, made.how|1<<CharCode
	case l.value == "string" && n.kind == valList:
		made.changed, made.how = true, made.how|1<<Join
	}
	return made
}

func (p *psParser) cast(to string, v value) (value, bool) {
	switch to {
	case "char":
		return v.char()
	case "string":
		return stringValue(v.text(p.separator())), true
	case "int", "int32", "int16", "byte":
		if c := v.s; v.kind == valString && len(c) == 1 && !isDigit(c[0]) {
			return value{kind: valNumber, n: int(c[0])}, true
		}
		n, ok := v.number()
		return value{kind: valNumber, n: n}, ok
	case "char[]":
		if v.kind == valString {
			return splitOn(v.s, func(s string) []string { return strings.Split(s, "") }), true
		}
		return mapped(v, value.char)
	case "int[]", "byte[]":
		return mapped(v, func(m value) (value, bool) {
			n, ok := m.number()
			return value{kind: valNumber, n: n}, ok
		})
	}
	return value{kind: valList, list: v.members()}, true
}

func mapped(v value, do func(value) (value, bool)) (value, bool) {
	out := value{kind: valList, list: make([]value, 0, len(v.members()))}
	for _, m := range v.members() {
		made, ok := do(m)
		if !ok {
			return value{}, false
		}
		out.list = append(out.list, made)
	}
	return out, true
}

// separator stands between the members of a list that becomes a string: a
// blank, unless the script sets $OFS, which is done to have none.
func (p *psParser) separator() string {
	if p.ofs == nil {
		blank := " "
		if indexFoldWord(p.text, "ofs") {
			blank = ""
		}
		p.ofs = &blank
	}
	return *p.ofs
}

// primary reads a value without operators.
func (p *psParser) primary() node {
	l := p.lexemes[p.at]
	n := node{from: p.at, to: p.at + 1}
	switch l.kind {
	case lexString:
		n.ok, n.value, n.changed = true, stringValue(l.value), l.ticks
		if l.ticks {
			n.how = 1 << Backtick
		}
	case lexOpen:
		if s := l.value; hasPrefixFold(s, "$(") && strings.HasSuffix(strings.TrimSpace(s), ")") && len(s) < longestType && indexFoldWord(s, "ofs") {
			n.ok, n.value = true, stringValue("") // sets the separator, and leaves nothing
			break
		}
		n.s, n.ok = p.expand(l)
		n.changed, n.how = n.ok, 1<<Variables
	case lexNumber:
		n.kind = valNumber
		n.n, n.ok = parseNumber(l.value)
	case lexVariable:
		p.variable(&n, l.value)
	case lexOp:
		if l.value == "(" || l.value == "@(" || l.value == "$(" {
			return p.parens()
		}
	}
	if n.ok {
		p.at++
	}
	return n
}

// powerShellVariables are variables whose characters are borrowed.
var powerShellVariables = map[string]string{
	"pshome": `C:\Windows\System32\WindowsPowerShell\v1.0`, "shellid": "Microsoft.PowerShell",
	"verbosepreference": "SilentlyContinue", "debugpreference": "SilentlyContinue", "informationpreference": "SilentlyContinue",
	"warningpreference": "Continue", "erroractionpreference": "Continue", "progresspreference": "Continue", "confirmpreference": "High",
	"executioncontext": "System.Management.Automation.EngineIntrinsics", "host": "System.Management.Automation.Internal.Host.InternalHost",
}

func (p *psParser) variable(n *node, name string) {
	if name == "_" && p.inBlock {
		n.ok, n.value = true, p.item
		return
	}
	if s, ok := p.setVariable(name); ok {
		n.ok, n.own, n.value, n.how = true, true, stringValue(s), 1<<Variables
		return
	}
	s, ok := powerShellVariables[name]
	if env, is := strings.CutPrefix(name, "env:"); is {
		s, ok = windowsVariables[env]
	}
	n.ok, n.value, n.how = ok, stringValue(s), 1<<EnvSubstring
}

// setVariable returns a variable that the script set, or the line of cmd.exe
// around it.
func (p *psParser) setVariable(name string) (string, bool) {
	if s, ok := p.a.vars["$"+name]; ok {
		return s, true
	}
	if env, is := strings.CutPrefix(name, "env:"); is {
		s, ok := p.a.vars[env]
		return s, ok
	}
	return "", false
}

// expand puts the variables that the script set into a string; it reports
// whether there are only such.
func (p *psParser) expand(l lexeme) (string, bool) {
	var b strings.Builder
	for s := l.value; ; {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			b.WriteString(s)
			return b.String(), b.Len() > 0
		}
		size := variableLength(s[i:])
		v, ok := p.setVariable(variableName(s[i : i+size]))
		if !ok || size == 1 || !p.a.spend(len(v)) {
			return "", false
		}
		b.WriteString(s[:i])
		b.WriteString(v)
		s = s[i+size:]
	}
}

// parens reads an expression in brackets.
func (p *psParser) parens() node {
	start := p.at
	if end := p.setsSeparator(start); end > 0 {
		p.at = end + 1
		return node{ok: true, from: start, to: p.at, value: stringValue("")}
	}
	if p.callsAt(start) { // nobody knows what the method makes of them
		_, each := p.arguments(start)
		p.flushAll(each)
		return node{}
	}
	p.open = append(p.open, false)
	p.at = p.skip(start + 1)
	n, ok := p.driveCount()
	if !ok {
		n = p.pipeline()
	}
	p.at = p.skip(p.at)
	if !n.ok || !p.is(p.at, lexOp, ")") {
		p.flush(n)
		return node{}
	}
	p.at++
	p.close()
	n.from, n.to, n.paren, n.own = start, p.at, true, false
	return n
}

// callsAt reports whether the bracket at a place holds the arguments of a
// method, where commas are no operators.
func (p *psParser) callsAt(at int) bool {
	if at < 1 || p.lexemes[at].value != "(" {
		return false
	}
	switch l := p.lexemes[at-1]; l.kind {
	case lexWord, lexString, lexOpen:
		return p.is(at-2, lexOp, ".", "::")
	case lexOp:
		return l.value == ")"
	}
	return false
}

// setsSeparator returns where $(Set-Variable 'ofs' ”) ends, which leaves
// nothing, or 0.
func (p *psParser) setsSeparator(start int) int {
	if p.lexemes[start].value != "$(" {
		return 0
	}
	sets := false
	for at := start + 1; at < min(len(p.lexemes), start+12); at++ {
		switch l := p.lexemes[at]; {
		case l.kind == lexOp && l.value == ")":
			if sets {
				return at
			}
			return 0
		case l.kind == lexWord || l.kind == lexString:
			sets = sets || strings.EqualFold(l.value, "ofs") || hasSuffixFold(l.value, ":ofs")
		}
	}
	return 0
}

// driveCountName is the name of the only variable that *mdr* finds.
const driveCountName = "MaximumDriveCount"

// driveCount reads Get-Variable '*mdr*', the usual way to the letters of
// MaximumDriveCount.
func (p *psParser) driveCount() (node, bool) {
	if !p.is(p.at, lexWord, "gv", "get-variable", "variable", "gi", "get-item", "ls", "dir") {
		return node{}, false
	}
	end := p.at
	for at := p.at; at < len(p.lexemes) && at < p.at+8; at++ {
		if l := p.lexemes[at]; l.kind == lexOp && l.value == ")" {
			end = at
			break
		}
	}
	if !strings.Contains(lowerASCII(p.text[p.lexemes[p.at].from:p.lexemes[end].from]), "*mdr*") {
		return node{}, false
	}
	n := node{ok: true, from: p.at, to: end, value: stringValue(driveCountName), how: 1 << EnvSubstring}
	p.at = end
	return n, true
}
