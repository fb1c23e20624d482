package commandline

import (
	"strings"
	"unicode/utf8"
)

// lexKind is what a lexeme of PowerShell is.
type lexKind uint8

const (
	lexBlank lexKind = iota
	lexWord
	lexString // constant
	lexOpen   // a string with variables in it
	lexNumber
	lexVariable
	lexType // [char]
	lexDash // -join
	lexOp
)

// A lexeme is a piece of a script. Its value is that of a string or the name of
// anything else, in lower case, without backticks.
type lexeme struct {
	kind     lexKind
	ticks    bool // it has backticks that mean nothing
	from, to int
	value    string
}

// psWordEnd are the characters that end a bare word.
var psWordEnd = bytesOf(" \t\r\n\v\f'\"()[]{},;|&=+$@<>")

// psOperators are the operators of two characters.
var psOperators = []string{"::", "..", "+=", "$(", "@(", "&&", "||"}

// lex cuts a script into lexemes, into the analyzer's memory.
func (a *Analyzer) lex(text string) []lexeme {
	out := a.lexemes[:0]
	// What opens without an end is looked for once only.
	ends := map[string]int{}
	for _, end := range []string{"#>", "\n'@", "\n\"@"} {
		ends[end] = strings.LastIndex(text, end)
	}
	for at := 0; at < len(text); {
		l := lexOne(text, at, ends)
		at = l.to
		out = append(out, l)
	}
	a.lexemes = out
	return out
}

func lexOne(text string, at int, ends map[string]int) lexeme {
	rest := text[at:]
	switch c := rest[0]; {
	case isBlank(c):
		return lexeme{kind: lexBlank, from: at, to: skipBlanks(text, at)}
	case c == '#':
		return lexeme{kind: lexBlank, from: at, to: at + lineLength(rest)}
	case c == '<' && strings.HasPrefix(rest, "<#") && ends["#>"] > at:
		return lexeme{kind: lexBlank, from: at, to: at + strings.Index(rest, "#>") + 2}
	case c == '\'', c == '"':
		return lexString1(text, at, 1)
	case c == 0xe2 && quoteSize(rest) > 0:
		return lexString1(text, at, quoteSize(rest))
	case c == '@' && len(rest) > 2 && (rest[1] == '\'' || rest[1] == '"') && (rest[2] == '\n' || rest[2] == '\r') && ends["\n"+rest[1:2]+"@"] > at:
		return lexHere(text, at)
	case c == '$':
		if n := variableLength(rest); n > 1 {
			return lexeme{kind: lexVariable, from: at, to: at + n, value: variableName(rest[:n])}
		}
	case isDigit(c):
		return lexNumber1(text, at)
	case c == '[':
		if n := typeLength(rest); n > 0 {
			return lexeme{kind: lexType, from: at, to: at + n, value: typeName(rest[1 : n-1])}
		}
	case c == '-' && len(rest) > 1 && isLetter(rest[1]):
		n := 1
		for n < len(rest) && isLetter(rest[n]) {
			n++
		}
		return lexeme{kind: lexDash, from: at, to: at + n, value: lowerASCII(rest[1:n])}
	}
	for _, op := range psOperators {
		if strings.HasPrefix(rest, op) {
			return lexeme{kind: lexOp, from: at, to: at + 2, value: op}
		}
	}
	if c := rest[0]; psWordEnd.has(c) || strings.IndexByte(".*%-:!?", c) >= 0 {
		return lexeme{kind: lexOp, from: at, to: at + 1, value: rest[:1]}
	}
	return lexWord1(text, at)
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// quoteSize is the length of a typographic quote, which PowerShell takes for a
// straight one.
func quoteSize(s string) int {
	switch r, size := utf8.DecodeRuneInString(s); r {
	case '\u2018', '\u2019', '\u201a', '\u201b', '\u201c', '\u201d', '\u201e':
		return size
	}
	return 0
}

func isDoubleQuote(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '"' || r >= '\u201c' && r <= '\u201e'
}

// quoteAt returns the length of a quote of the wanted kind at the start of s.
func quoteAt(s string, double bool) int {
	switch {
	case s[0] == '"' && double, s[0] == '\'' && !double:
		return 1
	case s[0] == 0xe2 && quoteSize(s) > 0 && isDoubleQuote(s) == double:
		return quoteSize(s)
	}
	return 0
}

// lexString1 reads a quoted string whose first quote has the given length. One
// without an end is only its quote.
func lexString1(text string, at, size int) lexeme {
	double := isDoubleQuote(text[at:])
	l := lexeme{kind: lexString, from: at}
	var buf []byte
	plain := at + size // what stands from here on is not in buf yet
	for i := plain; i < len(text); {
		if n := quoteAt(text[i:], double); n > 0 {
			if i+n < len(text) && quoteAt(text[i+n:], double) > 0 { // doubled
				buf = append(buf, text[plain:i+n]...)
				i += 2 * n
				plain = i
				continue
			}
			l.to = i + n
			l.value = text[plain:i]
			if buf != nil {
				l.value = string(append(buf, l.value...))
			}
			return l
		}
		switch c := text[i]; {
		case double && c == '`' && i+1 < len(text):
			buf = append(buf, text[plain:i]...)
			var tick bool
			buf, tick = appendEscape(buf, text[i+1])
			l.ticks = l.ticks || tick
			i += 2
			plain = i
		case double && c == '$' && i+1 < len(text) && (isWord(text[i+1]) || text[i+1] == '(' || text[i+1] == '{'):
			l.kind = lexOpen
			i++
		default:
			i++
		}
	}
	return lexeme{kind: lexOp, from: at, to: at + size, value: text[at : at+size]}
}

// appendEscape appends what a backtick and c mean in a string, and reports
// whether the backtick means nothing.
func appendEscape(buf []byte, c byte) ([]byte, bool) {
	switch c {
	case 'n':
		return append(buf, '\n'), false
	case 'r':
		return append(buf, '\r'), false
	case 't':
		return append(buf, '\t'), false
	case '0', 'a', 'b', 'f', 'v', 'e':
		return buf, false
	}
	return append(buf, c), isWord(c)
}

// lexHere reads a here-string, which has an end.
func lexHere(text string, at int) lexeme {
	end := strings.Index(text[at:], "\n"+text[at+1:at+2]+"@")
	body := text[at+2 : at+end]
	kind := lexString
	if text[at+1] == '"' && strings.ContainsAny(body, "$`") {
		kind = lexOpen
	}
	return lexeme{kind: kind, from: at, to: at + end + 3, value: strings.TrimLeft(body, "\r\n")}
}

// variableLength is the length of a variable, 1 for a lone dollar sign.
func variableLength(s string) int {
	if strings.HasPrefix(s, "${") {
		if end := strings.IndexByte(s[:min(len(s), longestName)], '}'); end > 0 {
			return end + 1
		}
		return 1
	}
	n := 1
	for n < len(s) && (isWord(s[n]) || s[n] == ':' && n+1 < len(s) && isWord(s[n+1])) {
		n++
	}
	return n
}

func variableName(s string) string {
	return strings.ReplaceAll(lowerASCII(strings.Trim(s[1:], "{}")), "`", "")
}

func lexNumber1(text string, at int) lexeme {
	n := at + 1
	for n < len(text) && isWord(text[n]) {
		n++
	}
	l := lexeme{kind: lexNumber, from: at, to: n, value: text[at:n]}
	if n < len(text) && !psWordEnd.has(text[n]) && strings.IndexByte(".*%-", text[n]) < 0 {
		return lexWord1(text, at)
	}
	return l
}

// longestType is how long the name of a type may be.
const longestType = 80

// typeLength is the length of a type in brackets, 0 if there is none.
func typeLength(s string) int {
	depth := 0
	for i := range min(len(s), longestType) {
		switch c := s[i]; {
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case !isLetter(c) && (i == 1 || !isWord(c) && c != '.' && c != '`' && c != ' '):
			return 0
		}
	}
	return 0
}

// filling is what may stand within the name of a type and means nothing.
var filling = strings.NewReplacer(" ", "", "`", "")

func typeName(s string) string {
	return strings.TrimPrefix(filling.Replace(lowerASCII(s)), "system.")
}

func lexWord1(text string, at int) lexeme {
	l := lexeme{kind: lexWord, from: at}
	i := at
	for i < len(text) && !psWordEnd.has(text[i]) {
		if text[i] == '`' {
			if i+1 >= len(text) || isBlank(text[i+1]) {
				break
			}
			l.ticks = l.ticks || isWord(text[i+1]) || text[i+1] == '-'
			i++
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	l.to = max(i, at+1)
	l.value = lowerASCII(text[at:l.to])
	if l.ticks {
		l.value = strings.ReplaceAll(l.value, "`", "")
	}
	return l
}
