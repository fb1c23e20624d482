package ioc

import "strings"

// urlSpan is the last URL that is not within another.
type urlSpan struct {
	end int
	// names is where names count again: before it they stand in a path.
	names int
	// host ends the host of the last URL, also of one within.
	host int
	// fuel is how many bytes may still be read again for URLs within.
	fuel int
}

// rereads is how often each byte of a URL may be read again for the URLs
// within. Those beyond are taken to end where the next one begins.
const rereads = 8

// atURL reads the URL whose "://" is at i, reports it and its host, and
// returns the end of what it has read for good: host and port.
func (s *Scanner) atURL(i int) int {
	t := s.text
	start := schemeStart(t, i)
	if start < 0 {
		return i + 1
	}
	h := readHost(t, skipUser(t, i+len("://")))
	if h.kind == noHost {
		return i + 1
	}
	end, names, done := h.end, h.end, h.next
	if h.next-h.end <= len(".") { // a root dot, else punctuation
		done = skipPort(t, h.next)
		switch at(t, done) {
		case '/', '?', '#':
			end, names = s.tail(done, before(t, start) == '=')
		default:
			if done > h.next {
				end, names = done, done
			}
		}
	}
	if start >= s.url.end {
		s.url = urlSpan{end: end, fuel: rereads * (end - start)}
	}
	s.url.host, s.url.names = h.end, max(s.url.names, names)
	s.addValue(URL, start, end, s.refangedURL(start, i, end))
	s.addHost(h)
	return done
}

// refangedURL returns the URL t[start:end], whose scheme ends at colon, with a
// scheme that works.
func (s *Scanner) refangedURL(start, colon, end int) string {
	t := s.text
	if isScheme(t[start:colon]) || !s.want.Has(URL) {
		return t[start:end]
	}
	if scheme := defangedSchemes[strings.ToLower(t[start:colon])]; scheme != "" {
		return scheme + t[colon:end]
	}
	return t[start:end]
}

// addHost reports a URL's host and keeps the dots in it from being read again,
// but for those of a mapped address.
func (s *Scanner) addHost(h host) {
	s.dotLow = h.next
	switch h.kind {
	case groupsHost:
		s.dotLow = h.start
		s.add(IPv6, h.start, h.start+len(h.value))
	case quadHost:
		s.add(IPv4, h.start, h.end)
	case nameHost:
		s.addValue(DNS, h.start, h.end, h.value)
	}
}

// isScheme reports whether s is on the list of schemes.
func isScheme(s string) bool {
	return equalFold(s, "https") || equalFold(s, "http") || isWordOf(schemes, s)
}

// schemeStart returns where the scheme before the colon at i starts, -1 if it
// is not on the list.
func schemeStart(t string, i int) int {
	a := i
	for a > 0 && i-a <= maxScheme && is(t[a-1], alnum) {
		a--
	}
	if before(t, a) == '+' {
		b := a - 1
		for b > 0 && i-b <= maxScheme && is(t[b-1], alnum) {
			b--
		}
		if isScheme(t[b:i]) {
			return b
		}
	}
	if isScheme(t[a:i]) {
		return a
	}
	if i-a <= len("hxxps") && defangedSchemes[strings.ToLower(t[a:i])] != "" {
		return a
	}
	for _, scheme := range escapedSchemes {
		if b := i - len(scheme); hasFold(t, b, scheme) {
			if afterEscape(t, b) {
				return b
			}
			return -1
		}
	}
	return -1
}
