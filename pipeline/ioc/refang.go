package ioc

import (
	"slices"
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
	signs := newSignFinder(text)
	i := signs.next()
	if i == len(text) {
		return false
	}
	r.buf, r.cuts = r.buf[:0], r.cuts[:0]
	from := 0
	for i < len(text) {
		start, end, sign := signAt(text, i)
		if start >= from { // else the blank before it is gone
			r.buf = append(append(r.buf, text[from:start]...), sign...)
			r.cuts = append(r.cuts, cut{len(r.buf), end - len(r.buf)})
			from = end
		}
		signs.skip(max(from, i+1))
		i = signs.next()
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

const brackets = "[({"

// A signFinder finds the brackets of defanged signs.
type signFinder struct {
	t  string
	at [len(brackets)]int // the next of each bracket
}

func newSignFinder(t string) signFinder {
	f := signFinder{t: t}
	for k := range f.at {
		f.at[k] = f.find(k, 0)
	}
	return f
}

// next returns the next bracket, the length of the text if there is none.
func (f *signFinder) next() int { return slices.Min(f.at[:]) }

// skip goes on to the brackets from i on.
func (f *signFinder) skip(i int) {
	for k := range f.at {
		if f.at[k] < i {
			f.at[k] = f.find(k, i)
		}
	}
}

func (f *signFinder) find(k, i int) int {
	for i < len(f.t) {
		n := strings.IndexByte(f.t[i:], brackets[k])
		if n < 0 {
			break
		}
		if i += n; mayBeSign(at(f.t, i+1)) {
			if _, _, sign := signAt(f.t, i); sign != "" {
				return i
			}
		}
		i++
	}
	return len(f.t)
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
