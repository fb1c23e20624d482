package ioc

import (
	"math/bits"
	"unsafe"
)

// A sieve finds the bytes of a text on which something may hang, and the runs of
// letters and digits that are long enough to be a hash, in one pass. It reads
// blocks of 64 bytes, looks each byte's classes up in a table, and combines what
// it has found of the neighbours bit by bit. What it lets through is looked at
// again by those who asked; it must only never hold back.
type sieve struct {
	// classes holds for each byte its classes, one bit in each lane.
	classes [256]uint64
	// hits tells for each byte of a segment whether something may hang on it.
	hits [segmentBlocks]uint64
	// long tells which blocks of the segment a long run has reached.
	long uint64
	// run is how many letters and digits in a row end the blocks read so far.
	run int
	// last holds a block that the text does not fill, zeros behind it.
	last [blockSize]byte
}

const (
	blockSize     = 64
	segmentBlocks = 64
	segmentSize   = segmentBlocks * blockSize
)

// The lanes of a byte's classes. Sixteen bytes' classes fit in one word.
const laneBits = blockSize / 4

const (
	anchor  = 1 << (iota * laneBits) // something may hang on it, whatever is beside it
	letters                          // A-Z a-z
	numbers                          // 0-9, and the A of TA0002
	partial                          // something may hang on it if the right bytes are beside it: - S T
)

// anchorsOf tells which types hang on which byte.
var anchorsOf = [...]struct {
	b     byte
	class uint64
	types Set
}{
	{'.', anchor, dotTypes},
	{':', anchor, colonTypes},
	{'\\', anchor, pathTypes | dotTypes},
	{'/', anchor, 1 << LinuxPath},
	{'-', partial, 1<<CVE | 1<<MAC},
	{'T', partial, 1 << MITREAttack},
	{'S', partial, 1 << ASN},
}

// want makes the sieve hold back what no type of the set hangs on.
func (v *sieve) want(types Set) {
	for b := range v.classes {
		if is(byte(b), digit) || b == 'A' {
			v.classes[b] |= numbers
		}
		if is(byte(b), alpha) {
			v.classes[b] |= letters
		}
	}
	for _, a := range anchorsOf {
		if types&a.types != 0 {
			v.classes[a.b] |= a.class
		}
	}
}

// read reads the segment that t begins with and returns how many blocks it has.
func (v *sieve) read(t string) int {
	n := 0
	v.long = 0
	for ; n < segmentBlocks && len(t) >= blockSize; n++ {
		v.block(n, t[:blockSize])
		t = t[blockSize:]
	}
	if n < segmentBlocks && t != "" {
		clear(v.last[copy(v.last[:], t):])
		v.block(n, unsafe.String(&v.last[0], blockSize))
		n++
	}
	return n
}

// block reads the block b, which is the segment's nth.
func (v *sieve) block(n int, b string) {
	w, x, y, z := v.lanes(b[:16]), v.lanes(b[16:32]), v.lanes(b[32:48]), v.lanes(b[48:64])
	anchors := join4(w, x, y, z)
	alphas := join4(w>>laneBits, x>>laneBits, y>>laneBits, z>>laneBits)
	digits := join4(w>>(2*laneBits), x>>(2*laneBits), y>>(2*laneBits), z>>(2*laneBits))
	partials := join4(w>>(3*laneBits), x>>(3*laneBits), y>>(3*laneBits), z>>(3*laneBits))
	ids := partials & alphas & behind(digits, 1)
	hyphens := partials &^ alphas
	hits := anchors | ids
	if hyphens != 0 {
		mac := behind(hyphens, 3) & behind(hyphens, 6) & behind(hyphens, 9)
		cve := ahead(alphas, 1) & ahead(alphas, 2) & behind(digits, 1) & behind(digits, 2) & behind(hyphens, 5)
		hits |= hyphens & (mac | cve)
	}
	v.hits[n] = hits
	if v.longRun(alphas | digits) {
		v.long |= 1 << n
	}
}

// lanes returns the classes of sixteen bytes.
func (v *sieve) lanes(b string) uint64 {
	c := &v.classes
	_ = b[15]
	return (c[b[0]] | c[b[1]]<<1 | c[b[2]]<<2 | c[b[3]]<<3) |
		(c[b[4]]<<4 | c[b[5]]<<5 | c[b[6]]<<6 | c[b[7]]<<7) |
		(c[b[8]]<<8 | c[b[9]]<<9 | c[b[10]]<<10 | c[b[11]]<<11) |
		(c[b[12]]<<12 | c[b[13]]<<13 | c[b[14]]<<14 | c[b[15]]<<15)
}

// join4 returns the first lanes of four words side by side.
func join4(w, x, y, z uint64) uint64 {
	const lane = 1<<laneBits - 1
	return w&lane | x&lane<<laneBits | y&lane<<(2*laneBits) | z<<(3*laneBits)
}

// behind tells of each byte whether the byte n behind it is in the class; those
// of the next block may be.
func behind(class uint64, n int) uint64 { return class>>n | ^uint64(0)<<(blockSize-n) }

// ahead is behind in the other direction.
func ahead(class uint64, n int) uint64 { return class<<n | (1<<n - 1) }

// longRun takes the letters and digits of the next block and reports whether a
// long run of them has reached it.
func (v *sieve) longRun(alnums uint64) bool {
	first := v.run + bits.TrailingZeros64(^alnums)
	if v.run = bits.LeadingZeros64(^alnums); v.run == blockSize {
		v.run = min(first, minBitcoin)
	}
	runs := alnums & (alnums >> 1) // of two
	runs &= runs >> 2              // of four
	runs &= runs >> 4
	runs &= runs >> 8
	return first >= minBitcoin || runs&(runs>>(minBitcoin-16)) != 0
}
