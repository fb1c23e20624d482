package ioc

import "strings"

// anchors are the next bytes on which something may hang, one of each kind; the
// text's length where there is none. Each is found by a search for one byte,
// which runs at the speed of memory, and a look at its neighbours.
type anchors struct{ dot, colon, back, slash, hyphen, t, s int }

// walk goes from anchor to anchor.
func (s *Scanner) walk() {
	n := len(s.text)
	s.next = anchors{
		s.nextDot(0), s.nextColon(0), s.nextBack(0), s.nextSlash(0), s.nextHyphen(0), s.nextT(0), s.nextS(0),
	}
	for {
		a := &s.next
		i := min(a.dot, a.colon, a.back, a.slash, a.hyphen, a.t, a.s)
		if i == n {
			return
		}
		s.upTo(i)
		switch i {
		case a.dot:
			s.dotLow = s.atDot(i)
			a.dot = s.nextDot(s.dotLow)
		case a.colon:
			s.colonLow = s.atColon(i)
			a.colon = s.nextColon(s.colonLow)
			if a.dot < s.dotLow { // a URL's host was read on the way
				a.dot = s.nextDot(s.dotLow)
			}
		case a.back:
			s.atBackslash(i)
			a.back = s.nextBack(max(i+1, s.pathLow))
		case a.slash:
			s.atSlash(i)
			a.slash = s.nextSlash(max(i+1, s.pathLow))
		case a.hyphen:
			s.atHyphen(i)
			a.hyphen = s.nextHyphen(i + 1)
		case a.t:
			s.atTechnique(i)
			a.t = s.nextT(i + 1)
		default:
			s.atAS(i)
			a.s = s.nextS(i + 1)
		}
	}
}

// skipPath moves the anchors in a path that was read behind it; its dots are
// told apart by fileEnd.
func (s *Scanner) skipPath() {
	if s.next.back < s.pathLow {
		s.next.back = s.nextBack(s.pathLow)
	}
	if s.next.dot < s.fileEnd {
		s.next.dot = s.nextDot(s.next.dot)
	}
}

// nextDot returns the next dot from i on that joins two labels; in the path of a
// file, two numbers.
func (s *Scanner) nextDot(i int) int {
	t := s.text
	if s.want&dotTypes == 0 {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], '.')
		if n < 0 {
			return len(t)
		}
		i += n
		if next, prev := at(t, i+1), before(t, i); is(next, alnum|wide) && is(prev, alnum|wide) &&
			(i >= s.fileEnd || is(next, digit) && is(prev, digit)) {
			return i
		}
		i++
	}
}

// nextColon returns the next colon from i on that a URL, an address of groups or
// a drive's path could hang on.
func (s *Scanner) nextColon(i int) int {
	t := s.text
	if s.want&colonTypes == 0 {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], ':')
		if n < 0 {
			return len(t)
		}
		i += n
		switch next := at(t, i+1); {
		case next == ':', next == '/', next == '\\':
			return i
		case is(next, hexa) && is(before(t, i), hexa):
			return i
		}
		i++
	}
}

// nextBack returns the next backslash from i on that a key, a share or a path
// without a drive could hang on.
func (s *Scanner) nextBack(i int) int {
	t := s.text
	if s.want&pathTypes == 0 && s.want&dotTypes == 0 {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], '\\')
		if n < 0 {
			return len(t)
		}
		i += n
		if prev := before(t, i); prev != '\\' && (endsRoot[prev] || beginsObject[at(t, i+1)] && !isWord(prev)) {
			return i
		}
		i++
	}
}

// nextSlash returns the next slash from i on that a Linux path could begin with.
func (s *Scanner) nextSlash(i int) int {
	t := s.text
	if !s.want.Has(LinuxPath) {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], '/')
		if n < 0 {
			return len(t)
		}
		i += n
		if prev := before(t, i); prev == '~' || is(at(t, i+1), alpha) && (!isWord(prev) || afterEscape(t, i)) {
			return i
		}
		i++
	}
}

// nextHyphen returns the next hyphen from i on that is the first of a MAC
// address or a CVE id.
func (s *Scanner) nextHyphen(i int) int {
	t := s.text
	if s.want&(1<<CVE|1<<MAC) == 0 {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], '-')
		if n < 0 {
			return len(t)
		}
		i += n
		if prev := before(t, i); at(t, i+3) == '-' && is(prev, hexa) || prev|0x20 == 'e' && is(at(t, i+1), digit) {
			return i
		}
		i++
	}
}

// nextT returns the next T from i on of a technique or tactic.
func (s *Scanner) nextT(i int) int {
	t := s.text
	if !s.want.Has(MITREAttack) {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], 'T')
		if n < 0 {
			return len(t)
		}
		i += n
		if next := at(t, i+1); is(next, digit) || next == 'A' && at(t, i+2) == '0' {
			return i
		}
		i++
	}
}

// nextS returns the next S from i on of the number of an autonomous system.
func (s *Scanner) nextS(i int) int {
	t := s.text
	if !s.want.Has(ASN) {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], 'S')
		if n < 0 {
			return len(t)
		}
		i += n
		if is(at(t, i+1), digit) && before(t, i) == 'A' {
			return i
		}
		i++
	}
}

func (s *Scanner) atColon(i int) int {
	t := s.text
	switch at(t, i+1) {
	case '/':
		if at(t, i+2) == '/' {
			return s.atURL(i)
		}
		return i + 1
	case '\\':
		s.atDrive(i)
		return i + 1
	}
	return s.atGroups(i)
}
