package unpack

import (
	"strconv"
	"unicode/utf8"
)

const (
	decimal = 10

	// minCodes is how many numbers make a text where something announces
	// that they are characters.
	minCodes = 3
	// minList is how many bytes in hexadecimal make a list of their own.
	minList = 8
	// maxApart is how many bytes may stand between two numbers of a list.
	maxApart = 4
	// maxLead is how many bytes may stand between a cast, or a list, and what
	// announces it.
	maxLead = 96
)

// number reads the number at text[p:] in any of the ways in which scripts
// write one: 104, 0x68, &H68, '104'. Its end is p if there is none.
func number(text string, p, base int) (n, end int) {
	i := p
	switch {
	case hasFold(text[i:], "0x"), hasFold(text[i:], "&h"):
		base, i = 16, i+2
	}
	const most = 8 // digits: more than any character has
	from := i
	for i < len(text) && i-from < most && is(text[i], hexa) && (base > decimal || text[i] <= '9') {
		i++
	}
	if i == from || i < len(text) && is(text[i], alnum) && is(text[i], hexa) && base > decimal {
		return 0, p
	}
	v, err := strconv.ParseUint(text[from:i], base, 32)
	if err != nil {
		return 0, p
	}
	return int(v), i
}

// list reads numbers from text[p:] to the first thing that is none, with up to
// maxApart other bytes between them: commas, blanks, quotes, or a letter that
// the script splits at. It appends them to nums and returns where they end.
func list(nums []rune, text string, p, to, base int) (out []rune, end int) {
	end = p
	for p < to {
		n, past := number(text, p, base)
		if past > p {
			if n > utf8.MaxRune {
				return nums, end
			}
			nums, end = append(nums, rune(n)), past
			p = past
			continue
		}
		if hasFold(text[p:], "..") { // a range: 65..90
			return nums[:0], end
		}
		if p-end >= maxApart || text[p] == ';' {
			break
		}
		p++
	}
	return nums, end
}

// listBehind takes the numbers that stand in text[at:], behind brackets and
// quotes, for characters: [char[]](104,101), fromCharCode(104,101).
func (u *Unpacker) listBehind(s *source, start, at int, asBytes bool) (end int, found bool) {
	text := s.text
	p := at
	for p < len(text) && p-at < maxLead && (isOpening(text[p]) || text[p] == '$') {
		if p++; text[p-1] == '$' { // the variable that takes them
			p = runEnd(text, p)
		}
	}
	if p == len(text) || !is(text[p], digit) && text[p] != '&' {
		return start, false
	}
	encoding := "charcode"
	if hasFold(text[p:], "0x") {
		encoding = "hex"
	}
	u.nums, end = list(u.nums[:0], text, p, len(text), decimal)
	return end, u.addCodes(s, encoding, start, end, proofCodes, asBytes)
}

func isOpening(b byte) bool {
	switch b {
	case '(', '@', '[', '{', '\'', '"', ' ', '\t', '\r', '\n', '\\', '=':
		return true
	}
	return false
}

// listBefore takes the numbers that end shortly before text[p], where each is
// cast to a character, for text: "104,101" | %{[char]$_}.
func (u *Unpacker) listBefore(s *source, p int) (end int, found bool) {
	text := s.text
	if i := p + len("[char]"); i >= len(text) || !castsVariable(text[i:]) {
		return p, false
	}
	stop := max(s.taken, s.listed)
	i := p
	for i > stop && !is(text[i-1], digit) {
		if i--; p-i > maxLead {
			return p, false
		}
	}
	base := castBase(text[p:min(len(text), p+maxLead)])
	last := i
	for gap := 0; i > stop && gap < maxApart; i-- {
		switch b := text[i-1]; {
		case is(b, digit), is(b, hexa) && base > decimal:
			gap, last = 0, i-1
		case b == '$' || b == '(' || b == '{' || b == ';':
			gap = maxApart
		default:
			gap++
		}
	}
	s.listed = p
	if i = last; i > 0 && text[i] == '0' && hasFold(text[i:], "0x") {
		base = decimal // each says for itself what it is
	}
	u.nums, end = list(u.nums[:0], text, i, p, base)
	return p, u.addCodes(s, "charcode", i, end, proofCodes, false)
}

// castsVariable reports whether a cast is of a variable or an expression.
func castsVariable(s string) bool {
	for i := range min(len(s), maxLead) {
		switch b := s[i]; {
		case b == '$':
			return true
		case !is(b, alnum|blank) && !isOpening(b) && b != ']' && b != ':' && b != '.':
			return false
		}
	}
	return false
}

// castBase returns the base of the numbers that a script converts by
// [Convert]::ToInt32($_, 16), 10 where it does not say.
func castBase(s string) int {
	for _, base := range []int{16, 8, 2} {
		for i := 0; i+1 < len(s); i++ {
			if s[i] != ',' {
				continue
			}
			j := i + 1
			for j < len(s) && is(s[j], blank) {
				j++
			}
			if n, end := number(s, j, decimal); end > j && n == base && end < len(s) && (s[end] == ')' || is(s[end], blank)) {
				return base
			}
		}
	}
	return decimal
}

// hexList takes a list of bytes written as 0xfc,0xe8 of which text[p] is the
// first comma.
func (u *Unpacker) hexList(s *source, p int) (end int, found bool) {
	text := s.text
	i := p + 1
	for i < len(text) && i-p < maxApart && is(text[i], blank) {
		i++
	}
	if !hasFold(text[i:], "0x") {
		return p, false
	}
	start := p
	for start > s.taken && p-start < maxApart && is(text[start-1], alnum) {
		start--
	}
	if _, past := number(text, start, decimal); past != p || !hasFold(text[start:], "0x") {
		return p, false
	}
	u.nums, end = list(u.nums[:0], text, start, len(text), decimal)
	if len(u.nums) < minList {
		return end, false
	}
	return end, u.addCodes(s, "hex", start, end, proofAnnounced, true)
}
