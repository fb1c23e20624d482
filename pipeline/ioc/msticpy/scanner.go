package msticpy

import (
	"cmp"
	"slices"

	"github.com/huntd/huntd/pipeline/ioc"
)

// known are the types of indicators that MSTICPy knows.
const known = 1<<ioc.IPv4 | 1<<ioc.IPv6 | 1<<ioc.DNS | 1<<ioc.URL | 1<<ioc.Email |
	1<<ioc.MD5 | 1<<ioc.SHA1 | 1<<ioc.SHA256 | 1<<ioc.WindowsPath | 1<<ioc.LinuxPath

// Scanner finds what MSTICPy finds. It keeps buffers between calls and serves
// one goroutine.
type Scanner struct {
	want   ioc.Set
	text   string
	found  []ioc.Match
	byText map[string]int // index in found
	starts []int          // of the labels of a name
}

// New returns a scanner that runs the patterns of the given types; those that
// MSTICPy does not know find nothing.
func New(types ioc.Set) *Scanner {
	return &Scanner{want: types & known, byText: map[string]int{}}
}

// rank orders the types: of several that match the same text the lowest stays.
func rank(t ioc.Type) int {
	switch t {
	case ioc.IPv4, ioc.IPv6, ioc.URL:
		return 0
	case ioc.DNS:
		return 2
	case ioc.WindowsPath:
		return 3
	case ioc.LinuxPath:
		return 4
	}
	return 1
}

// Scan calls emit for each indicator in text once, ordered by where it first
// stands. Of what was found in an unquoted URL, Start and End are the URL's.
// The host of a URL is only reported if dns is wanted.
func (s *Scanner) Scan(text string, emit func(ioc.Match)) {
	s.text = text
	patterns := [...]struct {
		types ioc.Set
		scan  func()
	}{ // in MSTICPy's order
		{1 << ioc.IPv4, s.ipv4},
		{1 << ioc.IPv6, s.ipv6},
		{1 << ioc.DNS, s.dns},
		{1 << ioc.URL, s.urls},
		{1 << ioc.Email, s.emails},
		{1 << ioc.WindowsPath, s.windowsPaths},
		{1 << ioc.LinuxPath, s.linuxPaths},
		{1<<ioc.MD5 | 1<<ioc.SHA1 | 1<<ioc.SHA256, s.hashes},
	}
	for _, p := range patterns {
		if s.want&p.types != 0 {
			p.scan()
		}
	}
	slices.SortStableFunc(s.found, func(a, b ioc.Match) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Type, b.Type))
	})
	for _, m := range s.found {
		if s.want.Has(m.Type) {
			emit(m)
		}
	}
	clear(s.found)
	clear(s.byText)
	s.text, s.found = "", s.found[:0]
}

func (s *Scanner) add(t ioc.Type, start, end int) {
	s.addValue(t, start, end, s.text[start:end])
}

// addValue takes a match, unless its text was found before as a type of the same
// or a better rank.
func (s *Scanner) addValue(t ioc.Type, start, end int, value string) {
	i, found := s.byText[value]
	switch {
	case !found:
		s.byText[value] = len(s.found)
		s.found = append(s.found, ioc.Match{Type: t, Start: start, End: end, Value: value})
	case rank(t) < rank(s.found[i].Type):
		s.found[i].Type = t
	}
}
