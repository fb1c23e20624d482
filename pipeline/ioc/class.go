package ioc

// Classes of bytes, one bit each.
const (
	digit  = 1 << iota // 0-9
	alpha              // A-Z a-z
	hexa               // 0-9 A-F a-f
	name               // what a domain name token is made of: alnum . - _
	local              // what an email's local part is made of
	joiner             // what may stand between the starts of two overlapping matches
	wide               // bytes of UTF-8 sequences

	alnum = digit | alpha
)

var class = classify()

func classify() (c [256]uint8) {
	for b := range c {
		switch {
		case b >= '0' && b <= '9':
			c[b] = digit | hexa | name | local | joiner
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z':
			c[b] = alpha | name | local | joiner
			if b|0x20 <= 'f' {
				c[b] |= hexa
			}
		case b >= 0x80:
			c[b] = wide | joiner
		}
	}
	for _, b := range []byte(".-_") {
		c[b] = name | local | joiner
	}
	for _, b := range []byte("+'") {
		c[b] = local | joiner
	}
	for _, b := range []byte("@:%") {
		c[b] = joiner
	}
	return c
}

func is(b byte, mask uint8) bool { return class[b]&mask != 0 }

// isWord reports whether b continues a word, so that an indicator next to it
// would be a part of something longer.
func isWord(b byte) bool { return is(b, alnum) || b == '_' }

// before returns the byte before t[i], 0 at the start.
func before(t string, i int) byte {
	if i <= 0 {
		return 0
	}
	return t[i-1]
}

// at returns t[i], 0 past the end.
func at(t string, i int) byte {
	if i >= len(t) {
		return 0
	}
	return t[i]
}

// hasFold reports whether t[i:] begins with the lower-case ASCII word.
func hasFold(t string, i int, word string) bool {
	if i < 0 || i+len(word) > len(t) {
		return false
	}
	return equalFold(t[i:i+len(word)], word)
}

// equalFold reports whether s is the lower-case ASCII word, in any case.
func equalFold(s, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != word[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b | 0x20
	}
	return b
}
