package ioc

import "strings"

// Scanner finds indicators of the types it was made for. It keeps buffers
// between calls and serves one goroutine.
type Scanner struct {
	want Set
	tlds tldCache

	text string
	emit func(Match)

	// Next anchors; len(text) when there is none.
	dot, colon, hash int
	// dotLow is the first byte that a dot's token may reach back to, colonLow
	// the same for colons.
	dotLow, colonLow int
	// hashEnd ends the run that starts at hash.
	hashEnd int

	url urlSpan

	// pending holds matches whose place in the order is not yet sure, sorted.
	// text[pending's last start:joined] could all belong to one token.
	pending []Match
	joined  int
}

// New returns a scanner that reports the given types.
func New(types Set) *Scanner { return &Scanner{want: types & All} }

// Scan calls emit for each indicator in text, ordered by Start and, for equal
// starts, the longer first. It keeps no reference to text or emit. Scan does
// not allocate but for Unicode domain names, for names and last labels that
// its cache lacks, and for text that comes close to an ipv6 address.
func (s *Scanner) Scan(text string, emit func(Match)) {
	s.text, s.emit = text, emit
	s.dotLow, s.colonLow, s.url = 0, 0, urlSpan{}
	s.dot = s.nextDot(0)
	s.colon = s.nextColon(0)
	s.hash = s.nextHash(0)
	for {
		i := min(s.dot, s.colon, s.hash)
		if i == len(text) {
			break
		}
		s.release(i)
		switch i {
		case s.dot:
			s.dotLow = s.atDot(i)
			s.dot = s.nextDot(s.dotLow)
		case s.colon:
			s.colonLow = s.atColon(i)
			s.colon = s.nextColon(s.colonLow)
			if s.dot < s.dotLow { // a URL's host was read on the way
				s.dot = s.nextDot(s.dotLow)
			}
		default:
			s.add(hashType(s.hashEnd-i), i, s.hashEnd)
			s.hash = s.nextHash(s.hashEnd)
		}
	}
	s.flush()
	s.text, s.emit = "", nil
}

// needDots tells whether any wanted type hangs on dots.
func (s *Scanner) needDots() bool { return s.want&(1<<IPv4|1<<DNS|1<<Email) != 0 }

// nextDot returns the next dot from i on that joins two labels.
func (s *Scanner) nextDot(i int) int {
	t := s.text
	if !s.needDots() {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], '.')
		if n < 0 {
			return len(t)
		}
		i += n
		if is(at(t, i+1), alnum|wide) && i > 0 && is(t[i-1], alnum|wide) {
			return i
		}
		i++
	}
}

// nextColon returns the next colon from i on that a URL or an ipv6 address
// could hang on.
func (s *Scanner) nextColon(i int) int {
	t := s.text
	if s.want&(1<<URL|1<<IPv6) == 0 && !s.needDots() {
		return len(t)
	}
	for {
		n := strings.IndexByte(t[i:], ':')
		if n < 0 {
			return len(t)
		}
		i += n
		switch next := at(t, i+1); {
		case next == ':', next == '/':
			return i
		case is(next, hexa) && i > 0 && is(t[i-1], hexa):
			return i
		}
		i++
	}
}

func (s *Scanner) atColon(i int) int {
	t := s.text
	if at(t, i+1) == '/' {
		if at(t, i+2) == '/' {
			return s.atURL(i)
		}
		return i + 1
	}
	return s.atGroups(i)
}

// add takes a match; its value is the text it spans.
func (s *Scanner) add(t Type, start, end int) {
	s.addValue(t, start, end, s.text[start:end])
}

func (s *Scanner) addValue(t Type, start, end int, value string) {
	if !s.want.Has(t) {
		return
	}
	if len(s.pending) == 0 || start > s.joined {
		s.joined = start
	}
	s.pending = append(s.pending, Match{t, start, end, value})
	p := s.pending
	for i := len(p) - 1; i > 0 && follows(p[i-1], p[i]); i-- {
		p[i-1], p[i] = p[i], p[i-1]
	}
}

// follows tells whether a belongs behind b.
func follows(a, b Match) bool {
	if a.Start != b.Start {
		return a.Start > b.Start
	}
	return a.End < b.End
}

// release emits the pending matches if no match found from anchor i on can
// start before them, that is if a byte in between cannot be part of a token.
func (s *Scanner) release(i int) {
	if len(s.pending) == 0 {
		return
	}
	for ; s.joined < i; s.joined++ {
		if !is(s.text[s.joined], joiner) {
			s.flush()
			return
		}
	}
}

func (s *Scanner) flush() {
	for _, m := range s.pending {
		s.emit(m)
	}
	clear(s.pending)
	s.pending = s.pending[:0]
}
