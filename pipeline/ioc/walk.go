package ioc

import "math/bits"

// walk goes from anchor to anchor, segment by segment.
func (s *Scanner) walk() {
	n := len(s.text)
	s.sieve.run = 0
	for from := 0; from < n; from += segmentSize {
		blocks := s.sieve.read(s.text[from:])
		s.segment = from
		s.long = s.nextLong()
		for k, hits := range s.sieve.hits[:blocks] {
			for ; hits != 0; hits &= hits - 1 {
				s.atAnchor(from + k*blockSize + bits.TrailingZeros64(hits))
			}
		}
		s.upTo(min(from+segmentSize, n))
	}
}

// atAnchor reports what hangs on the byte at i, if what stands beside it allows
// for anything, and if no token that was read before holds it.
func (s *Scanner) atAnchor(i int) {
	switch s.text[i] {
	case '.':
		if i >= s.dotFrom && s.joinsLabels(i) {
			s.upTo(i)
			s.dotLow = s.atDot(i)
			s.dotFrom = s.dotLow
		}
	case ':':
		if i >= s.colonLow && s.beginsGroups(i) {
			s.upTo(i)
			s.colonLow = s.atColon(i)
			s.dotFrom = max(s.dotFrom, s.dotLow) // a URL's host was read on the way
		}
	case '\\':
		if i >= s.backFrom && s.beginsPath(i) {
			s.upTo(i)
			s.atBackslash(i)
			s.backFrom = max(i+1, s.pathLow)
		}
	case '/':
		if i >= s.slashFrom && s.beginsUnix(i) {
			s.upTo(i)
			s.atSlash(i)
			s.slashFrom = max(i+1, s.pathLow)
		}
	case '-':
		s.atHyphen(i)
	case 'T':
		s.atTechnique(i)
	case 'S':
		s.atAS(i)
	}
}

// joinsLabels reports whether the dot at i joins two labels; in the path of a
// file, two numbers.
func (s *Scanner) joinsLabels(i int) bool {
	next, prev := at(s.text, i+1), before(s.text, i)
	return is(next, alnum|wide) && is(prev, alnum|wide) && (i >= s.fileEnd || is(next, digit) && is(prev, digit))
}

// beginsGroups reports whether a URL, an address of groups or a drive's path
// could hang on the colon at i.
func (s *Scanner) beginsGroups(i int) bool {
	switch next := at(s.text, i+1); next {
	case ':', '/', '\\':
		return true
	default:
		return is(next, hexa) && is(before(s.text, i), hexa)
	}
}

// beginsPath reports whether a key, a share or a path without a drive could hang
// on the backslash at i.
func (s *Scanner) beginsPath(i int) bool {
	prev := before(s.text, i)
	return prev != '\\' && (endsRoot[prev] || beginsObject[at(s.text, i+1)] && !isWord(prev))
}

// beginsUnix reports whether a Linux path could begin with the slash at i.
func (s *Scanner) beginsUnix(i int) bool {
	prev := before(s.text, i)
	return prev == '~' || is(at(s.text, i+1), alpha) && (!isWord(prev) || afterEscape(s.text, i))
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
