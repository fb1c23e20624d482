package msticpy

import (
	"unicode"
	"unicode/utf8"
)

// Classes of ASCII bytes that the patterns use, one bit each.
const (
	digit    = 1 << iota
	letter   // a-z
	hexa     // 0-9 a-f
	label    // of a domain name
	user     // before an @
	userinfo // of a URL
	host     // of a URL, brackets included
	query    // and fragment of a URL

	alnum = digit | letter
)

// More classes.
const (
	server   = 1 << iota // of a UNC path
	winPart              // inside the folders of a Windows path, separators included
	winFile              // the last part of one
	unixPart             // inside a folder of a Linux path
	unixFile             // the last part of one
)

var class, part = classify()

func classify() (c, p [256]uint8) {
	set := func(table *[256]uint8, mask uint8, chars string) {
		for i := range len(chars) {
			table[chars[i]] |= mask
		}
	}
	unset := func(mask uint8, chars string) {
		for b := range p {
			p[b] |= mask
		}
		for i := range len(chars) {
			p[chars[i]] &^= mask
		}
	}
	const words = label | user | userinfo | host | query
	for b := range c {
		switch {
		case b >= '0' && b <= '9':
			c[b] = digit | hexa | words
		case b|0x20 >= 'a' && b|0x20 <= 'z' && b < utf8.RuneSelf:
			c[b] = letter | words
			if b|0x20 <= 'f' {
				c[b] |= hexa
			}
		}
	}
	set(&c, label, "-")
	set(&c, user, ".!#$%&'*+/=?^_`{|}~-")
	set(&c, userinfo|host|query, "-._~!$&'()*+,;=")
	set(&c, userinfo, ":")
	set(&c, host, "[]")
	set(&c, query, ":/?@")
	unset(winPart, "/:*?\"'<>|\r\n")
	unset(winFile, "\\/*?\"<>|\r\n ")
	unset(unixPart, "\\/:*?<>|\r\n")
	unset(unixFile, "/\x00<>|\r\n ")
	for b := range c {
		if c[b]&alnum != 0 {
			p[b] |= server
		}
	}
	set(&p, server, "_.$-")
	return c, p
}

func is(b byte, mask uint8) bool { return class[b]&mask != 0 }

func isPart(b byte, mask uint8) bool { return part[b]&mask != 0 }

// at returns t[i], 0 where there is none. No pattern wants a 0.
func at(t string, i int) byte {
	if i < 0 || i >= len(t) {
		return 0
	}
	return t[i]
}

// run returns the end of the run of bytes of the class that begins at i.
func run(t string, i int, mask uint8) int {
	for i < len(t) && is(t[i], mask) {
		i++
	}
	return i
}

// runBack returns the start of the run of bytes of the class that ends before
// i, not before low.
func runBack(t string, i, low int, mask uint8) int {
	for i > low && is(t[i-1], mask) {
		i--
	}
	return i
}

// isWord is what \w means to Python.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// isSpace is what \s means to Python.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }
