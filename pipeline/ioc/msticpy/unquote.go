package msticpy

import (
	"strings"
	"unicode/utf8"
)

// unquote decodes percent signs with two digits as Python's urllib does: the
// bytes are UTF-8, and what is none becomes U+FFFD.
func unquote(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] < utf8.RuneSelf {
			j++
		}
		if j == i { // other text stands as it is, and parts what is decoded
			for j < len(s) && s[j] >= utf8.RuneSelf {
				j++
			}
			out.WriteString(s[i:j])
		} else {
			decodeUTF8(&out, unquoteBytes(s[i:j]))
		}
		i = j
	}
	return out.String()
}

func unquoteBytes(s string) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && is(at(s, i+1), hexa) && is(at(s, i+2), hexa) {
			out = append(out, nibble(s[i+1])<<4|nibble(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

func nibble(b byte) byte {
	if b > '9' {
		b += 9
	}
	return b & 15
}

// decodeUTF8 writes b, with one U+FFFD for each longest piece that could begin a
// character and does not (Unicode Standard, section 3.9, table 3-8).
func decodeUTF8(out *strings.Builder, b []byte) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = pieceLen(b)
		}
		out.WriteRune(r)
		b = b[n:]
	}
}

// pieceLen returns the length of the piece of a character that b begins with.
func pieceLen(b []byte) int {
	size, low, high := 1, byte(0x80), byte(0xbf) // bounds of the second byte
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		size = 2
	case c == 0xe0:
		size, low = 3, 0xa0
	case c == 0xed:
		size, high = 3, 0x9f
	case c >= 0xe1 && c <= 0xef:
		size = 3
	case c == 0xf0:
		size, low = 4, 0x90
	case c == 0xf4:
		size, high = 4, 0x8f
	case c >= 0xf1 && c <= 0xf3:
		size = 4
	}
	n := 1
	for n < size && n < len(b) && b[n] >= low && b[n] <= high {
		n++
		low, high = 0x80, 0xbf
	}
	return n
}
