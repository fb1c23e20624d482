package unpack

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The charsets of text.
const (
	utf8Text = "utf-8"
	utf16le  = "utf-16le"
	utf16be  = "utf-16be"
)

// charset returns the charset of data if it is text, "" if not. A few control
// characters may be among it.
func charset(data []byte) string {
	switch {
	case len(data) == 0:
		return ""
	case hasMark(data, 0xff, 0xfe) && isUTF16(data[2:], false, true):
		return utf16le
	case hasMark(data, 0xfe, 0xff) && isUTF16(data[2:], true, true):
		return utf16be
	case isUTF8(data):
		return utf8Text
	case isUTF16(data, false, false):
		return utf16le
	}
	return ""
}

func hasMark(data []byte, a, b byte) bool {
	return len(data) >= 4 && data[0] == a && data[1] == b
}

// trimUTF8Mark cuts off a byte order mark.
func trimUTF8Mark(b []byte) []byte {
	if len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		return b[3:]
	}
	return b
}

// controlShare is how many characters of a text there are, at least, for each
// control character in it.
const controlShare = 32

// isUTF8 reports whether b is text in UTF-8.
func isUTF8(b []byte) bool {
	odd := 0
	for i := 0; i < len(b); {
		c := b[i]
		if class[c]&(graph|blank) != 0 {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			if odd++; c == 0 || odd > 2 && odd*controlShare > len(b) {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return false
		}
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) && r != '\ufeff' {
			if odd++; odd > 2 && odd*controlShare > len(b) {
				return false
			}
		}
		i += n
	}
	return odd*2 <= len(b)
}

// isUTF16 reports whether b is text in UTF-16, a last odd byte aside. Without
// a byte order mark most of it must be ASCII or belong to one script: any
// bytes at all are some Chinese otherwise.
func isUTF16(b []byte, big, marked bool) bool {
	units := len(b) / 2
	if units < 2 {
		return false
	}
	lo, hi := 0, 1
	if big {
		lo, hi = 1, 0
	}
	var ascii, odd, spaces int
	var pages [256]int32
	for i := 0; i+1 < len(b); i += 2 {
		if b[i+hi] == 0 && class[b[i+lo]]&(graph|blank) != 0 {
			ascii++
			continue
		}
		r := rune(b[i+hi])<<8 | rune(b[i+lo])
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) {
				break
			}
			next := rune(b[i+2+hi])<<8 | rune(b[i+2+lo])
			if r = utf16.DecodeRune(r, next); r == unicode.ReplacementChar {
				return false
			}
			i += 2
		}
		pages[b[i+hi]]++
		switch {
		case r == 0:
			return false
		case unicode.IsSpace(r):
			spaces++
		case !unicode.IsPrint(r):
			if odd++; odd > 2 && odd*controlShare > units {
				return false
			}
		}
	}
	if odd*2 > units {
		return false
	}
	if marked || ascii*2 >= units {
		return true
	}
	// Greek, Cyrillic, Arabic and their like fill one page of 256.
	var most int32
	for page, n := range pages[:0x20] {
		if page != 0 {
			most = max(most, n)
		}
	}
	return units >= 8 && (ascii+spaces+int(most))*10 >= units*9
}

// appendUTF16 appends the UTF-8 of text in UTF-16 to dst, without a byte order
// mark. Halves of pairs and a last odd byte become U+FFFD, as in .NET.
func appendUTF16(dst, b []byte, big bool) []byte {
	lo, hi := 0, 1
	if big {
		lo, hi = 1, 0
	}
	if len(b) >= 2 && b[lo] == 0xff && b[hi] == 0xfe {
		b = b[2:]
	}
	i := 0
	for ; i+1 < len(b); i += 2 {
		if b[i+hi] == 0 && b[i+lo] < utf8.RuneSelf {
			dst = append(dst, b[i+lo])
			continue
		}
		r := rune(b[i+hi])<<8 | rune(b[i+lo])
		if utf16.IsSurrogate(r) && i+3 < len(b) {
			if pair := utf16.DecodeRune(r, rune(b[i+2+hi])<<8|rune(b[i+2+lo])); pair != unicode.ReplacementChar {
				r = pair
				i += 2
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	if i < len(b) {
		dst = utf8.AppendRune(dst, unicode.ReplacementChar)
	}
	return dst
}
