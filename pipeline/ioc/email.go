package ioc

// maxLocal limits an email's local part (RFC 5321, section 4.5.3.1.1).
const maxLocal = 64

// email reports the address whose domain is t[a:b], and the domain.
func (s *Scanner) email(a, b int, domain string) {
	start := s.localStart(a-1, at(s.text, b) == '\'')
	if start < a-1 {
		s.add(Email, start, b)
	}
	s.addValue(DNS, a, b, domain)
}

// localStart returns where the local part before the @ at i starts, i if there
// is none. An apostrophe belongs to it between letters, and if the address
// does not stand in apostrophes itself.
func (s *Scanner) localStart(i int, quoted bool) int {
	t := s.text
	low := max(s.url.host, i-maxLocal-1)
	start := i
	for start > low && is(t[start-1], local) {
		c, next := t[start-1], t[start]
		if c == '.' && (next == '.' || next == '@') {
			break
		}
		if c == '\'' && (quoted || !is(next, alpha) || !is(before(t, start-1), alpha)) {
			break
		}
		start--
	}
	if i-start > maxLocal {
		return i
	}
	if from := trueStart(t, start, i); from > start {
		start = from
	}
	for start < i && !isWord(t[start]) {
		start++
	}
	return start
}
