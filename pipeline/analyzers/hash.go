package analyzers

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A rowHasher makes short names of what stands in a record, the same in every
// run and on every machine. It cuts SHA-256 short: whoever writes the records
// must not be able to make one value pass for another.
type rowHasher struct {
	dict *pipeline.Dict
	keys []pipeline.Key // none: the whole record
	skip [2]pipeline.Key
	text []byte
	sum  hash.Hash
	all  []namedValues
}

// newRowHasher hashes certain fields, or the whole record if there are none.
func newRowHasher(fields []string, dict *pipeline.Dict) *rowHasher {
	h := &rowHasher{dict: dict, sum: sha256.New()}
	for _, f := range fields {
		h.keys = append(h.keys, dict.Key(f))
	}
	// Splunk numbers the rows of a search; an event read again has other numbers.
	h.skip = [2]pipeline.Key{dict.Key("_serial"), dict.Key("_si")}
	return h
}

// A rowHash is 128 bits.
type rowHash [16]byte

// of returns the hash of a record; ok is false if it lacks one of the fields. A
// field of several values counts with all of them, in their order.
func (h *rowHasher) of(b *pipeline.Batch, row int) (sum rowHash, ok bool) {
	h.text = h.text[:0]
	if len(h.keys) == 0 {
		h.whole(b, row)
		return h.digest(), true
	}
	for _, k := range h.keys {
		v := b.Values(row, k)
		if v.Len() == 0 {
			return sum, false
		}
		h.values(v)
	}
	return h.digest(), true
}

// whole appends all fields in the order of their names.
func (h *rowHasher) whole(b *pipeline.Batch, row int) {
	h.all = h.all[:0]
	for k, values := range b.Fields(row) {
		if k != h.skip[0] && k != h.skip[1] {
			h.all = append(h.all, namedValues{h.dict.Name(k), values})
		}
	}
	slices.SortFunc(h.all, func(a, b namedValues) int { return strings.Compare(a.name, b.name) })
	for _, f := range h.all {
		h.one(f.name)
		h.values(f.values)
	}
	clear(h.all) // or it would keep the batch
}

// namedValues are the values of a field.
type namedValues struct {
	name   string
	values pipeline.Values
}

func (h *rowHasher) values(v pipeline.Values) {
	h.text = binary.AppendUvarint(h.text, uint64(v.Len()))
	for i := range v.Len() {
		h.one(v.At(i))
	}
}

func (h *rowHasher) one(s string) {
	h.text = binary.AppendUvarint(h.text, uint64(len(s)))
	h.text = append(h.text, s...)
}

// salted is of with a text that makes the hashes others.
func (h *rowHasher) salted(b *pipeline.Batch, row int, salt string) (uint64, bool) {
	if _, ok := h.of(b, row); !ok {
		return 0, false
	}
	h.one(salt)
	return h.digest().uint64(), true
}

// ofValues returns the hash of values that belong together.
func (h *rowHasher) ofValues(values []string) rowHash {
	h.text = h.text[:0]
	for _, v := range values {
		h.one(v)
	}
	return h.digest()
}

func (h *rowHasher) digest() (sum rowHash) {
	h.sum.Reset()
	h.sum.Write(h.text)
	var full [sha256.Size]byte
	copy(sum[:], h.sum.Sum(full[:0]))
	return sum
}

// uint64 is the first half of the hash.
func (s rowHash) uint64() uint64 { return binary.BigEndian.Uint64(s[:8]) }
