package ioc

// Scanner finds indicators of the types it was made for. It keeps buffers
// between calls and serves one goroutine.
type Scanner struct {
	want Set
	tlds tldCache

	text string
	emit func(Match)

	sieve sieve
	// segment is where the sieve's segment starts.
	segment int
	// long is the next hash or Bitcoin address, its Start is len(text) when
	// there is none in the segment; they are looked for from longFrom on.
	long     Match
	longFrom int
	// dotLow is the first byte that a dot's token may reach back to, colonLow
	// the same for colons; pathLow is the end of the last path.
	dotLow, colonLow, pathLow int
	// fileEnd ends the last path of Windows, in which a name is a file's.
	fileEnd int
	// Dots, backslashes and slashes before these were read with what holds them.
	dotFrom, backFrom, slashFrom int

	url urlSpan

	// pending holds matches whose place in the order is not yet sure, sorted.
	// text[pending's last start:joined] could all belong to one token.
	pending []Match
	joined  int

	// values holds the values that do not stand in the text.
	values []byte

	// refanged is the text that is scanned if isCopy is set.
	refanged refanged
	isCopy   bool
}

// New returns a scanner that reports the given types.
func New(types Set) *Scanner {
	s := &Scanner{want: types & All}
	s.sieve.want(s.want)
	return s
}

// Scan calls emit for each indicator in text, ordered by Start and, for equal
// starts, the longer first. A zero byte parts texts: nothing spans it, and what
// stands beside it stands at the edge of a text, so that many texts can be
// scanned as one. It keeps no reference to text or emit. Scan does
// not allocate but for Unicode domain names, for names and last labels that
// its cache lacks, for text that comes close to an ipv6 address or a Bitcoin
// address, and for values that stand otherwise in the text.
func (s *Scanner) Scan(text string, emit func(Match)) {
	s.isCopy = s.refanged.read(text)
	if s.isCopy {
		text = s.refanged.text
	}
	s.text, s.emit = text, emit
	s.values = s.values[:0]
	s.dotLow, s.colonLow, s.pathLow, s.fileEnd, s.url = 0, 0, 0, 0, urlSpan{}
	s.dotFrom, s.backFrom, s.slashFrom, s.longFrom = 0, 0, 0, 0
	s.walk()
	s.flush()
	s.text, s.emit, s.long, s.refanged.text = "", nil, Match{}, ""
}

// upTo reports the hashes and Bitcoin addresses before i, and releases what
// nothing found from i on can precede.
func (s *Scanner) upTo(i int) {
	if s.long.Start < i || len(s.pending) > 0 {
		s.catchUp(i)
	}
}

func (s *Scanner) catchUp(i int) {
	for s.long.Start < i {
		m := s.long
		s.release(m.Start)
		s.addValue(m.Type, m.Start, m.End, m.Value)
		s.long = s.nextLong()
	}
	s.release(i)
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
	for ; s.joined < i && len(s.pending) > 0; s.joined++ {
		if !is(s.text[s.joined], joiner) {
			s.flush()
			return
		}
	}
}

func (s *Scanner) flush() {
	for _, m := range s.pending {
		if s.isCopy {
			m.Start, m.End = s.refanged.span(m.Start, m.End)
		}
		s.emit(m)
	}
	clear(s.pending)
	s.pending = s.pending[:0]
}
