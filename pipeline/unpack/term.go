package unpack

import (
	"strings"
	"unicode/utf8"
)

// A term is a constant in an expression: a piece of the text without its
// quotes, or a character.
type term struct {
	start, end int
	char       rune
	isChar     bool
	doubled    bool // quotes inside a literal are written twice
	filled     bool // start and end are those of a filled format
}

// term reads a literal or a character and reports whether there is one.
func (e *expression) term() bool {
	rest := e.text[e.p:]
	if rest == "" {
		return false
	}
	if rest[0] == '[' || rest[0]|0x20 == 's' {
		for _, cast := range [...]string{"[string]", "string."} {
			if hasFold(rest, cast) {
				rest = rest[len(cast):]
			}
		}
	}
	at := len(e.text) - len(rest)
	switch {
	case rest == "":
		return false
	case rest[0] == '\'' || rest[0] == '"':
		return e.literal(at, false)
	case rest[0] == '\\' && len(rest) > 1 && (rest[1] == '\'' || rest[1] == '"'):
		return e.literal(at+1, true)
	case hasFold(rest, "[char]"):
		return e.char(at + len("[char]"))
	}
	to := at
	for to < len(e.text) && to-at < maxWord && is(e.text[to], alnum) {
		to++
	}
	if to < len(e.text) && e.text[to] == '(' && (isChr(e.text[at:to]) || isCharCode(e.text[at:to])) {
		return e.char(to)
	}
	return false
}

// maxDoubled is how many quotes may be written twice in a literal.
const maxDoubled = 16

// literal reads the literal whose opening quote is text[p]. If that stands
// behind a backslash, so does the closing one.
func (e *expression) literal(p int, escaped bool) bool {
	t := term{start: p + 1}
	end := t.start
	for doubled := 0; ; doubled++ {
		n := strings.IndexByte(e.text[end:], e.text[p])
		if n < 0 {
			return false
		}
		n += end
		if n+1 < len(e.text) && e.text[n+1] == e.text[p] && n > t.start && doubled < maxDoubled {
			t.doubled, end = true, n+2
			continue
		}
		t.end, e.p = n, n+1
		break
	}
	if escaped || t.start > 1 && e.text[t.start-2] == '\\' {
		if t.end == t.start || e.text[t.end-1] != '\\' {
			return false
		}
		t.end--
	}
	e.terms = append(e.terms, t)
	if e.most > 0 {
		e.fill()
	}
	return true
}

// fill fills the last term, if it is a format: "{1}{0}" -f 'b','a'.
func (e *expression) fill() {
	last := len(e.terms) - 1
	format := e.text[e.terms[last].start:e.terms[last].end]
	i := e.skip(e.p, 0)
	if i < len(e.text) && e.text[i] == ')' {
		i = e.behind()
	}
	if !hasFold(e.text[i:], "-f") || i+2 < len(e.text) && is(e.text[i+2], alnum) || !strings.Contains(format, "}{") {
		return
	}
	args := e.arguments(i+2, false)
	if !args.read() || len(args.terms) > 1 && !args.comma {
		return
	}
	from := len(e.side)
	for {
		before, rest, ok := strings.Cut(format, "{")
		e.side = append(e.side, before...)
		if !ok {
			break
		}
		n, end := number(rest, 0, decimal)
		e.cut = e.cut || len(e.side) > e.most
		if end == 0 || end == len(rest) || rest[end] != '}' || n >= len(args.terms) || e.cut {
			e.side = e.side[:from]
			return
		}
		e.side = args.appendTerm(e.side, args.terms[n])
		format = rest[end+1:]
	}
	e.terms[last] = term{start: from, end: len(e.side), filled: true}
	e.filled, e.p = true, args.closed()
}

// char reads the number of a character at text[p], in brackets and behind casts
// or not: [char]104, [char]([int]'104'), Chr(&H68).
func (e *expression) char(p int) bool {
	open := 0
	for p < len(e.text) {
		if n := castAt(e.text[p:]); n > 0 {
			p += n
			continue
		}
		if e.text[p] == '(' {
			open++
		} else if !is(e.text[p], blank) {
			break
		}
		p++
	}
	quote := byte(0)
	if p < len(e.text) && (e.text[p] == '\'' || e.text[p] == '"') {
		quote = e.text[p]
		p++
	}
	n, end := number(e.text, p, decimal)
	if end == p || n > utf8.MaxRune {
		return false
	}
	if quote != 0 {
		if end == len(e.text) || e.text[end] != quote {
			return false
		}
		end++
	}
	for ; open > 0; open-- {
		if end == len(e.text) || e.text[end] != ')' {
			return false
		}
		end++
	}
	e.terms = append(e.terms, term{char: rune(n), isChar: true})
	e.coded++
	e.letter = e.letter || n < utf8.RuneSelf && is(byte(n), alnum)
	e.p = end
	return true
}

// castAt returns the length of the cast to a number that s begins with.
func castAt(s string) int {
	for _, cast := range [...]string{"[int]", "[byte]", "[int32]", "[uint16]"} {
		if hasFold(s, cast) {
			return len(cast)
		}
	}
	return 0
}

// appendTerm appends what a term stands for to dst.
func (e *expression) appendTerm(dst []byte, t term) []byte {
	if t.isChar {
		return utf8.AppendRune(dst, t.char)
	}
	if t.filled {
		return append(dst, e.side[t.start:t.end]...)
	}
	literal := e.text[t.start:t.end]
	if !t.doubled {
		return append(dst, literal...)
	}
	for i := 0; i < len(literal); i++ {
		dst = append(dst, literal[i])
		if literal[i] == e.text[t.start-1] {
			i++
		}
	}
	return dst
}

// appendTerms appends all terms, with sep between them.
func (e *expression) appendTerms(dst []byte, terms []term, sep string) []byte {
	for i, t := range terms {
		if i > 0 {
			dst = append(dst, sep...)
		}
		dst = e.appendTerm(dst, t)
	}
	return dst
}
