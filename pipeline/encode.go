package pipeline

import (
	"slices"
	"unicode/utf8"
)

// AppendRecord appends a record as one flat JSON object: each field's name and
// its text, or a list of texts where it has several values.
func (b *Batch) AppendRecord(dst []byte, row int) []byte {
	dst = append(dst, '{')
	first := true
	for key, vals := range b.Fields(row) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = AppendQuoted(dst, b.Dict().Name(key))
		dst = append(dst, ':')
		dst = appendValues(dst, vals)
	}
	return append(dst, '}')
}

// appendSorted is AppendRecord with the fields in order of their names, so
// that equal records give equal bytes whatever order they were read in. Fields
// for which skip holds are left out.
func (b *Batch) appendSorted(dst []byte, row int, skip func(name string) bool) []byte {
	type field struct {
		name string
		vals Values
	}
	var fields []field
	for key, vals := range b.Fields(row) {
		if name := b.Dict().Name(key); !skip(name) {
			fields = append(fields, field{name, vals})
		}
	}
	slices.SortFunc(fields, func(x, y field) int {
		if x.name < y.name {
			return -1
		}
		return 1 // names of one record differ
	})
	for _, f := range fields {
		dst = AppendQuoted(dst, f.name)
		dst = append(dst, ':')
		dst = append(appendValues(dst, f.vals), ',')
	}
	return dst
}

func appendValues(dst []byte, vals Values) []byte {
	if vals.Len() == 1 {
		return AppendQuoted(dst, vals.At(0))
	}
	dst = append(dst, '[')
	for i := range vals.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendQuoted(dst, vals.At(i))
	}
	return append(dst, ']')
}

const hexDigits = "0123456789abcdef"

// AppendQuoted appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD; what JSON lets stand as it is stands as it is, but for U+2028 and
// U+2029, which break JavaScript readers.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plain(c) {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || r == '\u2028' || r == '\u2029' {
			dst = append(dst, s[start:i]...)
			dst = append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			start = i + n
		}
		i += n
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
