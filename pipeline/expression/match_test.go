package expression

import (
	"math/rand/v2"
	"testing"
)

// TestGlobShortcut holds patterns that are decided by their tail against the
// matching of all of it, on texts with letters that only look like ASCII.
func TestGlobShortcut(t *testing.T) {
	g := rand.New(rand.NewPCG(5, 6))
	text := func(from []rune) string {
		out := make([]rune, g.IntN(6))
		for i := range out {
			out[i] = from[g.IntN(len(from))]
		}
		return string(out)
	}
	matched := 0
	const rounds = 200_000
	for range rounds {
		pattern, s := text([]rune("*?kKb\u212aä")), text([]rune("kKbB\u212aäx"))
		p := newGlobPattern(pattern)
		got, want := p.match(s), globMatch(p.runes, s)
		if got != want {
			t.Fatalf("%q matches %q: %t, want %t", pattern, s, got, want)
		}
		if got {
			matched++
		}
	}
	if matched < rounds/50 {
		t.Errorf("%d matched: the test tells little", matched)
	}
}
