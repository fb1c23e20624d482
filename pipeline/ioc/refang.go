package ioc

import (
	"sort"
	"strings"
	"unsafe"
)

// refanged is a text with its defanged signs as they were: [.] (dot) [at] [:]
// and the like. It remembers where what stood.
type refanged struct {
	text string
	buf  []byte
	cuts []cut
}

// A cut is where the copy goes on behind a sign, and how much further on the
// original does.
type cut struct{ at, shift int }

// read makes the copy, and reports false if there is nothing defanged in text.
// The copy is valid until the next.
func (r *refanged) read(text string) bool {
	i := nextSign(text, 0)
	if i == len(text) {
		return false
	}
	r.buf, r.cuts = r.buf[:0], r.cuts[:0]
	from := 0
	for i < len(text) {
		start, end, sign := signAt(text, i)
		if start < from {
			i = nextSign(text, i+1)
			continue
		}
		r.buf = append(append(r.buf, text[from:start]...), sign...)
		r.cuts = append(r.cuts, cut{len(r.buf), end - len(r.buf)})
		from = end
		i = nextSign(text, end)
	}
	r.buf = append(r.buf, text[from:]...)
	r.text = unsafe.String(unsafe.SliceData(r.buf), len(r.buf))
	return true
}

// span returns where the bytes of the copy from start to end stood.
func (r *refanged) span(start, end int) (from, to int) {
	return start + r.shift(start), end + r.shift(end)
}

func (r *refanged) shift(at int) int {
	i := sort.Search(len(r.cuts), func(i int) bool { return r.cuts[i].at > at })
	if i == 0 {
		return 0
	}
	return r.cuts[i-1].shift
}

// nextSign returns the next bracket from i on that belongs to a defanged sign,
// len(t) if there is none.
func nextSign(t string, i int) int {
	next := len(t)
	for _, bracket := range [...]byte{'[', '(', '{'} {
		for j := i; j < next; j++ {
			n := strings.IndexByte(t[j:next], bracket)
			if n < 0 {
				break
			}
			if j += n; mayBeSign(at(t, j+1)) {
				if _, _, sign := signAt(t, j); sign != "" {
					next = j
					break
				}
			}
		}
	}
	return next
}

// mayBeSign reports whether b begins what stands in brackets instead of a sign.
func mayBeSign(b byte) bool {
	switch b {
	case '.', ':', '@', '/', 'd', 'D', 'a', 'A':
		return true
	}
	return false
}

// signs are what stands in brackets, and for what.
var signs = [...]struct{ in, sign string }{
	{".", "."}, {"dot", "."}, {"@", "@"}, {"at", "@"}, {"://", "://"}, {":", ":"}, {"/", "/"},
}

// signAt returns the defanged sign whose bracket is at i, and what it stands
// for, "" if it is none. One blank on either side belongs to it.
func signAt(t string, i int) (start, end int, sign string) {
	for _, s := range signs {
		if end = i + 1 + len(s.in); !hasFold(t, i+1, s.in) || at(t, end) != closing(t[i]) {
			continue
		}
		start, end = i, end+1
		if before(t, start) == ' ' && at(t, end) == ' ' {
			start, end = start-1, end+1
		}
		if joins(before(t, start), at(t, end), s.sign) {
			return start, end, s.sign
		}
		return 0, 0, ""
	}
	const half = "[."
	if strings.HasPrefix(t[i:], half) && is(before(t, i), alnum) && is(at(t, i+len(half)), alnum) { // evil[.com
		return i, i + len(half), "."
	}
	return 0, 0, ""
}

func closing(b byte) byte {
	switch b {
	case '[':
		return ']'
	case '(':
		return ')'
	}
	return '}'
}

// joins reports whether the sign may stand between two bytes.
func joins(prev, next byte, sign string) bool {
	switch sign {
	case ":", "/", "://":
		return is(prev, alnum) || prev == '/' || prev == ':' || prev == ']'
	case "@":
		return is(prev, local) && is(next, alnum|wide)
	}
	return is(prev, alnum|wide) && is(next, alnum|wide)
}
