package story

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
)

// dice are random numbers of which every story with the same seed draws the
// same. Only whole numbers are drawn.
type dice struct{ *rand.Rand }

// The streams of a seed: each part of a story draws from its own, so that a
// change to one leaves the others as they were. Scenes follow after these.
const (
	castStream uint64 = iota + 1
	plantStream
	planStream
	sceneStream = 1 << 32
)

func newDice(seed, stream uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, mix(stream)))}
}

// mix spreads neighbouring numbers over all 64 bits: the finaliser of
// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// between returns a number from lo to hi, both included.
func (d dice) between(lo, hi int64) int64 { return lo + d.Int64N(hi-lo+1) }

// oneIn holds once in n times on average.
func (d dice) oneIn(n int64) bool { return d.Int64N(n) == 0 }

// size returns a number below 1<<most whose magnitude is even spread, as the
// sizes of transfers are: most are small, a few are huge.
func (d dice) size(least, most int64) int64 {
	bit := int64(1) << d.between(least, most-1)
	return bit + d.Int64N(bit)
}

// draw returns one of the choices.
func draw[T any](d dice, from []T) T { return from[d.Int64N(int64(len(from)))] }

// shuffle mixes a list in place.
func shuffle[T any](d dice, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := d.Int64N(int64(i + 1))
		list[i], list[j] = list[j], list[i]
	}
}

const (
	hexDigits = "0123456789abcdef"
	letters   = "abcdefghijklmnopqrstuvwxyz"
)

// text returns n characters of an alphabet.
func (d dice) text(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.Int64N(int64(len(alphabet)))]
	}
	return string(b)
}

// token returns n random bytes in base64, as keys and tickets look.
func (d dice) token(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d.Uint64())
	}
	return base64.StdEncoding.EncodeToString(b)
}

// anyCase changes the case of each letter by chance.
func (d dice) anyCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !d.oneIn(2):
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
