package unpack

import "strings"

// Triggers are the bytes at which a form other than plain base64 can begin or
// be announced.
var triggers = func() (t [256]bool) {
	for _, b := range []byte("'\"([\\,^") {
		t[b] = true
	}
	return t
}()

// forms looks for strings that a script puts together, and for characters
// written as numbers, that begin between s.done and to, where the next run of
// base64 digits begins. It moves s.done behind what it takes.
func (u *Unpacker) forms(s *source, to int) {
	for p := max(s.done, s.formed); p < to; {
		if !triggers[s.text[p]] {
			p++
			continue
		}
		end, found := u.form(s, p)
		if found {
			s.done = max(s.done, end)
			s.taken = s.done
		}
		p = max(p+1, end)
		s.formed = p
	}
}

// form looks at the form that may begin at the trigger text[p]. It returns the
// end of what it looked at, and whether that gave a layer.
func (u *Unpacker) form(s *source, p int) (end int, found bool) {
	text := s.text
	switch text[p] {
	case '\'', '"':
		if beginsExpression(text, p) {
			return u.expression(s, p)
		}
	case '[':
		switch {
		case hasFold(text[p:], "[char]"):
			if end, found = u.expression(s, p); end > p {
				return end, found
			}
			return u.listBefore(s, p)
		case hasFold(text[p:], "[char[]]"):
			return u.listBehind(s, p, p+len("[char[]]"), false)
		case hasFold(text[p:], "[byte[]]"):
			return u.listBehind(s, p, p+len("[byte[]]"), true)
		}
	case '(':
		return u.call(s, p)
	case ',':
		return u.hexList(s, p)
	case '\\':
		return u.escapes(s, p)
	case '^':
		a := p
		for a > s.taken && p-a < step && is(text[a-1], coded) {
			a--
		}
		if hintBefore(text, a) == option {
			return u.noisyArgument(s, a)
		}
	}
	return p, false
}

// beginsExpression reports whether the literal at text[p] may be a part of an
// expression, or hold base64 with blanks in it. Most do neither.
func beginsExpression(text string, p int) bool {
	n := strings.IndexByte(text[p+1:], text[p])
	if n < 0 {
		return false
	}
	literal, i := text[p+1:p+1+n], p+n+2
	for i < len(text) && (is(text[i], blank) || text[i] == ')') {
		i++
	}
	if i < len(text) && strings.IndexByte("+&,.-_]`\\'\"", text[i]) >= 0 {
		return true
	}
	return n >= minHinted && (strings.IndexByte(literal, ' ') >= 0 || strings.IndexByte(literal, '\n') >= 0)
}

// call looks at text[p:], the arguments of a function that makes text of
// numbers.
func (u *Unpacker) call(s *source, p int) (end int, found bool) {
	from := wordBefore(s.text, p)
	switch word := s.text[from:p]; {
	case isChr(word), isCharCode(word):
		if end, found = u.listBehind(s, from, p, false); found {
			return end, true
		}
		return u.expression(s, from)
	case takesBytes(word):
		return u.listBehind(s, from, p, true)
	}
	return p, false
}

// isCharCode reports whether JavaScript's function of that name makes a text of
// numbers.
func isCharCode(word string) bool {
	return len(word) >= len("fromCharCode") && (strings.EqualFold(word, "fromCharCode") || strings.EqualFold(word, "fromCodePoint"))
}

// takesBytes reports whether a function of that name takes a list of bytes.
func takesBytes(word string) bool {
	for _, name := range [...]string{"GetString", "bytes", "bytearray", "Uint8Array"} {
		if len(word) == len(name) && strings.EqualFold(word, name) {
			return true
		}
	}
	return false
}

// isChr reports whether a function of that name makes a character of a number,
// in one of the languages that intruders use.
func isChr(word string) bool {
	if len(word) < len("chr") || len(word) > len("unichr") {
		return false
	}
	for _, name := range [...]string{"chr", "chrw", "char", "nchar", "unichr"} {
		if len(word) == len(name) && strings.EqualFold(word, name) {
			return true
		}
	}
	return false
}

// wordBefore returns where the name that ends before text[p] begins.
func wordBefore(text string, p int) int {
	from := p
	for from > 0 && p-from < maxWord && is(text[from-1], alnum) {
		from--
	}
	return from
}

// hasFold reports whether s begins with prefix, in any case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
