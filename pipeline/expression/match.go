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
	return strings.IndexByte(s, ':') >= 0 || strings.Trim(s, "0123456789.") == ""
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

// globber returns the test for one or several patterns.
func globber(patterns []string) func(string) bool {
	folded := make([][]rune, len(patterns))
	for i, p := range patterns {
		for _, r := range p {
			folded[i] = append(folded[i], fold(r))
		}
	}
	return func(s string) bool {
		for _, p := range folded {
			if globMatch(p, s) {
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
