package ioc

// nextLong returns the next hash or Bitcoin address from i on: a run of letters
// and digits that is long enough. Such a run cannot slip between two looks that
// are as far apart; from where one looks, the nearest byte that is none says
// where to look next.
func (s *Scanner) nextLong(i int) Match {
	t := s.text
	shortest := 0
	switch {
	case s.want.Has(Bitcoin):
		shortest = minBitcoin
	case s.want&(1<<MD5|1<<SHA1|1<<SHA256|1<<SHA512|1<<JA3) != 0:
		shortest = md5Len
	default:
		return Match{Start: len(t)}
	}
	for p := i + shortest - 1; p < len(t); {
		a := p
		for a >= i && is(t[a], alnum) {
			a--
		}
		if p-a < shortest {
			p = a + shortest
			continue
		}
		a++
		b := p + 1
		for b < len(t) && is(t[b], alnum) {
			b++
		}
		if m, ok := s.longRun(a, b); ok {
			return m
		}
		i, p = b, b+shortest-1
	}
	return Match{Start: len(t)}
}

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
