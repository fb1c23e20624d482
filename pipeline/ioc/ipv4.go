package ioc

// quads reports the ipv4 addresses in the token t[a:b].
func (s *Scanner) quads(a, b int) {
	t := s.text
	for i := a; i < b; i++ {
		if !is(t[i], digit) {
			continue
		}
		j := i
		for j < b && (is(t[j], digit) || t[j] == '.') {
			j++
		}
		end := j
		for t[end-1] == '.' {
			end--
		}
		if isQuad(t[i:end]) && (end == j || j == b) && standsAlone(t, i, end) {
			s.add(IPv4, i, end)
		}
		i = j
	}
}

// isQuad reports whether s is four octets, without leading zeros.
func isQuad(s string) bool {
	if len(s) < len("0.0.0.0") || len(s) > len("255.255.255.255") {
		return false
	}
	octets := 0
	for i := 0; ; i++ {
		n, from := 0, i
		for i < len(s) && is(s[i], digit) {
			n = n*10 + int(s[i]-'0')
			i++
		}
		width := i - from
		if width == 0 || width > 3 || n > 255 || width > 1 && s[from] == '0' {
			return false
		}
		octets++
		if i == len(s) {
			return octets == 4
		}
		if s[i] != '.' || octets == 4 {
			return false
		}
	}
}

// standsAlone reports whether the quad t[a:b] is an address by what surrounds
// it, and no part of a version or a longer word.
func standsAlone(t string, a, b int) bool {
	prev := before(t, a)
	if isWord(prev) && !afterEscape(t, a) || prev == '.' || prev == '-' && is(before(t, a-1), alpha) {
		return false
	}
	end := b
	if at(t, b) == '.' {
		end++
	}
	if isWord(at(t, end)) {
		return false
	}
	if at(t, b) == '-' { // a range goes on with digits, a package version with letters
		for end = b + 1; is(at(t, end), digit); end++ {
			continue
		}
		if isWord(at(t, end)) {
			return false
		}
	}
	return !isVersion(t, a, b)
}

// isVersion reports whether the quad t[a:b] is named a version, or is a
// product's: letters, a slash and a number that ends in .0.0.0.
func isVersion(t string, a, b int) bool {
	const zeros = ".0.0.0"
	if before(t, a) == '/' && is(before(t, a-1), alpha) && at(t, b) != '/' &&
		b-a > len(zeros) && t[b-len(zeros):b] == zeros {
		return true
	}
	i := a
	for a-i < 4 && isSeparator(before(t, i)) {
		i--
	}
	return i < a && hasFold(t, i-len("version"), "version")
}

func isSeparator(b byte) bool {
	switch b {
	case ' ', '=', ':', '"', '\'', '>':
		return true
	}
	return false
}
