package pipeline

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

func (d *Decoder) literal(key Key, word string) error {
	if err := d.word(word); err != nil {
		return err
	}
	start := len(d.block.arena)
	d.block.arena = append(d.block.arena, word...)
	d.keep(key, start)
	return nil
}

func (d *Decoder) word(word string) error {
	if len(d.in)-d.pos < len(word) || string(d.in[d.pos:d.pos+len(word)]) != word {
		return d.fail("neither a value nor %q", word)
	}
	d.pos += len(word)
	return nil
}

// number reads a number by RFC 8259 §6 and keeps its text.
func (d *Decoder) number(key Key) error {
	begin := d.pos
	minus := d.skip("-")
	switch {
	case d.skip("0"):
	case d.digits():
	case minus:
		return d.fail("digits are missing behind the minus sign")
	default:
		return d.fail("no JSON value begins with %q", d.in[d.pos])
	}
	if d.skip(".") && !d.digits() {
		return d.fail("digits are missing behind the decimal point")
	}
	if d.skip("eE") {
		d.skip("+-")
		if !d.digits() {
			return d.fail("digits are missing in the exponent")
		}
	}
	start := len(d.block.arena)
	d.block.arena = append(d.block.arena, d.in[begin:d.pos]...)
	d.keep(key, start)
	return nil
}

// skip steps over one byte if it is one of set.
func (d *Decoder) skip(set string) bool {
	if d.pos < len(d.in) {
		for i := range len(set) {
			if d.in[d.pos] == set[i] {
				d.pos++
				return true
			}
		}
	}
	return false
}

func (d *Decoder) digits() bool {
	begin := d.pos
	for d.pos < len(d.in) && d.in[d.pos] >= '0' && d.in[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > begin
}

// plain reports whether a byte stands for itself within a string and is ASCII.
func plain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf }

const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// notPlain looks at eight bytes at once and returns how many plain bytes lie
// before the first that is not, 8 if all are plain. In each byte below 0x80 a
// subtraction sets the high bit if the byte is the one looked for (or, for
// controls, less than a blank); a borrow from the byte below can only come
// from one that is not plain itself, and so cannot mislead about the first.
func notPlain(w uint64) int {
	quote, slash := w^('"'*eachByte), w^('\\'*eachByte)
	found := (w | (quote - eachByte) | (slash - eachByte) | (w - ' '*eachByte)) & highBits
	return bits.TrailingZeros64(found) / 8
}

// quoted appends the text of the string at pos to dst.
func (d *Decoder) quoted(dst []byte) ([]byte, error) {
	d.pos++
	for {
		dst = d.plainRun(dst)
		if d.pos == len(d.in) {
			return dst, d.fail("a string does not end")
		}
		switch c := d.in[d.pos]; {
		case c == '"':
			d.pos++
			return dst, nil
		case c == '\\':
			var err error
			if dst, err = d.escape(dst); err != nil {
				return dst, err
			}
		case c < ' ':
			return dst, d.fail("a control character (%#02x) must be escaped", c)
		default:
			r, n := utf8.DecodeRune(d.in[d.pos:])
			dst = utf8.AppendRune(dst, r)
			d.pos += n
		}
	}
}

// plainRun appends the plain bytes from pos on. Copying and looking go
// together, eight bytes at a time; what is copied too much is overwritten.
func (d *Decoder) plainRun(dst []byte) []byte {
	in, pos := d.in, d.pos
	for len(in)-pos >= 8 {
		w := binary.LittleEndian.Uint64(in[pos:])
		end := len(dst)
		if cap(dst)-end < 8 {
			dst = slices.Grow(dst, 8)
		}
		binary.LittleEndian.PutUint64(dst[end:end+8], w)
		n := notPlain(w)
		dst, pos = dst[:end+n], pos+n
		if n < 8 {
			d.pos = pos
			return dst
		}
	}
	for pos < len(in) && plain(in[pos]) {
		dst = append(dst, in[pos])
		pos++
	}
	d.pos = pos
	return dst
}

func (d *Decoder) escape(dst []byte) ([]byte, error) {
	if d.pos+1 >= len(d.in) {
		return dst, d.fail("a string does not end")
	}
	c := d.in[d.pos+1]
	if c == 'u' {
		return d.unicode(dst)
	}
	text := unescaped(c)
	if text == 0 {
		return dst, d.fail("%q is no JSON escape", d.in[d.pos:d.pos+2])
	}
	d.pos += 2
	return append(dst, text), nil
}

func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

func (d *Decoder) unicode(dst []byte) ([]byte, error) {
	r, ok := d.hex4(d.pos)
	if !ok {
		return dst, d.fail("\\u wants four hex digits")
	}
	d.pos += 6
	if utf16.IsSurrogate(r) {
		low, ok := d.hex4(d.pos)
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			d.pos += 6
			r = pair
		} else {
			r = utf8.RuneError
		}
	}
	return utf8.AppendRune(dst, r), nil
}

// hex4 reads \uXXXX at a position.
func (d *Decoder) hex4(at int) (rune, bool) {
	if at+6 > len(d.in) || d.in[at] != '\\' || d.in[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range d.in[at+2 : at+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
