package ioc

import "math/bits"

// nextLong returns the next hash or Bitcoin address in the segment: a run of
// letters and digits that is long enough.
func (s *Scanner) nextLong() Match {
	t := s.text
	if s.want&longTypes == 0 {
		return Match{Start: len(t)}
	}
	for ; s.sieve.long != 0; s.sieve.long &= s.sieve.long - 1 {
		block := s.segment + bits.TrailingZeros64(s.sieve.long)*blockSize
		for end := min(block+blockSize, len(t)); s.longFrom < end; {
			a := max(block, s.longFrom)
			for a > s.longFrom && is(t[a-1], alnum) {
				a--
			}
			b := a
			for b < len(t) && is(t[b], alnum) {
				b++
			}
			s.longFrom = b + 1
			if b-a >= minBitcoin {
				if m, ok := s.longRun(a, b); ok {
					return m
				}
			}
		}
	}
	return Match{Start: len(t)}
}

// longTypes are the types that are runs of letters and digits.
const longTypes = 1<<MD5 | 1<<SHA1 | 1<<SHA256 | 1<<SHA512 | 1<<JA3 | 1<<Bitcoin

// longRun returns what the run of letters and digits t[a:b] is, with or without
// the end of an escape that has run into it.
func (s *Scanner) longRun(a, b int) (Match, bool) {
	t := s.text
	if t[a]-'1' > 2 && t[a]|0x20 != 'b' && !is(t[a], hexa) && before(t, a) != '\\' {
		return Match{}, false
	}
	prev := before(t, a)
	if prev == '_' || at(t, b) == '_' {
		return Match{}, false
	}
	if typ, ok := s.longType(a, b); ok {
		return Match{typ, a, b, t[a:b]}, true
	}
	from := trueStart(t, a, b)
	if prev == '\\' && isBreak(t[a]) {
		from = a + 1
	}
	if from > a {
		if typ, ok := s.longType(from, b); ok {
			return Match{typ, from, b, t[from:b]}, true
		}
	}
	return Match{}, false
}

func (s *Scanner) longType(a, b int) (Type, bool) {
	t := s.text
	switch {
	case isHash(t, a, b):
		typ := hashType(b - a)
		if typ == MD5 && isJA3(t, a) {
			typ = JA3
		}
		return typ, true
	case s.want.Has(Bitcoin) && isBitcoin(t[a:b]):
		return Bitcoin, true
	}
	return 0, false
}
