package auditd

import "strings"

// A pair is name=value in a body, or a word that is none (name "").
type pair struct {
	name, value string
	quoted      bool
	values      []string // of a list, as AUOMS writes them
	within      bool     // value is a list of pairs in single quotes
}

// maxName is how long the name of a field may be.
const maxName = 64

// A scanner reads the pairs of a body.
type scanner struct {
	body   string
	inner  bool // the body stood in single quotes
	noList bool // no list ends in the rest of the body
}

// pairs calls do for each pair of a body, in order. Those within single quotes
// come in their place, and are marked.
func (s *scanner) pairs(do func(pair)) {
	var last pair
	start := 0 // of the last value
	flush := func() {
		if last.name != "" {
			do(last)
		}
		last = pair{}
	}
	for at := skip(s.body, 0); at < len(s.body); at = skip(s.body, at) {
		n := nameLen(s.body[at:])
		if n == 0 {
			end := word(s.body, at)
			if last.name != "" && !last.quoted {
				last.value = s.body[start:end] // the value has several words
			} else {
				flush()
				do(pair{value: s.body[at:end]})
			}
			at = end
			continue
		}
		flush()
		last.name = s.body[at : at+n]
		start = at + n + 1
		at = s.value(&last, start)
	}
	flush()
}

// value sets the value that begins at start and returns where it ends.
func (s *scanner) value(p *pair, start int) int {
	rest := s.body[start:]
	switch {
	case strings.HasPrefix(rest, `"`):
		end := closing(rest)
		p.value, p.quoted = rest[1:end], true
		return min(start+end+1, len(s.body))
	case strings.HasPrefix(rest, "'") && !s.inner:
		if end := strings.LastIndexByte(rest, '\''); end > 0 {
			p.value, p.quoted, p.within = rest[1:end], true, true
			return start + end + 1
		}
	case strings.HasPrefix(rest, `["`) && !s.noList:
		if end := strings.Index(rest, `"]`); end > 0 {
			p.value, p.quoted = rest[:end+2], true
			p.values = strings.Split(rest[2:max(end, 2)], `","`)
			return start + end + 2
		}
		s.noList = true
	}
	end := word(s.body, start)
	p.value = s.body[start:end]
	return end
}

// closing returns the place of the quote that ends a quoted value, which is one
// before another pair or the end. auditd writes no quote inside of such values,
// AUOMS does.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		next := skip(s, i+1)
		if next == len(s) || next > i+1 && nameLen(s[next:]) > 0 {
			return i
		}
	}
	return len(s)
}

func separates(c byte) bool { return c == ' ' || c == '\t' || c == 0x1d }

// skip returns the place of the first byte from at on that is no separator.
func skip(s string, at int) int {
	for at < len(s) && separates(s[at]) {
		at++
	}
	return at
}

// word returns where the word at a place ends.
func word(s string, at int) int {
	for at < len(s) && !separates(s[at]) {
		at++
	}
	return at
}

// nameLen returns how long the name is if s begins with name=, else 0.
func nameLen(s string) int {
	for i := 0; i < len(s) && i <= maxName; i++ {
		switch c := s[i]; {
		case c == '=':
			return i
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case i > 0 && ('0' <= c && c <= '9' || strings.IndexByte("-.[]", c) >= 0):
		default:
			return 0
		}
	}
	return 0
}
