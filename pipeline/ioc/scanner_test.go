package ioc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scan returns the matches in text, and fails if one of them does not say
// where it stands or stands in the wrong place of the order.
func scan(t testing.TB, s *Scanner, text string) (all []Match) {
	t.Helper()
	s.Scan(text, func(m Match) {
		if m.Start < 0 || m.End <= m.Start || m.End > len(text) {
			t.Fatalf("%q: %v lies outside", text, m)
		}
		if in := text[m.Start:m.End]; !standsFor(m, in) {
			t.Fatalf("%q: %v stands for %q", text, m, in)
		}
		if n := len(all); n > 0 && follows(all[n-1], m) {
			t.Fatalf("%q: %v behind %v", text, m, all[n-1])
		}
		all = append(all, m)
	})
	return all
}

// standsFor tells whether a value may be made of what stands in the text.
func standsFor(m Match, in string) bool {
	switch {
	case in == m.Value, strings.EqualFold(in, m.Value) && (m.Type == CVE || m.Type == MITREAttack):
		return true
	case m.Type == DNS && !isASCII(in) && isASCII(m.Value):
		return true
	case strings.Contains(in, `\\`):
		return string(appendUnescaped(nil, in)) == m.Value
	}
	return len(in) >= len(m.Value)-1 && (strings.ContainsAny(in, "[({]") || strings.ContainsAny(in, "xX"))
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// list writes matches as "type value" lines.
func list(all []Match) (lines []string) {
	for _, m := range all {
		lines = append(lines, m.Type.String()+" "+m.Value)
	}
	return lines
}

// cases is a table of texts and what is found in them; nothing where want is
// missing.
type cases []struct {
	text string
	want string
}

func (cs cases) run(t *testing.T) {
	t.Helper()
	cs.without(t)
}

// without runs the cases without looking for some types.
func (cs cases) without(t *testing.T, types ...Type) {
	t.Helper()
	s := New(All &^ SetOf(types...))
	for _, c := range cs {
		var want []string
		for w := range strings.SplitSeq(c.want, ", ") {
			if w != "" {
				want = append(want, w)
			}
		}
		if d := cmp.Diff(want, list(scan(t, s, c.text))); d != "" {
			t.Errorf("%q: (-want +got)\n%s", c.text, d)
		}
	}
}

func TestPositionsAndOrder(t *testing.T) {
	const text = "b@a.example.com https://u@[::ffff:192.0.2.1]:8/x?y=c.org#d41d8cd98f00b204e9800998ecf8427e"
	want := []Match{
		{Email, 0, 15, "b@a.example.com"},
		{DNS, 2, 15, "a.example.com"},
		{URL, 16, len(text), text[16:]},
		{IPv6, 27, 43, "::ffff:192.0.2.1"},
		{IPv4, 34, 43, "192.0.2.1"},
		{DNS, 51, 56, "c.org"},
		{MD5, 57, 89, "d41d8cd98f00b204e9800998ecf8427e"},
	}
	if d := cmp.Diff(want, scan(t, New(All), text)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestTypesAreAFilter(t *testing.T) {
	for _, text := range seeds {
		checkSubsets(t, text)
	}
}

// checkSubsets fails unless each type alone, and all others without it, find
// what all types find, filtered.
func checkSubsets(t *testing.T, text string) {
	t.Helper()
	all := scan(t, New(All), text)
	for _, typ := range Types() {
		for _, set := range []Set{SetOf(typ), All &^ SetOf(typ)} {
			var want []Match
			for _, m := range all {
				if set.Has(m.Type) {
					want = append(want, m)
				}
			}
			if got := scan(t, New(set), text); !slices.Equal(want, got) {
				t.Fatalf("%q, types %b: (-want +got)\n%s", text, set, cmp.Diff(want, got))
			}
		}
	}
}

func TestReuse(t *testing.T) {
	s := New(All)
	want := list(scan(t, s, "http://a.com/(b"))
	scan(t, s, "c.d@http://x.com:1/?y=1.2.3.4")
	if d := cmp.Diff(want, list(scan(t, s, "http://a.com/(b"))); d != "" {
		t.Errorf("the second time (-want +got)\n%s", d)
	}
}

func TestParseType(t *testing.T) {
	for _, want := range Types() {
		if got, err := ParseType(want.String()); got != want || err != nil {
			t.Errorf("%s: %v, %v", want, got, err)
		}
	}
	_, err := ParseType("md4")
	if err == nil || !strings.Contains(err.Error(), "md4") || !strings.Contains(err.Error(), "ipv4, ipv6, dns") {
		t.Errorf("md4: %v", err)
	}
	if got, want := fmt.Sprint(Type(99)), "Type(99)"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if set := SetOf(URL, MD5); !set.Has(URL) || set.Has(DNS) || SetOf(Types()...) != All {
		t.Errorf("set %b", set)
	}
}

// TestNoGarbage holds Scan to its promise, on text whose names it has seen.
func TestNoGarbage(t *testing.T) {
	text := strings.Join(seeds[:plainSeeds], "\n")
	s, n := New(All), 0
	count := func(Match) { n++ }
	s.Scan(text, count)
	if allocs := testing.AllocsPerRun(100, func() { s.Scan(text, count) }); allocs != 0 || n == 0 {
		t.Errorf("%v allocations for %d matches", allocs, n)
	}
}
