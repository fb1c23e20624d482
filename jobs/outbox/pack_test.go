package outbox

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline/splunk"
)

// packed feeds lines to a packer and returns all bodies.
func packed(t *testing.T, lines [][]byte) []Part {
	t.Helper()
	p := Packer{Format: splunk.SIEM{}}
	var parts []Part
	for _, l := range lines {
		full, err := p.Add(l)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, full...)
	}
	rest, err := p.Flush()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Flush(); len(again) > 0 || err != nil {
		t.Errorf("a packer that was flushed holds %d bodies, %v", len(again), err)
	}
	return append(parts, rest...)
}

// noise is a line of n random letters, which compress badly.
func noise(r *rand.Rand, n int) []byte {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	line := make([]byte, n)
	for i := range line {
		line[i] = letters[r.IntN(len(letters))]
	}
	line[n-1] = '\n'
	return line
}

func TestPackerBounds(t *testing.T) {
	maxRaw, maxPacked := splunk.SIEM{}.MaxBody()
	r := rand.New(rand.NewPCG(1, 2))
	many := func(n, size int, make func(int) []byte) (lines [][]byte) {
		for range n {
			lines = append(lines, make(size))
		}
		return lines
	}
	plain := func(n int) []byte { return []byte(strings.Repeat("a", n-1) + "\n") }
	random := func(n int) []byte { return noise(r, n) }
	for _, tt := range []struct {
		name  string
		lines [][]byte
		parts int // 0: whatever it takes
	}{
		{"nothing", nil, -1},
		{"one", many(1, 10, plain), 1},
		{"just as much as fits", many(1000, maxRaw/1000, plain), 1},
		{"one more", many(1001, maxRaw/1000, plain), 2},
		{"what does not compress", many(3000, 1000, random), 0},
		{"few large ones that do not compress", many(5, 400_000, random), 0},
		{"one that is too large", many(1, 3*maxRaw, random), 1},
		{"too large among small ones", [][]byte{plain(10), random(3 * maxRaw), plain(10)}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parts := packed(t, tt.lines)
			if tt.parts != 0 && len(parts) != max(tt.parts, 0) {
				t.Errorf("%d bodies, want %d", len(parts), max(tt.parts, 0))
			}
			var got [][]byte
			for i, p := range parts {
				events, err := splunk.SIEM{}.Split(p.Body)
				if err != nil {
					t.Fatal(err)
				}
				raw := 0
				for _, e := range events {
					raw += len(e) + 1
					got = append(got, append(bytes.Clone(e), '\n'))
				}
				if len(events) != p.Events {
					t.Errorf("body %d says %d events and holds %d", i, p.Events, len(events))
				}
				if len(events) > 1 && (raw > maxRaw || len(p.Body) > maxPacked) {
					t.Errorf("body %d of %d events: %d bytes raw, %d packed", i, len(events), raw, len(p.Body))
				}
			}
			if !slices.EqualFunc(tt.lines, got, bytes.Equal) {
				t.Errorf("%d events came out otherwise than the %d that went in", len(got), len(tt.lines))
			}
		})
	}
}
