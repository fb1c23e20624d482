package netname

import (
	_ "embed" // the model
	"math"
	"strings"
)

// dgaModel is, for each symbol after each two others, -16 times the binary
// logarithm of how likely it is. See dga_train.go.
//
//go:embed dga.bin
var dgaModel string

// dgaSymbols are told apart: 0 is an end, 1 to 26 are letters, 27 is a digit, 28
// anything else.
const (
	dgaSymbols = 29
	dgaOther   = 28
)

// The weights of the logistic regression: of nothing, of the sum over the
// symbols and of their number.
const (
	dgaBase   = -3.340
	dgaSum    = 0.341
	dgaLength = 0.140
)

// dgaRandom is how many symbols there are to draw from at random.
const dgaRandom = 37

// DGAScore says how much a label of a domain name looks as if drawn at random,
// from 0 to 1. Of a label in punycode, and one shorter than four letters, nothing
// can be said: then ok is false.
func DGAScore(label string) (score float64, ok bool) {
	if len(label) < 4 || isPunycode(label) || len(dgaModel) != dgaSymbols*dgaSymbols*dgaSymbols {
		return 0, false
	}
	a, b, sum := 0, 0, 0.0
	for i := range len(label) {
		c := dgaSymbol(label[i])
		sum += float64(dgaModel[(a*dgaSymbols+b)*dgaSymbols+c])/16 - math.Log2(dgaRandom)
		if c == 27 {
			sum += math.Log2(10) // any digit is as likely as another
		}
		a, b = b, c
	}
	return 1 / (1 + math.Exp(-(dgaBase + dgaSum*sum + dgaLength*float64(len(label))))), true
}

func dgaSymbol(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 1
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 1
	case c >= '0' && c <= '9':
		return 27
	}
	return dgaOther
}

// Entropy returns the entropy of the bytes of a text, in bits for each of them
// (Shannon 1948).
func Entropy(text string) float64 {
	var counts [256]int
	for i := range len(text) {
		counts[text[i]]++
	}
	h, n := 0.0, float64(len(text))
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / n
			h -= p * math.Log2(p)
		}
	}
	return h + 0 // not -0
}

func isPunycode(label string) bool {
	return len(label) > 4 && strings.EqualFold(label[:4], "xn--")
}
