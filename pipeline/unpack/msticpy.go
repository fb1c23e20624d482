package unpack

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// minMSTICPy is how many digits and line breaks MSTICPy takes for base64.
const minMSTICPy = 30

// UnpackMSTICPy returns what MSTICPy's base64 unpacking decodes of text, level
// by level: all layers of depth 1 before those of depth 2. See the package
// comment for what it takes and where it differs from MSTICPy. The slice and
// what it holds are valid until the next call.
func (u *Unpacker) UnpackMSTICPy(text string) []Layer {
	u.reset()
	u.flat = true
	defer func() { u.flat = false }()
	seen := make(map[string]struct{})
	u.sweep(text, -1, 1, seen)
	for from, depth := 0, 2; from < len(u.layers); depth++ {
		to := len(u.layers)
		clear(seen)
		for i := from; i < to; i++ {
			u.sweep(u.layers[i].Text, i, depth, seen)
		}
		from = to
	}
	return u.layers
}

// sweep decodes each run of at least minMSTICPy digits and line breaks of the
// standard alphabet in text. Equal ones on one level are decoded once.
func (u *Unpacker) sweep(text string, parent, depth int, seen map[string]struct{}) {
	for p := minMSTICPy - 1; p < len(text); p += minMSTICPy {
		if !isSwept(text[p]) {
			continue
		}
		a, b := p, p+1
		for a > 0 && isSwept(text[a-1]) {
			a--
		}
		for b < len(text) && isSwept(text[b]) {
			b++
		}
		if p = b; b-a < minMSTICPy {
			p-- // no run of that length can begin before it
			continue
		}
		end := b
		for end < len(text) && end-b < maxPadding && text[end] == '=' {
			end++
		}
		p = end - 1
		if _, ok := seen[text[a:end]]; !ok {
			seen[text[a:end]] = struct{}{}
			u.swept(text, a, b, end, parent, depth)
		}
	}
}

func isSwept(b byte) bool { return is(b, alnum|std) || b == '\n' || b == '\r' }

// swept decodes text[a:b], which padding to end follows, and adds the layers
// that it makes.
func (u *Unpacker) swept(text string, a, b, end, parent, depth int) {
	digits, head := u.withoutBreaks(text[a:b])
	u.looked += len(digits)
	switch left := len(digits) % 4; {
	case len(digits) == 0, left == 1, left > 0 && left+end-b < 4:
		return // its length is not that of base64
	}
	n := decodedLen(len(digits))
	if n > u.limits.Bytes-u.bytes {
		u.cut[cutBytes]++
		return
	}
	if !u.mayAdd(depth) {
		return
	}
	u.grow(n)
	from := len(u.arena)
	data := u.arena[from : from+n : from+n]
	if _, err := base64.RawStdEncoding.Decode(data, digits); err != nil {
		return
	}
	u.arena = u.arena[:from+n]
	kind, before := archiveOf(head), len(u.layers)
	if kind != "" {
		u.open(kind, data, parent, depth)
	}
	for i := before; i < len(u.layers); i++ {
		u.layers[i].Start, u.layers[i].End = a, end
	}
	if len(u.layers) > before {
		return
	}
	l := Layer{Parent: parent, Depth: depth, Encoding: "base64", Start: a, End: end, Data: data, Type: fileType(data)}
	if kind == "" {
		u.setText(&l, charsetMSTICPy(data))
	} else {
		u.setText(&l, "") // an archive that could not be opened
	}
	u.add(l)
}

// withoutBreaks returns the digits of a run, and those among its first 160
// characters, by which MSTICPy tells archives.
func (u *Unpacker) withoutBreaks(run string) (digits, head []byte) {
	const first = 160
	digits = append(u.joined[:0], run...)
	n := min(len(run), first)
	if strings.ContainsAny(run, "\r\n") {
		n -= strings.Count(run[:n], "\r") + strings.Count(run[:n], "\n")
		digits = digits[:0]
		for i := range len(run) {
			if run[i] != '\r' && run[i] != '\n' {
				digits = append(digits, run[i])
			}
		}
	}
	u.joined = digits
	return digits, digits[:n]
}

// archiveOf returns the kind of archive that MSTICPy opens if base64 begins
// like head, "" if it opens none.
func archiveOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("UEsDBBQAAAAIA")):
		return "zip"
	case bytes.HasPrefix(head, []byte("H4sI")):
		return "gzip"
	case bytes.Contains(bytes.ToLower(head), []byte(strings.ToLower("DAxMDA3NzcAMDAwMDAwM"))):
		return "tar" // the mode 0777 of its first member, and its owner
	}
	return ""
}

// charsetMSTICPy returns the charset of what MSTICPy takes for text: anything
// that is valid UTF-8, whatever is in it. UTF-16 among that is known by its
// zeros.
func charsetMSTICPy(data []byte) string {
	switch {
	case !utf8.Valid(data):
		return ""
	case isUTF16(data, false, false):
		return utf16le
	}
	return utf8Text
}
