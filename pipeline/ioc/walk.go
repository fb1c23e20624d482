package ioc

import "math/bits"

// Eight bytes are looked at in one word; the high bit of each tells whether
// something may hang on it.
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

// equal sets the high bits of the bytes of w that are b.
func equal(w, b uint64) uint64 { return between(w, b, b) }

// Around an anchor so many bytes are looked at.
const (
	lookBack  = 1
	lookAhead = 3
)

// walk goes from anchor to anchor. Dots, slashes, colons and backslashes are
// some; hyphens, S and T, of which any text is full, where what stands around
// them is right: -1a- of a MAC address, E- of a CVE, AS1, T1, A0 of TA0001.
func (s *Scanner) walk() {
	t := s.text
	i := 0
	for ; i < lookBack && i < len(t); i++ {
		s.anchor(i)
	}
	for ; i+8+lookAhead <= len(t); i += 8 {
		w := load(t[i:])
		this, prev, next, third := w&^highs, load(t[i-1:])&^highs, load(t[i+1:])&^highs, load(t[i+3:])&^highs
		found := between(this, '.', '/') | equal(this, ':') | equal(this, '\\') |
			equal(this, '-')&(equal(third, '-')|equal(prev|0x20*ones, 'e')) |
			between(this, 'S', 'T')&between(next, '0', '9') | equal(this, 'A')&equal(next, '0')
		for found &= highs &^ w; found != 0; found &= found - 1 {
			s.anchor(i + bits.TrailingZeros64(found)/8)
		}
	}
	for ; i < len(t); i++ {
		s.anchor(i)
	}
}

// anchor looks at what stands around the byte at i, if it is an anchor.
func (s *Scanner) anchor(i int) {
	t := s.text
	prev, next := before(t, i), at(t, i+1)
	switch t[i] {
	case '.':
		if is(next, alnum|wide) && is(prev, alnum|wide) && i >= s.dotLow && (i >= s.fileEnd || is(next, digit) && is(prev, digit)) {
			s.upTo(i)
			s.dotLow = s.atDot(i)
		}
	case ':':
		if i >= s.colonLow && (next == '/' || next == ':' || next == '\\' || is(next, hexa) && is(prev, hexa)) {
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
		if is(next, hexa) && is(prev, hexa) {
			s.atHyphen(i)
		}
	case 'T':
		if is(next, digit) {
			s.atTechnique(i)
		}
	case 'A':
		if prev == 'T' && next == '0' {
			s.atTechnique(i - 1)
		}
	case 'S':
		if prev == 'A' && is(next, digit) {
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
