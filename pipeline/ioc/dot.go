package ioc

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// atDot reads the token of letters, digits, dots, hyphens and underscores
// around the dot at i, reports what it holds, and returns its end.
func (s *Scanner) atDot(i int) int {
	t := s.text
	a, prior := tokenStart(t, i, s.dotLow)
	b, seen := tokenEnd(t, i+1)
	seen |= prior
	if seen&(alpha|wide) == 0 && b-a < len("0.0.0.0") {
		return b // part of a number or a time
	}
	// A quad begins its token, and has the first dot then, or stands behind a
	// hyphen.
	from := trueStart(t, a, b)
	if seen&digit != 0 && b-a >= len("attack.T1059") && from == a {
		s.ciscoMAC(a, b)
		s.tagged(a, b)
	}
	if seen&digit != 0 && (is(t[i-1], digit) && is(t[i+1], digit) || seen&wide != 0 || strings.IndexByte(t[i:b], '-') > 0) {
		s.quads(max(a, from), b)
	}
	if seen&(alpha|wide) != 0 && from >= 0 {
		s.names(from, b, seen&wide != 0)
	}
	return b
}

// tokenStart returns where the token that holds t[i] starts, not before low, and
// the classes of its bytes from there to i.
func tokenStart(t string, i, low int) (start int, seen uint8) {
	for i > low {
		c := class[t[i-1]]
		if c&name != 0 {
			if t[i-1] == '.' && t[i] == '.' {
				break
			}
			seen |= c
			i--
			continue
		}
		if c&wide == 0 {
			break
		}
		r, n := utf8.DecodeLastRuneInString(t[low:i])
		if !isLetter(r) {
			break
		}
		seen |= wide
		i -= n
	}
	return i, seen
}

// tokenEnd returns where the token ends that goes on at t[i], and the classes of
// its bytes from there on.
func tokenEnd(t string, i int) (end int, seen uint8) {
	for i < len(t) {
		c := class[t[i]]
		if c&name != 0 {
			if t[i] == '.' && before(t, i) == '.' {
				break
			}
			seen |= c
			i++
			continue
		}
		n := 0
		if c&wide != 0 {
			n = letterLen(t[i:])
		}
		if n == 0 {
			break
		}
		seen |= wide
		i += n
	}
	return i, seen
}

// letterLen returns the length of the letter of any script that s begins with,
// 0 if it begins with something else.
func letterLen(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if !isLetter(r) {
		return 0
	}
	return n
}

// isLetter reports whether r may be a part of a Unicode domain name; IDNA has
// the last word. Punctuation, among it typographic quotes, ends names.
func isLetter(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}
