package commandline

import (
	"regexp/syntax"
	"strings"
)

// An index finds which of many literals stand in a text, in one pass: three
// characters of each literal are looked up at every place of the text.
type index struct {
	bits  [1 << 14 / 64]uint64 // by hash: whether any literal has these three
	by    map[uint32][]indexed
	short []indexed // literals of fewer than three characters
}

type indexed struct {
	literal string
	at      int // where the three characters begin in it
	owner   int
}

const gram = 3

// add has the index report owner for a text that holds the literal, which is in
// lower case.
func (x *index) add(literal string, owner int) {
	if len(literal) < gram {
		x.short = append(x.short, indexed{literal: literal, owner: owner})
		return
	}
	if x.by == nil {
		x.by = map[uint32][]indexed{}
	}
	best := 0
	for i := 1; i+gram <= len(literal); i++ {
		if rarity(literal[i:i+gram]) > rarity(literal[best:best+gram]) {
			best = i
		}
	}
	key := gramOf(literal[best], literal[best+1], literal[best+2])
	x.by[key] = append(x.by[key], indexed{literal, best, owner})
	h := gramHash(key)
	x.bits[h>>6] |= 1 << (h & 63)
}

func gramOf(a, b, c byte) uint32 { return uint32(a) | uint32(b)<<8 | uint32(c)<<16 }

func gramHash(key uint32) uint32 { return key * 0x9e3779b1 >> 18 }

// rarity says how seldom characters are met in command lines.
func rarity(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == 'j', c == 'q', c == 'z', c == 'x', c == 'k', c == 'v', c == '_':
			n += 4
		case isDigit(c), c == 'b', c == 'f', c == 'g', c == 'p', c == 'y', c == 'u', c == 'h', c == 'w':
			n += 3
		case c != 'e' && c != 's' && c != 't' && c != 'i' && c != '\\' && c != '.' && c != '/':
			n += 2
		}
	}
	return n
}

// find calls found for every literal that stands in the text, which is in lower
// case; more than once, it may be.
func (x *index) find(text string, found func(owner int)) {
	for _, e := range x.short {
		if strings.Contains(text, e.literal) {
			found(e.owner)
		}
	}
	for i := 0; i+gram <= len(text); i++ {
		key := gramOf(text[i], text[i+1], text[i+2])
		if h := gramHash(key); x.bits[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, e := range x.by[key] {
			if from := i - e.at; from >= 0 && len(text)-from >= len(e.literal) && text[from:from+len(e.literal)] == e.literal {
				found(e.owner)
			}
		}
	}
}

// literalOf returns a text that every match of a regular expression holds, "" if
// none is seen.
func literalOf(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literalOf(re.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if l := literalOf(sub); len(l) > len(best) {
				best = l
			}
		}
		return best
	}
	return ""
}
