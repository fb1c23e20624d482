package commandline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// undoPOSIX undoes what hides a command from the eye but not from a POSIX
// shell.
func (a *Analyzer) undoPOSIX(text string) string {
	text = a.unquotePOSIX(text)
	if indexFoldWord(text, "base64 -") || indexFoldWord(text, "b64decode") {
		a.note(Base64)
	}
	return text
}

func (a *Analyzer) unquotePOSIX(text string) string {
	if !strings.ContainsAny(text, `'"\${`) {
		return text
	}
	u := posixUndo{a: a, text: text, out: a.out[:0], begin: true}
	for u.at < len(text) && !a.spent {
		u.step()
	}
	u.out = append(u.out, text[u.at:]...)
	a.out = u.out
	if string(u.out) == text {
		return text
	}
	return string(u.out)
}

type posixUndo struct {
	a     *Analyzer
	text  string
	at    int
	out   []byte
	quote byte
	begin bool // a word begins
	word  int  // where it does in out
}

func (u *posixUndo) step() {
	c := u.text[u.at]
	switch {
	case u.quote == '\'':
		if c == '\'' {
			u.quote = 0
		}
	case c == '$' && u.dollar():
		return
	case u.quote == '"':
		if c == '"' {
			u.quote = 0
		} else if c == '\\' && u.at+1 < len(u.text) {
			u.put(c)
			c = u.text[u.at]
		}
	case c == '\'' || c == '"':
		if u.pair(c) {
			return
		}
		u.quote = c
	case c == '\\' && u.escape(), c == '{' && u.begin && u.braces():
		return
	case isBlank(c) || strings.IndexByte("|&;()", c) >= 0:
		u.assign()
		u.put(c)
		u.begin, u.word = true, len(u.out)
		return
	}
	u.put(c)
}

func (u *posixUndo) put(c byte) {
	u.out = append(u.out, c)
	u.at++
	u.begin = false
}

func (u *posixUndo) last() byte {
	if len(u.out) == 0 {
		return 0
	}
	return u.out[len(u.out)-1]
}

// pair drops a pair of quotes that divides a word, and an empty one in it.
func (u *posixUndo) pair(quote byte) bool {
	rest := u.text[u.at+1:]
	n := strings.IndexByte(rest[:min(len(rest), longestQuoted)], quote)
	if n < 0 || strings.ContainsAny(rest[:n], " \t\n'\"\\$`|&;<>()*?#") {
		return false
	}
	before := isWord(u.last())
	after := n+1 < len(rest) && isWord(rest[n+1])
	if !before && !after || n == 0 && !before && !after || !before && !u.begin && u.last() != '/' {
		return false
	}
	u.a.note(Quotes)
	u.out = append(u.out, rest[:n]...)
	u.at += n + 2
	u.begin = false
	return true
}

// escape drops a backslash before a letter.
func (u *posixUndo) escape() bool {
	if u.at+1 >= len(u.text) || !isLetter(u.text[u.at+1]) || u.last() == '\\' {
		if u.at+1 < len(u.text) {
			u.put('\\')
			u.put(u.text[u.at])
			return true
		}
		return false
	}
	u.a.note(Escape)
	u.at++
	u.put(u.text[u.at])
	return true
}

// dollar replaces what a dollar sign begins, if its value is known.
func (u *posixUndo) dollar() bool {
	rest := u.text[u.at:]
	switch {
	case strings.HasPrefix(rest, "$'") && u.quote == 0:
		return u.ansi()
	case strings.HasPrefix(rest, "${IFS}"):
		return u.blank(6)
	case strings.HasPrefix(rest, "$IFS$9"):
		return u.blank(6)
	case strings.HasPrefix(rest, "$IFS") && (len(rest) == 4 || !isWord(rest[4])):
		return u.blank(4)
	case (strings.HasPrefix(rest, "$@") || strings.HasPrefix(rest, "$*")) && isWord(u.last()) && len(rest) > 2 && isWord(rest[2]):
		u.a.note(Variables)
		u.at += 2
		return true
	}
	n := variableLength(rest)
	value, ok := u.a.vars[strings.Trim(rest[1:n], "{}")]
	if n < 2 || !ok || !u.a.spend(len(value)) {
		return false
	}
	u.a.note(Variables)
	u.out = append(u.out, value...)
	u.at += n
	u.begin = false
	return true
}

func (u *posixUndo) blank(n int) bool {
	u.a.note(Whitespace)
	u.out = append(u.out, ' ')
	u.at += n
	return true
}

// braces replaces the {command,argument} that a command begins with, which
// needs no blank.
func (u *posixUndo) braces() bool {
	before := strings.TrimRight(string(u.out[max(0, len(u.out)-8):]), " ")
	if before != "" && strings.IndexByte("|;&(", before[len(before)-1]) < 0 {
		return false
	}
	rest := u.text[u.at+1:]
	end := strings.IndexAny(rest, " \t\n|;&{}")
	if end < 0 || rest[end] != '}' || strings.IndexByte(rest[:end], ',') < 0 {
		return false
	}
	u.a.note(Whitespace)
	u.out = append(u.out, strings.ReplaceAll(rest[:end], ",", " ")...)
	u.at += end + 2
	u.begin = false
	return true
}

// ansi reads $'…', whose escapes are those of C.
func (u *posixUndo) ansi() bool {
	start, out := u.at, u.out
	i := u.at + 2
	for i < len(u.text) && u.text[i] != '\'' {
		if u.text[i] != '\\' || i+1 >= len(u.text) {
			out = append(out, u.text[i])
			i++
			continue
		}
		var n int
		out, n = appendANSI(out, u.text[i+1:])
		i += 1 + n
	}
	if i >= len(u.text) || i == start+2 {
		return false
	}
	u.out, u.at, u.begin = out, i+1, false
	u.a.note(CharCode)
	return true
}

// appendANSI appends the character that an escape without its backslash means,
// and returns the escape's length.
func appendANSI(out []byte, s string) ([]byte, int) {
	digits, base, limit := s, 8, 3
	skip := 0
	switch s[0] {
	case 'x':
		digits, base, limit, skip = s[1:], 16, 2, 1
	case 'u':
		digits, base, limit, skip = s[1:], 16, 4, 1
	case 'U':
		digits, base, limit, skip = s[1:], 16, 8, 1
	case 'n':
		return append(out, '\n'), 1
	case 't':
		return append(out, '\t'), 1
	case 'r':
		return append(out, '\r'), 1
	}
	n := 0
	for n < len(digits) && n < limit {
		if _, err := strconv.ParseUint(digits[n:n+1], base, 8); err != nil {
			break
		}
		n++
	}
	code, err := strconv.ParseUint(digits[:n], base, 32)
	switch {
	case err != nil:
		return append(out, s[0]), 1
	case limit > 3:
		return utf8.AppendRune(out, rune(code)), n + skip
	}
	return append(out, byte(code)), n + skip
}

// assign remembers a variable that a word sets.
func (u *posixUndo) assign() {
	word := string(u.out[min(u.word, len(u.out)):])
	if len(word) > longestValue {
		return
	}
	name, value, ok := strings.Cut(word, "=")
	if !ok || name == "" || isDigit(name[0]) || !u.a.spend(len(word)) {
		return
	}
	for i := range len(name) {
		if !isWord(name[i]) {
			return
		}
	}
	u.a.vars[name] = strings.Trim(value, `'"`)
}
