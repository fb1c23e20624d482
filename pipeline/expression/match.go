package expression

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseNets reads networks as cidr takes them; a bare address is a net of one.
func parseNets(texts []string) ([]netip.Prefix, error) {
	nets := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		net, err := netip.ParsePrefix(text)
		if addr, bad := netip.ParseAddr(text); bad == nil {
			net, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write it as in 10.0.0.0/8 or 2001:db8::/32", text)
		}
		nets[i] = net.Masked()
	}
	return nets, nil
}

// inNets returns a test whether a text is an address in one of the nets. An
// IPv4 address in IPv6 clothes (::ffff:10.0.0.1) counts as IPv4.
func inNets(nets []netip.Prefix) func(string) bool {
	return func(s string) bool {
		if !likeAddress(s) {
			return false
		}
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		addr = addr.Unmap().WithZone("")
		for _, net := range nets {
			if net.Contains(addr) {
				return true
			}
		}
		return false
	}
}

// likeAddress spares the names of hosts the parser, whose errors are allocated.
func likeAddress(s string) bool {
	if len(s) < 2 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' {
			return strings.IndexByte(s[i:], ':') >= 0
		}
	}
	return true
}

// globMatch reports whether the whole text matches a pattern in which * stands
// for any text and ? for one character, capitals or not. Everything else, the
// backslashes of Windows paths included, stands for itself. It goes back only
// to the last *, so it takes at most len(pattern)*len(text) steps.
func globMatch(pattern []rune, text string) bool {
	p, t := 0, 0
	star, resume := -1, 0
	for t < len(text) {
		r, n := utf8.DecodeRuneInString(text[t:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
			continue
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == fold(r)):
			p++
			t += n
			continue
		case star < 0:
			return false
		}
		_, n = utf8.DecodeRuneInString(text[resume:])
		resume += n
		p, t = star+1, resume
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// A globPattern is a pattern made ready.
type globPattern struct {
	runes []rune
	// tail is what the text must end with, in ASCII and small letters: what
	// stands behind the last * of a pattern. Most texts fail by it.
	tail string
	// alone says that the tail is all that is asked for.
	alone bool
}

func newGlobPattern(p string) globPattern {
	g := globPattern{}
	for _, r := range p {
		g.runes = append(g.runes, fold(r))
	}
	star := strings.LastIndexByte(p, '*')
	tail := strings.ToLower(p[star+1:])
	if star >= 0 && strings.IndexByte(tail, '?') < 0 && strings.IndexFunc(p[star+1:], func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		g.tail, g.alone = tail, star == 0
	}
	return g
}

func (g *globPattern) match(s string) bool {
	switch has, ascii := hasTail(s, g.tail); {
	case ascii && !has:
		return false
	case ascii && g.alone:
		return true
	}
	return globMatch(g.runes, s)
}

// hasTail reports whether s ends with an ASCII text, capitals or not; ascii is
// false where it cannot tell because a letter of s is not ASCII, since some of
// those are capitals of ASCII letters.
func hasTail(s, tail string) (has, ascii bool) {
	for i := len(tail) - 1; i >= 0; i-- {
		at := len(s) - len(tail) + i
		if at < 0 {
			return false, true
		}
		switch c := s[at]; {
		case c >= utf8.RuneSelf:
			return false, false
		case c != tail[i] && fold(rune(c)) != rune(tail[i]):
			return false, true
		}
	}
	return true, true
}

// globber returns the test for one or several patterns.
func globber(patterns []string) func(string) bool {
	ready := make([]globPattern, len(patterns))
	for i, p := range patterns {
		ready[i] = newGlobPattern(p)
	}
	return func(s string) bool {
		for i := range ready {
			if ready[i].match(s) {
				return true
			}
		}
		return false
	}
}

func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}
