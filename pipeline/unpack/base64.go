package unpack

import (
	"encoding/base64"
	"unsafe"
)

// A candidate is a run of digits that may be base64.
type candidate struct {
	digits string // without padding and line breaks
	start  int    // in the source
	end    int    // in the source, without padding
	hint   hint
	url    bool // the alphabet for URLs
	made   bool // the digits were put together; end is that of all of it
	pad    int  // how many = belong to them, if they were
}

// probe is how many digits are decoded to see whether the rest is worth it.
const probe = 64

// try decodes a candidate and adds its layer, if it is base64. It returns the
// end of the base64 in the source, padding included.
func (u *Unpacker) try(s *source, c candidate) (end int, ok bool) {
	u.looked += len(c.digits)
	padding := c.padding(s.text)
	if !c.shaped(padding) {
		return c.end, false
	}
	if c.hint == none && c.unlikely() {
		return c.end, false
	}
	n := decodedLen(len(c.digits))
	l := Layer{Parent: s.parent, Depth: s.depth, Encoding: "base64", Start: c.start, End: c.end}
	if !c.made {
		l.End += padding
	}
	if c.url {
		l.Encoding = "base64url"
	}
	if n > u.limits.Bytes-u.bytes {
		u.cut[cutBytes]++
		return l.End, true
	}
	u.grow(n)
	from := len(u.arena)
	l.Data = c.decode(u.arena[from : from+n : from+n])
	if !u.judge(&l, c) {
		return c.end, false
	}
	if !u.mayAdd(l.Depth) {
		return l.End, true
	}
	if len(c.digits)%4 == 1 {
		u.cut[cutDamaged]++
	}
	u.arena = u.arena[:from+n]
	u.setText(&l, l.Charset)
	s.taken = l.End
	u.add(l)
	return l.End, true
}

// decodedLen returns how many whole bytes n digits hold.
func decodedLen(n int) int { return n/4*3 + max(n%4-1, 0) }

// decode decodes the digits into dst, which has room for just that.
func (c *candidate) decode(dst []byte) []byte {
	enc := base64.RawStdEncoding
	if c.url {
		enc = base64.RawURLEncoding
	}
	digits := c.digits
	if len(digits)%4 == 1 {
		digits = digits[:len(digits)-1]
	}
	n, _ := enc.Decode(dst, unsafe.Slice(unsafe.StringData(digits), len(digits)))
	return dst[:n]
}

// shaped reports whether the number of digits and the bits left over in the
// last one are those of base64. Behind an option the end may be
// missing. What is short must be announced and complete.
func (c *candidate) shaped(padding int) bool {
	n := len(c.digits)
	switch {
	case n+padding < minHinted:
		return false
	case c.hint == option:
		return true
	case n%4 == 1:
		return false
	case n+padding < minRun && (c.hint == none || (n+padding)%4 != 0):
		return false
	}
	var left byte
	switch n % 4 {
	case 2:
		left = 0x0f
	case 3:
		left = 0x03
	}
	return sextet(c.digits[n-1])&left == 0
}

// sextet returns the value of a digit in either alphabet.
func sextet(b byte) byte {
	switch {
	case b >= 'a':
		return b - 'a' + 26
	case b == '_' || b == '/':
		return 63
	case b >= 'A':
		return b - 'A'
	case b >= '0':
		return b - '0' + 52
	default:
		return 62
	}
}

// padding returns how many = behind the digits belong to them.
func (c *candidate) padding(text string) int {
	if c.made {
		return c.pad
	}
	n := 0
	for need := -len(c.digits) & 3; n < need && c.end+n < len(text) && text[c.end+n] == '='; {
		n++
	}
	return n
}
