package unpack

import (
	"bytes"
	"strings"
)

const (
	// minJoined is how many bytes a text that was put together must have.
	minJoined = 6
	// maxReplaced is how long what is replaced may be: it is looked for at each
	// byte.
	maxReplaced = 64
)

// expression takes the value of the expression at text[p]. It returns the end
// of what it read, p if there is none.
func (u *Unpacker) expression(s *source, p int) (end int, found bool) {
	e := expression{text: s.text, start: p, p: p, terms: u.terms[:0], side: u.side[:0], most: u.mostMade()}
	ok := e.read()
	u.terms, u.side = e.terms, e.side
	u.work += len(e.side)
	if e.cut {
		u.cut[cutBytes]++
	}
	if !ok {
		return p, false
	}
	u.joined = u.joined[:0]
	made := u.combine(&e, p)
	switch {
	case made:
	case len(e.terms) == 1:
		if u.plain(s, &e, p) {
			return e.p, true
		}
		return p, false
	case e.comma:
		return e.p, false
	default:
		u.joined = e.appendTerms(u.joined[:0], e.terms, "")
		made = e.filled || e.cutsWords() || bytes.Contains(u.joined, []byte("://")) || e.letter && (e.coded >= minCodes || e.coded < len(e.terms))
	}
	if to, ok := u.packedValue(s, p, e.p, true); ok {
		return to, true
	}
	if !made || e.spaced || len(u.joined) < minJoined && e.coded < minCodes {
		return e.p, false
	}
	encoding := "join"
	if e.coded == len(e.terms) {
		encoding = "charcode"
	}
	return e.p, isPrintable(u.joined, false) && u.addMade(s, encoding, p, e.p)
}

// mostMade returns how many bytes may be put together.
func (u *Unpacker) mostMade() int {
	return max(1, min(u.limits.Bytes-u.bytes, u.limits.Bytes*workPerByte-u.work))
}

// plain takes a literal for base64 with blanks or line breaks in it.
func (u *Unpacker) plain(s *source, e *expression, p int) bool {
	t := e.terms[0]
	if t.isChar || t.filled || t.end-t.start < minHinted {
		return false
	}
	literal := strings.Trim(s.text[t.start:t.end], " \t\r\n")
	if strings.IndexByte(literal, '\n') < 0 && strings.IndexByte(literal, ' ') < 0 || !isBase64Lines(literal) {
		return false
	}
	u.joined = append(u.joined[:0], literal...)
	_, ok := u.packedValue(s, p, e.p, false)
	return ok
}

// isBase64Lines reports whether s is nothing but digits, padding and blanks.
func isBase64Lines(s string) bool {
	for i := range len(s) {
		if !is(s[i], coded|blank) && s[i] != '=' {
			return false
		}
	}
	return true
}

// packedValue takes the value in u.joined for base64 or hexadecimal. Such a
// layer stands for the value too: how it was put together is syntax.
func (u *Unpacker) packedValue(s *source, start, end int, joined bool) (to int, found bool) {
	digits := u.replaced[:0]
	padding := 0
	for _, b := range u.joined {
		switch {
		case b == '=':
			padding++
		case is(b, blank):
		case padding > 0 || !is(b, coded):
			return end, false
		default:
			digits = append(digits, b)
		}
	}
	u.replaced = digits
	if len(digits) < step || padding > maxPadding {
		return end, false
	}
	c := candidate{digits: view(digits), start: start, end: end, hint: hintBefore(s.text, start), made: true, pad: padding}
	if c.hint == none && joined && s.mentionsBase64() {
		c.hint = named
	}
	all := classes(c.digits)
	if all&std != 0 && all&urlish != 0 {
		return end, false
	}
	c.url = all&urlish != 0
	if to, ok := u.tryHex(s, c); ok {
		return to, true
	}
	return u.try(s, c)
}

// mentionsBase64 reports whether the text names base64 anywhere.
func (s *source) mentionsBase64() bool {
	if !s.asked {
		s.asked = true
		for i := 0; i+len("base64") <= len(s.text) && !s.mentions; i++ {
			s.mentions = s.text[i]|0x20 == 'b' && hasFold(s.text[i:], "base64")
		}
	}
	return s.mentions
}

// addMade adds the text in u.joined as a layer.
func (u *Unpacker) addMade(s *source, encoding string, start, end int) bool {
	return u.addCopy(Layer{Parent: s.parent, Depth: s.depth, Encoding: encoding, Start: start, End: end, Charset: utf8Text}, u.joined)
}

// addCopy adds a layer whose data stand outside of the arena.
func (u *Unpacker) addCopy(l Layer, data []byte) bool {
	if len(data) > u.limits.Bytes-u.bytes {
		u.cut[cutBytes]++
		return true
	}
	if !u.mayAdd(l.Depth) {
		return true
	}
	u.grow(len(data))
	from := len(u.arena)
	u.arena = append(u.arena, data...)
	l.Data = u.arena[from:len(u.arena):len(u.arena)]
	u.setText(&l, l.Charset)
	u.add(l)
	return true
}
