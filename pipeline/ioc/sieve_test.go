package ioc

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// unsieved returns a scanner that looks at each byte on which something may
// hang, whatever is beside it.
func unsieved() *Scanner {
	s := New(All)
	for _, a := range anchorsOf {
		s.sieve.classes[a.b] |= anchor
	}
	return s
}

// TestSieveHoldsNothingBack: what is found does not depend on which bytes the
// sieve spares the scanner.
func TestSieveHoldsNothingBack(t *testing.T) {
	sieved, all := New(All), unsieved()
	texts := append([]string{logs(1 << 18)}, seeds...)
	for seed := range uint64(5) {
		texts = append(texts, words(rand.New(rand.NewPCG(seed, 3)), 2000))
	}
	for _, h := range hostile {
		texts = append(texts, h.head+strings.Repeat(h.piece, 500)+h.tail)
	}
	for _, text := range texts {
		if d := cmp.Diff(scan(t, all, text), scan(t, sieved, text)); d != "" {
			t.Errorf("%.200q: (-all +sieved)\n%s", text, d)
		}
	}
}

// TestSieveOnRecordings is the same over real events.
func TestSieveOnRecordings(t *testing.T) {
	sieved, all := New(All), unsieved()
	for _, set := range []string{"demo", "dev"} {
		for _, path := range recorded.Files(t, set) {
			for n, line := range recorded.Lines(t, path) {
				if n%8 != 0 { // those beside it are much like it
					continue
				}
				if d := cmp.Diff(scan(t, all, string(line)), scan(t, sieved, string(line))); d != "" {
					t.Fatalf("%s:%d: (-all +sieved)\n%s", path, n, d)
				}
			}
		}
	}
}

// TestSieveBounds: what is found does not depend on where blocks and segments
// part the text.
func TestSieveBounds(t *testing.T) {
	s := New(All)
	long := "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	texts := append([]string{
		long, strings.Repeat(long, 200) + " " + long, "AS15169 Ta0001 CVE-2021-44228 x-00-1a-2b-3c-4d-5e T1059", "-", "T", "AS", "A", ".", "",
	}, seeds...)
	for _, text := range texts {
		want := scan(t, New(All), text)
		for _, base := range []int{0, segmentSize - blockSize, segmentSize - len(text)/2} {
			for pad := range blockSize + 1 {
				from := max(0, base) + pad
				got := scan(t, s, strings.Repeat("\x00", from)+text)
				for i := range got {
					got[i].Start -= from
					got[i].End -= from
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("%.200q, from %d on: (-from 0 +got)\n%s", text, from, d)
				}
			}
		}
	}
}
