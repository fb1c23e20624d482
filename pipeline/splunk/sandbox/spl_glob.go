package sandbox

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// lowerTable is ASCII in lower case; other bytes are themselves.
var lowerTable = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// appendLower appends s in lower case.
func appendLower(dst []byte, s string) []byte {
	start := len(dst)
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return append(dst[:start], strings.ToLower(s)...)
		}
		dst = append(dst, lowerTable[c])
	}
	return dst
}

// A glob is a value to compare with, in which * stands for anything.
type glob struct {
	parts [][]byte // what stands between the asterisks
	size  int      // bytes of all parts
}

func newGlob(text string) glob {
	var g glob
	for _, p := range strings.Split(text, "*") {
		g.parts = append(g.parts, []byte(p))
		g.size += len(p)
	}
	return g
}

// any reports whether the glob is asterisks alone.
func (g glob) any() bool { return g.size == 0 && len(g.parts) > 1 }

// match reports whether all of s is as the glob says. It takes the first place
// for each part, and so time linear in s.
func (g glob) match(s []byte) bool {
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(g.parts) == 1 {
		return bytes.Equal(s, first)
	}
	if len(s) < g.size || !bytes.HasPrefix(s, first) || !bytes.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range g.parts[1 : len(g.parts)-1] {
		at := bytes.Index(s, p)
		if at < 0 {
			return false
		}
		s = s[at+len(p):]
	}
	return true
}

// isBreaker reports whether a byte ends a term of the index. Splunk's major and
// minor breakers are all of ASCII but letters and digits.
func isBreaker(c byte) bool {
	return c < utf8.RuneSelf && (c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z')
}

// isMajor reports whether a byte is a breaker that no term goes beyond, so that
// no asterisk does.
func isMajor(c byte) bool {
	return c <= ' ' || strings.IndexByte("[]<>(){}|!;,'\"*&?+", c) >= 0
}

// find reports whether a text holds the glob as a term or phrase: beginning and
// ending where a term does, or anywhere where it begins or ends with an
// asterisk.
func (g glob) find(text []byte) bool {
	first := g.parts[0]
	if len(first) == 0 && len(g.parts) > 1 {
		return g.findInner(text)
	}
	for at := 0; at <= len(text)-len(first); {
		n := bytes.Index(text[at:], first)
		if n < 0 {
			return false
		}
		at += n
		if startsTerm(text, at, first) && g.restAt(text, at+len(first), 1) {
			return true
		}
		at = nextStart(text, at, first)
	}
	return false
}

// findInner is find for a glob that begins with an asterisk.
func (g glob) findInner(text []byte) bool {
	if g.any() {
		return true
	}
	p := g.parts[1]
	for at := 0; at <= len(text)-len(p); at++ {
		n := bytes.Index(text[at:], p)
		if n < 0 {
			return false
		}
		at += n
		if g.restAt(text, at+len(p), 2) {
			return true
		}
	}
	return false
}

func startsTerm(text []byte, at int, part []byte) bool {
	return at == 0 || isBreaker(text[at-1]) || len(part) > 0 && isBreaker(part[0])
}

// nextStart returns the next place behind at where the part may begin.
func nextStart(text []byte, at int, part []byte) int {
	at++
	if len(part) == 0 || isBreaker(part[0]) {
		return at
	}
	for at < len(text) && !isBreaker(text[at-1]) {
		at++
	}
	return at
}

// restAt reports whether the parts from the i-th on follow, the text before at
// being matched.
func (g glob) restAt(text []byte, at, i int) bool {
	for ; i < len(g.parts); i++ {
		end := at
		for end < len(text) && !isMajor(text[end]) {
			end++
		}
		p := g.parts[i]
		if i == len(g.parts)-1 {
			return len(p) == 0 || hasEnd(text[at:min(end+len(p), len(text))], p)
		}
		n := bytes.Index(text[at:min(end+len(p), len(text))], p)
		if n < 0 {
			return false
		}
		at += n + len(p)
	}
	last := g.parts[len(g.parts)-1]
	return at == len(text) || isBreaker(text[at]) || len(last) > 0 && isBreaker(last[len(last)-1])
}

// hasEnd reports whether a part occurs where a term ends.
func hasEnd(text, part []byte) bool {
	for at := 0; at <= len(text)-len(part); at++ {
		n := bytes.Index(text[at:], part)
		if n < 0 {
			return false
		}
		if at += n + len(part); at == len(text) || isBreaker(text[at]) || isBreaker(part[len(part)-1]) {
			return true
		}
		at -= len(part)
	}
	return false
}
