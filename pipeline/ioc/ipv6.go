package ioc

import (
	"net/netip"
	"strings"
)

// maxGroups is the longest text of an ipv6 address, without zone.
const maxGroups = len("0000:0000:0000:0000:0000:ffff:255.255.255.255")

// atGroups reads the token of hexadecimal digits, colons and dots around the
// colon at i, reports it if it is an address, and returns its end.
func (s *Scanner) atGroups(i int) int {
	t := s.text
	a, b := i, i+1
	for a > s.colonLow && is(t[a-1], hexa) {
		a--
	}
	for b < len(t) && (is(t[b], hexa) || t[b] == ':' || t[b] == '.') {
		b++
	}
	end := b
	for end > i+1 && (t[end-1] == '.' || t[end-1] == ':' && t[end-2] != ':') {
		end--
	}
	if isWord(before(t, a)) { // "src:fe80::1": the first group belongs to a word
		if a = i + 1; at(t, a) == ':' {
			return b
		}
	}
	if end < b && isWord(at(t, b)) || isWord(at(t, end)) || before(t, a) == ':' && a <= s.colonLow {
		return b
	}
	switch {
	case end-a == macLen && t[a+2] == ':':
		s.mac(a, ':')
	case s.want.Has(IPv6) && isIPv6(t[a:end]):
		s.add(IPv6, a, end)
	}
	return b
}

// isIPv6 reports whether s is an ipv6 address that nobody would take for
// something else.
func isIPv6(s string) bool {
	if len(s) > maxGroups || len(s) < len("::1") {
		return false
	}
	if !strings.Contains(s, "::") {
		if len(s) < len("1:2:3:4:5:6:7") {
			return false // a clock time
		}
		if colons := strings.Count(s, ":"); colons != 7 && colons != 6 {
			return false // a MAC address
		}
	}
	if s == "::1" {
		return true
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && looksLikeGroups(s)
}

// looksLikeGroups tells an address from code, and from an EUI-64, by its
// groups.
func looksLikeGroups(s string) bool {
	groups, longest, pairs, digits, width := 0, 0, 0, 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != ':' {
			width++
			if is(s[i], digit) {
				digits++
			}
			continue
		}
		if width > 0 {
			groups++
		}
		if width == 2 {
			pairs++
		}
		longest, width = max(longest, width), 0
	}
	return digits > 0 && groups > 1 && pairs != 8 && (longest > 2 || groups > 3) ||
		digits > 0 && groups == 1 && longest > 2 && s[0] != ':'
}
