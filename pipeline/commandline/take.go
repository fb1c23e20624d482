package commandline

import "strings"

// A taker takes the words of one text in one dialect.
type taker struct {
	a      *Analyzer
	text   string
	d      Dialect
	depth  int
	at     int
	copied int    // up to where the text is in out
	out    []byte // the readable text, if it differs from the text
	fresh  bool   // the next word begins a command
	piped  bool
	value  bool // the next word is the value of an option
	over   bool
}

// take appends the words and commands of a text to the analyzer's and returns
// the text with the commands of other shells in it made readable.
func (a *Analyzer) take(text string, d Dialect, depth int) string {
	t := taker{a: a, text: text, d: d, depth: depth, fresh: true}
	if d == Windows || d == Cmd || d == Unknown {
		t.leadingPath()
	}
	for t.step() {
	}
	a.closePart()
	if t.over {
		a.cut.tokens++
	}
	if t.copied == 0 {
		return text
	}
	return string(append(t.out, text[t.copied:]...))
}

// leadingPath takes a program whose path has blanks and no quotes.
func (t *taker) leadingPath() {
	start := skipBlanks(t.text, 0)
	if end := unquotedPath(t.text[start:]); end > 0 {
		t.at = start + end
		t.word(t.text[start:t.at], start, start)
	}
}

// step takes the next word or operator; it reports false at the end.
func (t *taker) step() bool {
	for t.at < len(t.text) && isBlank(t.text[t.at]) {
		if t.text[t.at] == '\n' && (t.d == POSIX || t.d == PowerShell) {
			t.next(false)
		}
		t.at++
	}
	if t.at >= len(t.text) || len(t.a.words) >= t.a.limits.Tokens {
		t.over = t.at < len(t.text)
		return false
	}
	if n := t.operator(); n > 0 {
		t.at += n
		return true
	}
	start := t.at
	word := t.read()
	t.word(word, start, t.at)
	return true
}

// operator acts on an operator here and returns its length, 0 if there is none.
func (t *taker) operator() int {
	c := t.text[t.at]
	if !operators[t.d].has(c) {
		return 0
	}
	if c == '&' && t.d == PowerShell && !strings.HasPrefix(t.text[t.at:], "&&") {
		t.next(false) // calls what follows
		return 1
	}
	n := 1
	switch rest := t.text[t.at:]; c {
	case '|', '&':
		if strings.HasPrefix(rest, "&>") {
			t.add("&>")
			return 2
		}
		if len(rest) > 1 && rest[1] == c {
			n = 2
		}
		if t.loose() && !t.alone(n) {
			return 0
		}
		t.next(c == '|' && n == 1)
		t.join(rest[:n])
	case '>', '<':
		for n < len(rest) && n < 3 && (rest[n] == c || rest[n] == '&') {
			n++
		}
		t.add(rest[:n])
	case ';':
		if t.loose() && !t.alone(1) {
			return 0
		}
		t.next(false)
		t.join(";")
	case ',', '=':
	default: // brackets and grave accents
		t.next(false)
	}
	return n
}

// loose reports whether operators count only where blanks are around them:
// nobody knows whether a shell has seen this text.
func (t *taker) loose() bool { return t.d == Windows || t.d == Unknown }

func (t *taker) alone(n int) bool {
	return t.at > 0 && isBlank(t.text[t.at-1]) && (t.at+n == len(t.text) || isBlank(t.text[t.at+n]))
}

// next ends a command.
func (t *taker) next(piped bool) {
	t.a.closePart()
	t.fresh, t.piped, t.value = true, piped, false
}

// join appends an operator that stands between commands.
func (t *taker) join(op string) { t.a.words = append(t.a.words, op) }

// add appends a word to the command.
func (t *taker) add(word string) {
	if t.fresh {
		t.a.parts = append(t.a.parts, part{from: len(t.a.words), to: -1, program: -1, piped: t.piped})
		t.fresh = false
	}
	t.a.words = append(t.a.words, word)
}

func (a *Analyzer) closePart() {
	if n := len(a.parts); n > 0 && a.parts[n-1].to < 0 {
		a.parts[n-1].to = len(a.words)
	}
}

// word takes a word that stands in the text from start to end.
func (t *taker) word(word string, start, end int) {
	if t.fresh {
		t.add(word)
		t.name(word)
		return
	}
	p := &t.a.parts[len(t.a.parts)-1]
	if p.program < 0 {
		t.add(word)
		t.name(word)
		return
	}
	d, shell := shells[p.name]
	if !shell || !t.shellWord(d, word, start, end) {
		t.add(word)
	}
}

// name makes a word the program of its command unless it only stands before one.
func (t *taker) name(word string) {
	p := &t.a.parts[len(t.a.parts)-1]
	if first := p.from == len(t.a.words)-1; !first && (word == "" || word[0] == '-' || word[0] == '/' && t.d != POSIX) {
		return // an option of sudo or start, say
	}
	if t.d == POSIX && strings.IndexByte(word, '=') > 0 && !strings.Contains(word, "/") {
		return // a variable for the program
	}
	name := nameOf(word)
	if before[name] && t.at < len(t.text) {
		return
	}
	p.program, p.name = len(t.a.words)-1, name
}

// before are programs and words that run the program named after them.
var before = setOf("sudo doas nohup env exec command time call start @start busybox then do else if ! timeout setsid")

// read returns the word here without its quotes.
func (t *taker) read() string {
	q := &quoting[t.d]
	start := t.at
	for t.at < len(t.text) && q[t.text[t.at]] == 0 {
		t.at++
	}
	if t.at >= len(t.text) || q[t.text[t.at]] == wordEnds {
		if t.at == start { // an operator that counts for nothing here
			t.at++
		}
		return t.text[start:t.at]
	}
	if word, ok := t.wholeQuoted(start); ok {
		return word
	}
	return t.unquote(start)
}

// wholeQuoted reads a word that is one pair of quotes, the usual case.
func (t *taker) wholeQuoted(start int) (string, bool) {
	c := t.text[start]
	if t.at != start || c != '"' && c != '\'' {
		return "", false
	}
	end := strings.IndexByte(t.text[start+1:], c)
	if end < 0 {
		return "", false
	}
	word, after := t.text[start+1:start+1+end], start+1+end+1
	escape := byte('\\')
	if t.d == PowerShell {
		escape = '`'
	}
	// To Windows a backslash means something right before a quote only.
	special := strings.IndexByte(word, escape) >= 0 && (t.d == POSIX || t.d == PowerShell || strings.HasSuffix(word, `\`))
	if special || after < len(t.text) && quoting[t.d][t.text[after]] != wordEnds {
		return "", false
	}
	t.at = after
	return word, true
}

func (t *taker) unquote(start int) string {
	buf := append([]byte(nil), t.text[start:t.at]...)
	var quote byte
	for ; t.at < len(t.text); t.at++ {
		c := t.text[t.at]
		switch {
		case quote == 0 && quoting[t.d][c] == wordEnds:
			return string(buf)
		case quote == 0 && quoting[t.d][c] == wordQuotes:
			quote = c
		case c == quote && quote != 0:
			quote = 0
		case t.escapes(c, quote) && t.at+1 < len(t.text):
			t.at++
			buf = append(buf, t.text[t.at])
		default:
			buf = append(buf, c)
		}
	}
	return string(buf)
}

// escapes reports whether c takes the meaning from the character behind it.
func (t *taker) escapes(c, quote byte) bool {
	switch t.d {
	case POSIX:
		return c == '\\' && quote != '\''
	case PowerShell:
		return c == '`' && quote != '\''
	}
	return c == '\\' && t.at+1 < len(t.text) && t.text[t.at+1] == '"'
}

const (
	wordEnds = 1 + iota
	wordQuotes
	wordEscapes
)

// quoting says what a byte means to a word of a dialect.
var quoting = func() (q [POSIX + 1][256]uint8) {
	for d := range q {
		for c := range 256 {
			if isBlank(byte(c)) || operators[d].has(byte(c)) {
				q[d][c] = wordEnds
			}
		}
		q[d]['"'], q[d]['\\'] = wordQuotes, wordEscapes
	}
	for d := range q[:POSIX] {
		if Dialect(d) == Windows || Dialect(d) == Unknown {
			for _, c := range "|&;" {
				q[d][c] = 0
			}
		}
	}
	q[PowerShell]['\\'], q[PowerShell]['\''], q[PowerShell]['`'] = 0, wordQuotes, wordEscapes
	q[POSIX]['\''] = wordQuotes
	return q
}()

// A byteSet is a set of ASCII characters.
type byteSet [2]uint64

func (s byteSet) has(c byte) bool { return c < 128 && s[c>>6]&(1<<(c&63)) != 0 }

func bytesOf(chars string) (s byteSet) {
	for _, c := range []byte(chars) {
		s[c>>6] |= 1 << (c & 63)
	}
	return s
}

var operators = [POSIX + 1]byteSet{
	Unknown: bytesOf("|&;"), Windows: bytesOf("|&;"), Cmd: bytesOf("|&<>()"),
	PowerShell: bytesOf("|&;(){},="), POSIX: bytesOf("|&;<>()`"),
}
