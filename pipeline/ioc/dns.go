package ioc

import (
	"strings"

	"golang.org/x/net/idna"
)

// Limits of RFC 1035, section 2.3.4, in characters of text.
const (
	maxName  = 253
	maxLabel = 63
)

// names reports the domain name that the token t[a:b] is, and the email
// address that it ends.
func (s *Scanner) names(a, b int, idn bool) {
	if !s.want.Has(DNS) && !s.want.Has(Email) {
		return
	}
	t := s.text
	for a < b && (t[a] == '.' || t[a] == '-') {
		a++
	}
	end := b
	for end > a && (t[end-1] == '.' || t[end-1] == '-' || t[end-1] == '_') {
		end--
	}
	value := t[a:end]
	if idn {
		value = toASCII(value)
	}
	dot := strings.LastIndexByte(value, '.')
	if dot < 0 || !is(value[dot+1], alpha) {
		return
	}
	u := s.tlds.look(value[dot+1:])
	if u&isSuffix == 0 || !isName(value) || u&flat == 0 && s.tlds.look(value)&isSuffix != 0 {
		return
	}
	if before(t, a) == '@' {
		s.email(a, end, value)
		return
	}
	if a < s.url.names || at(t, b) == '@' || !s.isProper(a, end, u) {
		return
	}
	s.addValue(DNS, a, end, value)
}

// trueStart returns where the token t[a:b] starts when an escape has run into
// it, and -1 if that cannot be told: \new.example is a folder, or a line break
// and a name; the first label of %63.com is escaped.
func trueStart(t string, a, b int) int {
	switch {
	case before(t, a) == '%' && b-a > 2 && isHex(t[a:a+2]):
		if !is(t[a+2], alnum) {
			return -1
		}
		return a + 2
	case before(t, a) != '\\':
		return a
	case b-a > 5 && t[a] == 'u' && isHex(t[a+1:a+5]):
		return a + 5
	case before(t, a-1) == '\\' || !isBreak(t[a]):
		return a
	case t[a] == 'n' && a > 2 && t[a-3:a-1] == `\r`:
		return a + 1
	}
	return -1
}

// afterEscape reports whether t[:i] ends in an escape whose last byte is a
// letter or digit.
func afterEscape(t string, i int) bool {
	return i >= 2 && t[i-2] == '\\' && isBreak(t[i-1]) ||
		i >= 3 && t[i-3] == '%' && isHex(t[i-2:i]) ||
		i >= 6 && t[i-6:i-4] == `\u` && isHex(t[i-4:i])
}

// isBreak reports whether b is what stands behind a backslash for white space.
func isBreak(b byte) bool { return b == 'n' || b == 'r' || b == 't' }

func isHex(s string) bool {
	for i := range len(s) {
		if !is(s[i], hexa) {
			return false
		}
	}
	return true
}

// isName reports whether s is two labels or more by RFC 1123, with underscores
// (RFC 8552) in all but the last two.
func isName(s string) bool {
	if len(s) > maxName {
		return false
	}
	labels, width := 0, 0
	for i := len(s) - 1; i >= -1; i-- {
		if i >= 0 && s[i] != '.' {
			if s[i] == '-' && width == 0 || s[i] == '_' && labels < 2 {
				return false
			}
			width++
			continue
		}
		if width == 0 || width > maxLabel || s[i+1] == '-' {
			return false
		}
		labels++
		width = 0
	}
	return labels > 1
}

// toASCII returns the ASCII form of a Unicode name, "" if IDNA2008 lookup
// (RFC 5891, section 5) refuses it.
func toASCII(s string) string {
	const maxBytes = 4 // of one character in UTF-8
	if len(s) > maxBytes*maxName {
		return ""
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return ""
	}
	return ascii
}
