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

// notPlain looks at eight bytes at once: the first bit that is set in what it
// returns is the highest of the first byte that is not plain; there is none if
// all are. In each byte below 0x80 a subtraction sets the high bit if the byte
// is the one looked for (or, for controls, less than a blank); a borrow from the
// byte below can only come from one that is not plain itself, and so cannot
// mislead about the first.
func notPlain(w uint64) uint64 {
	quote, slash := w^('"'*eachByte), w^('\\'*eachByte)
	return (w | (quote - eachByte) | (slash - eachByte) | (w - ' '*eachByte)) & highBits
}

// quoted appends the text of the string at pos to dst. Looking, copying and
// taking escapes back go together, eight bytes at a time; what is copied too
// much is overwritten.
func (d *Decoder) quoted(dst []byte) ([]byte, error) {
	in, pos := d.in, d.pos+1
	for len(in)-pos >= 8 {
		end := len(dst)
		if cap(dst)-end < 8 {
			dst = slices.Grow(dst, max(8, end/2)) // quickly, for a first batch
		}
		w := binary.LittleEndian.Uint64(in[pos:])
		binary.LittleEndian.PutUint64(dst[end:end+8], w)
		odd := notPlain(w)
		if odd == 0 { // no arithmetic: the processor need not wait for it
			dst, pos = dst[:end+8], pos+8
			continue
		}
		n := bits.TrailingZeros64(odd) / 8
		dst, pos = dst[:end+n], pos+n
		if in[pos] == '"' {
			d.pos = pos + 1
			return dst, nil
		}
		if in[pos] == '\\' && pos+1 < len(in) {
			if c := escapes[in[pos+1]]; c != 0 {
				// There is room: one of the eight bytes was not plain.
				dst, pos = append(dst, c), pos+2
				continue
			}
		}
		d.pos = pos
		var err error
		if dst, err = d.odd(dst); err != nil {
			return dst, err
		}
		pos = d.pos
	}
	d.pos = pos
	return d.lastQuoted(dst)
}

// lastQuoted is the rest of quoted where the text ends within eight bytes.
func (d *Decoder) lastQuoted(dst []byte) ([]byte, error) {
	for d.pos < len(d.in) {
		switch c := d.in[d.pos]; {
		case c == '"':
			d.pos++
			return dst, nil
		case plain(c):
			dst = append(dst, c)
			d.pos++
		default:
			var err error
			if dst, err = d.odd(dst); err != nil {
				return dst, err
			}
		}
	}
	return dst, d.fail("a string does not end")
}

// odd reads what is neither plain nor the end of a string.
func (d *Decoder) odd(dst []byte) ([]byte, error) {
	switch c := d.in[d.pos]; {
	case c == '\\':
		return d.escape(dst)
	case c < ' ':
		return dst, d.fail("a control character (%#02x) must be escaped", c)
	}
	r, n := utf8.DecodeRune(d.in[d.pos:])
	d.pos += n
	return utf8.AppendRune(dst, r), nil
}

func (d *Decoder) escape(dst []byte) ([]byte, error) {
	if d.pos+1 >= len(d.in) {
		return dst, d.fail("a string does not end")
	}
	c := d.in[d.pos+1]
	if c == 'u' {
		return d.unicode(dst)
	}
	text := escapes[c]
	if text == 0 {
		return dst, d.fail("%q is no JSON escape", d.in[d.pos:d.pos+2])
	}
	d.pos += 2
	return append(dst, text), nil
}

// escapes has, for what stands behind a backslash, what both stand for.
var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
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
