package recall

import "math/bits"

// A bloom is a Bloom filter of 13 bits for each value that it is made for, which
// with nine hashes errs about two times in a thousand: several are asked, and
// together they are to err less than one time in a hundred.
type bloom struct {
	age   age
	added int
	bits  []uint64
}

const (
	bloomBits   = 13
	bloomHashes = 9
	// A filter is no larger than for so many values.
	bloomMost = 40_000
	bloomMin  = 1_000
)

// bloomWords is how long a filter is for a memory of so many values: a power of
// two.
func bloomWords(values int) int {
	n := min(max(values, bloomMin), bloomMost) * bloomBits / 64
	return 1 << bits.Len(uint(n-1))
}

func newBloom(values int, from int64) *bloom {
	return &bloom{age: age{from: from}, bits: make([]uint64, bloomWords(values))}
}

// full reports whether it holds more than it is made for.
func (b *bloom) full() bool { return b.added > len(b.bits)*64/bloomBits }

func (b *bloom) add(value uint64) {
	changed := false
	for i := range uint64(bloomHashes) {
		word, bit := b.place(value, i)
		changed = changed || b.bits[word]&bit == 0
		b.bits[word] |= bit
	}
	if changed {
		b.added++
	}
}

func (b *bloom) has(value uint64) bool {
	for i := range uint64(bloomHashes) {
		if word, bit := b.place(value, i); b.bits[word]&bit == 0 {
			return false
		}
	}
	return true
}

// place is where the i-th hash of a value points (Kirsch and Mitzenmacher,
// "Less hashing, same performance", 2006).
func (b *bloom) place(value, i uint64) (word, bit uint64) {
	at := (value + i*(mix(value)|1)) & uint64(len(b.bits)*64-1)
	return at / 64, 1 << (at % 64)
}

// mix scatters the bits of a value: the finaliser of MurmurHash3.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
