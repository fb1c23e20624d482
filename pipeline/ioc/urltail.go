package ioc

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What bytes do behind a URL's host.
const (
	plain  uint8 = iota
	stop         // ends the URL
	trim         // belongs to the URL if something else follows
	comma        // the same, and may go before the next URL of a list
	mark         // the same, and ends the path
	amp          // the same, or begins an entity
	opens        // an opening bracket
	closes       // a closing bracket
	letter       // begins a UTF-8 sequence
)

var tails = classifyTails()

func classifyTails() (c [256]uint8) {
	for b := range c {
		switch {
		case b <= ' ', b == 0x7f:
			c[b] = stop
		case b >= utf8.RuneSelf:
			c[b] = letter
		}
	}
	for kind, bytes := range map[uint8]string{
		stop: "\"'`<>\\^|", trim: ".:!", comma: ",;", mark: "?#", amp: "&", opens: "([{", closes: ")]}",
	} {
		for i := range len(bytes) {
			c[bytes[i]] = kind
		}
	}
	return c
}

// tail reads path, query and fragment from i on and returns where they end and
// where names count again: at the query, or the end.
// A URL within that is the value of a parameter ends with it. Without fuel a URL
// within ends where the next one begins, lest all of them together be longer than
// the text by orders of magnitude.
func (s *Scanner) tail(i int, isValue bool) (end, names int) {
	inner := i < s.url.end
	limit := len(s.text)
	if inner {
		limit = s.url.end
	}
	if inner && s.url.fuel <= 0 {
		limit = nextScheme(s.text[:limit], i)
	}
	end, names, read := readTail(s.text[:limit], i, inner && isValue)
	if inner {
		s.url.fuel -= read - i
	}
	return end, min(names, end)
}

// nextScheme returns where the scheme of the next URL from i on begins, else the
// end.
func nextScheme(t string, i int) int {
	colon := strings.Index(t[i:], "://")
	if colon < 0 {
		return len(t)
	}
	if start := schemeStart(t, i+colon); start > i {
		return start
	}
	return i + colon
}

// readTail returns the end of the URL whose path, query or fragment is at i,
// where the path ends, and where reading did. The value of a parameter ends at
// the next &.
func readTail(t string, i int, isValue bool) (end, names, p int) {
	end, names = i, len(t)
	depth := 0
	for p = i; p < len(t); p++ {
		switch tails[t[p]] {
		case plain:
			end = p + 1
		case stop:
			return end, names, p
		case mark:
			names = min(names, p)
		case comma:
			if beginsURL(t, p+1) {
				return end, names, p
			}
		case amp:
			if isValue || beginsEntity(t[p:]) {
				return end, names, p
			}
		case opens:
			depth++
		case closes:
			if depth == 0 {
				return end, names, p
			}
			depth--
			end = p + 1
		case letter:
			r, n := utf8.DecodeRuneInString(t[p:])
			if !isURLRune(r) {
				return end, names, p
			}
			p += n - 1
			end = p + 1
		}
	}
	return end, names, p
}

// beginsURL reports whether a scheme and "://" stand at t[i:].
func beginsURL(t string, i int) bool {
	j := i
	for j < len(t) && j-i <= maxScheme && (is(t[j], alnum) || t[j] == '+') {
		j++
	}
	return j > i && strings.HasPrefix(t[j:], "://") && isScheme(t[i:j])
}

func beginsEntity(s string) bool {
	for _, e := range entities {
		if hasFold(s, 0, e) {
			return true
		}
	}
	return false
}

// isURLRune reports whether r may be a part of an internationalised URL. White
// space and punctuation such as typographic quotes end it.
func isURLRune(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S, unicode.Pd)
}
