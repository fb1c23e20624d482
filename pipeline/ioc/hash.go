package ioc

import "math/bits"

const (
	md5Len    = 32
	sha1Len   = 40
	sha256Len = 64
	// minDigits is how many different digits a hash shows at least; padded
	// numbers and fillers show fewer.
	minDigits = 8
)

func hashType(n int) Type {
	switch n {
	case md5Len:
		return MD5
	case sha1Len:
		return SHA1
	default:
		return SHA256
	}
}

// nextHash returns the start of the next hash from i on and sets hashEnd. A
// run of 32 digits cannot slip between two probes that are 32 bytes apart.
func (s *Scanner) nextHash(i int) int {
	t := s.text
	if s.want&(1<<MD5|1<<SHA1|1<<SHA256) == 0 {
		return len(t)
	}
	for p := i + md5Len - 1; p < len(t); p += md5Len {
		if !is(t[p], hexa) {
			continue
		}
		a := p
		for a > i && is(t[a-1], hexa) {
			a--
		}
		b := p + 1
		for b < len(t) && is(t[b], hexa) {
			b++
		}
		if isHash(t, a, b) {
			s.hashEnd = b
			return a
		}
		i, p = b, b
	}
	return len(t)
}

// isHash reports whether the run of hexadecimal digits t[a:b] is a hash.
func isHash(t string, a, b int) bool {
	switch b - a {
	case md5Len, sha1Len, sha256Len:
	default:
		return false
	}
	prev, next := before(t, a), at(t, b)
	if isWord(prev) || isWord(next) || prev == '-' && next == '-' {
		return false
	}
	var seen uint
	for i := a; i < b; i++ {
		c := t[i]
		if c > '9' {
			c += 9
		}
		seen |= 1 << (c & 15)
	}
	const decimals = 1<<10 - 1
	return seen&decimals != 0 && seen&^decimals != 0 && bits.OnesCount(seen) >= minDigits
}
