package ioc

const (
	macLen   = len("00:00:00:00:00:00")
	ciscoLen = len("0000.0000.0000")
)

// mac reports the MAC address at i whose pairs are joined by sep.
func (s *Scanner) mac(i int, sep byte) {
	t := s.text
	end := i + macLen
	if i < 0 || end > len(t) || isWord(at(t, end)) || at(t, end) == sep && isWord(at(t, end+1)) {
		return
	}
	if prev := before(t, i); isWord(prev) && !afterEscape(t, i) || prev == sep && endsPair(t, i-1) {
		return
	}
	for j := i; j < end; j++ {
		if isSep := (j-i)%3 == 2; isSep && t[j] != sep || !isSep && !is(t[j], hexa) {
			return
		}
	}
	if isFiller(t[i:end]) || sep == '-' && isTimestamp(t[i:end]) {
		return
	}
	s.upTo(i)
	s.add(MAC, i, end)
}

// endsPair reports whether two hexadecimal digits end before t[i], and no more.
func endsPair(t string, i int) bool {
	return is(before(t, i), hexa) && is(before(t, i-1), hexa) && !isWord(before(t, i-2))
}

// ciscoMAC reports the token t[a:b] if it is a MAC address in groups of four. It
// needs a letter: 1234.5678.9012 may be any number.
func (s *Scanner) ciscoMAC(a, b int) {
	t := s.text
	for b > a && t[b-1] == '.' {
		b--
	}
	if b-a != ciscoLen {
		return
	}
	letters := false
	for j := a; j < b; j++ {
		if isSep := (j-a)%5 == 4; isSep && t[j] != '.' || !isSep && !is(t[j], hexa) {
			return
		}
		letters = letters || is(t[j], alpha)
	}
	if letters && !isFiller(t[a:b]) {
		s.add(MAC, a, b)
	}
}

// isFiller reports whether all the digits of an address are one and the same, as
// in the broadcast address.
func isFiller(s string) bool {
	for i := range len(s) {
		if isWord(s[i]) && s[i]|0x20 != s[0]|0x20 {
			return false
		}
	}
	return true
}

// isTimestamp reports whether six pairs could be year, month, day, hour, minute
// and second.
func isTimestamp(s string) bool {
	limits := [...]int{99, 12, 31, 23, 59, 60}
	for i, limit := range limits {
		tens, one := s[3*i], s[3*i+1]
		if !is(tens, digit) || !is(one, digit) || int(tens-'0')*10+int(one-'0') > limit {
			return false
		}
	}
	return true
}
