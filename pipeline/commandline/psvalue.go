package commandline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// valueKind is what a constant of PowerShell is.
type valueKind uint8

const (
	valString valueKind = iota
	valNumber
	valList
)

// A value is a constant.
type value struct {
	kind valueKind
	s    string
	n    int
	list []value
}

func stringValue(s string) value { return value{kind: valString, s: s} }

// text is the value as PowerShell turns it into a string; a list's members are
// joined by separator.
func (v value) text(separator string) string {
	switch v.kind {
	case valNumber:
		return strconv.Itoa(v.n)
	case valList:
		var b strings.Builder
		for i, m := range v.list {
			if i > 0 {
				b.WriteString(separator)
			}
			b.WriteString(m.text(" "))
		}
		return b.String()
	}
	return v.s
}

// members are the members of a list; another value is a list of itself.
func (v value) members() []value {
	if v.kind == valList {
		return v.list
	}
	return []value{v}
}

// isNumbers reports whether the value is a list of numbers: 0..255 says more than
// the 256 of them.
func (v value) isNumbers() bool {
	for _, m := range v.list {
		if m.kind != valNumber {
			return false
		}
	}
	return v.kind == valList
}

// number is the value as a whole number.
func (v value) number() (int, bool) {
	switch v.kind {
	case valNumber:
		return v.n, true
	case valString:
		return parseNumber(strings.TrimSpace(v.s))
	}
	return 0, false
}

func parseNumber(s string) (int, bool) {
	if len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X") {
		n, err := strconv.ParseInt(s[2:], 16, 32)
		return int(n), err == nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil
}

// size is about how many bytes the value takes, lists in lists no deeper than
// they are made.
func (v value) size() int {
	if v.kind != valList {
		return len(v.s) + 1
	}
	n := 0
	for _, m := range v.list {
		n += len(m.s) + 1
	}
	return n
}

// char makes a character of a number or of a string of one.
func (v value) char() (value, bool) {
	if v.kind == valString && utf8.RuneCountInString(v.s) == 1 {
		return v, true
	}
	n, ok := v.number()
	if !ok || v.kind == valString || n < 0 || n > utf8.MaxRune {
		return value{}, false
	}
	return stringValue(string(rune(n))), true
}

// appendLiteral writes the value as a script would.
func (v value) appendLiteral(b []byte) []byte {
	switch v.kind {
	case valNumber:
		return strconv.AppendInt(b, int64(v.n), 10)
	case valList:
		for i, m := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = m.appendLiteral(b)
		}
		return b
	}
	b = append(b, '\'')
	for i := range len(v.s) {
		if v.s[i] == '\'' {
			b = append(b, '\'')
		}
		b = append(b, v.s[i])
	}
	return append(b, '\'')
}
