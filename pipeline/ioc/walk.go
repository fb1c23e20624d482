package ioc

import "math/bits"

// Eight bytes are looked at in one word. Of each the high bit tells whether it
// may be an anchor: one of - . / : S T [ \.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// between sets the high bits of the bytes of w from lo to hi; w's own must not
// be set.
func between(w uint64, lo, hi uint64) uint64 {
	return (w + (0x80-lo)*ones) &^ (w + (0x7f-hi)*ones)
}

// load returns eight bytes as a word, the first lowest.
func load(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// walk goes from anchor to anchor.
func (s *Scanner) walk() {
	t := s.text
	i := 0
	for ; i+8 <= len(t); i += 8 {
		w := load(t[i:])
		low := w &^ highs
		found := (between(low, '-', '/') | between(low, ':', ':') | between(low, 'S', 'T') | between(low, '\\', '\\')) &^ w & highs
		for ; found != 0; found &= found - 1 {
			s.anchor(i + bits.TrailingZeros64(found)/8)
		}
	}
	for ; i < len(t); i++ {
		s.anchor(i)
	}
}

// anchor looks at the byte at i and, if something may hang on it, at its
// surroundings.
func (s *Scanner) anchor(i int) {
	t := s.text
	next := at(t, i+1)
	switch t[i] {
	case '.':
		if i >= s.dotLow && is(next, alnum|wide) && i > 0 && is(t[i-1], alnum|wide) {
			s.upTo(i)
			s.dotLow = s.atDot(i)
		}
	case ':':
		if i >= s.colonLow && (next == '/' || next == ':' || next == '\\' || is(next, hexa) && i > 0 && is(t[i-1], hexa)) {
			s.upTo(i)
			s.colonLow = s.atColon(i)
		}
	case '\\':
		if i >= s.pathLow {
			s.atBackslash(i)
		}
	case '/':
		if is(next, alpha) && i >= s.pathLow {
			s.atSlash(i)
		}
	case '-':
		if is(next, hexa) && i > 1 && is(t[i-1], hexa) {
			s.atHyphen(i)
		}
	case 'T':
		if is(next, digit) || next == 'A' {
			s.atTechnique(i)
		}
	case 'S':
		if is(next, digit) && i > 0 && t[i-1] == 'A' {
			s.atAS(i)
		}
	}
}

func (s *Scanner) atColon(i int) int {
	t := s.text
	switch at(t, i+1) {
	case '/':
		if at(t, i+2) == '/' {
			return s.atURL(i)
		}
		return i + 1
	case '\\':
		s.atDrive(i)
		return i + 1
	}
	return s.atGroups(i)
}
