package ioc

import (
	"net/netip"
	"strings"
)

type hostKind uint8

const (
	noHost     hostKind = iota
	plainHost           // a single label, or labels that are no name
	nameHost            // two labels or more
	quadHost            // an ipv4 address
	groupsHost          // an ipv6 address in brackets
)

// host is a URL's host.
type host struct {
	kind hostKind
	// start and end delimit it; end is behind a closing bracket.
	start, end int
	// next is the end of the token: dots and hyphens may stand behind a name.
	next int
	// value is a name in ASCII, an address without brackets and zone.
	value string
}

// skipUser returns where the host starts in the authority at i: behind the
// user information, if there is any. The delimiters that RFC 3986 allows in it
// are not taken: in a query they belong to the outer URL.
func skipUser(t string, i int) int {
	from := i
	for ; i < len(t); i++ {
		switch c := t[i]; {
		case is(c, alnum), c == '-', c == '.', c == '_', c == '~', c == '%', c == ':', c == '+', c == '!', c == '$', c == '*':
		case c == '@':
			from = i + 1
		default:
			return from
		}
	}
	return from
}

// skipPort returns the end of the port at i, i if there is no valid one. An
// empty one is valid before a path.
func skipPort(t string, i int) int {
	const maxPort = 65535
	if at(t, i) != ':' {
		return i
	}
	n, j := 0, i+1
	for ; n <= maxPort && is(at(t, j), digit); j++ {
		n = n*10 + int(t[j]-'0')
	}
	switch {
	case n > maxPort, isWord(at(t, j)):
		return i
	case j == i+1 && (at(t, j) != '/' || at(t, j+1) == '/'):
		return i
	}
	return j
}

func readHost(t string, i int) host {
	if at(t, i) == '[' {
		return readBrackets(t, i)
	}
	next, seen := tokenEnd(t, i)
	end := next
	for end > i && (t[end-1] == '.' || t[end-1] == '-' || t[end-1] == '_') {
		end--
	}
	h := host{start: i, end: end, next: next, value: t[i:end]}
	if seen&wide != 0 {
		h.value = toASCII(h.value)
	}
	h.kind = hostKindOf(h.value)
	return h
}

// readBrackets reads the ipv6 address in brackets at i. The place proves it to
// be one, however short it is.
func readBrackets(t string, i int) host {
	j := i + 1
	for j < len(t) && j-i <= maxGroups && (is(t[j], hexa) || t[j] == ':' || t[j] == '.') {
		j++
	}
	value := t[i+1 : j]
	if at(t, j) == '%' {
		const maxZone = 32
		for zone := j; j < len(t) && j-zone <= maxZone && (is(t[j], name) || t[j] == '%'); {
			j++
		}
	}
	if at(t, j) != ']' || !strings.Contains(value, ":") {
		return host{}
	}
	if _, err := netip.ParseAddr(value); err != nil {
		return host{}
	}
	return host{groupsHost, i + 1, j + 1, j + 1, value}
}

// hostKindOf returns what a host without brackets is. Labels may have
// underscores anywhere, as many names of machines do; but if the last of
// several is a number, only an address is meant.
func hostKindOf(s string) hostKind {
	if isQuad(s) {
		return quadHost
	}
	if s == "" || len(s) > maxName {
		return noHost
	}
	width, digits, labels := 0, 0, 1
	for i := range len(s) {
		c := s[i]
		if c != '.' {
			if c == '-' && (width == 0 || i+1 == len(s) || s[i+1] == '.') {
				return noHost
			}
			if width++; width > maxLabel {
				return noHost
			}
			if is(c, digit) {
				digits++
			}
			continue
		}
		if width == 0 {
			return noHost
		}
		width, digits = 0, 0
		labels++
	}
	switch {
	case labels == 1:
		return plainHost
	case digits == width:
		return noHost
	case isName(s):
		return nameHost
	}
	return plainHost
}
