package recall

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// ErrState marks a saved memory that cannot be used: it is of another version,
// of other settings, or damaged.
var ErrState = errors.New("not a memory of these settings")

// The first bytes of a saved memory: the version of its form, and what it is.
const (
	version   = 1
	kindSeen  = 's'
	kindTally = 't'
	// head is what stands before the packed part: version, kind, fingerprint.
	head = 10
	// mostBytes bounds what a saved memory unpacks to.
	mostBytes = 32 << 20
)

// Save settles the memory at the end of a window, in seconds since the epoch, 0
// if there is none, and returns it.
func (s *Seen) Save(end int64) ([]byte, error) {
	s.settle(end)
	body := binary.AppendVarint(nil, s.when.newest)
	body = binary.AppendUvarint(body, uint64(len(s.last)))
	before := uint64(0)
	for _, value := range slices.Sorted(maps.Keys(s.last)) {
		body = binary.AppendUvarint(body, value-before)
		before = value
	}
	for _, value := range slices.Sorted(maps.Keys(s.last)) {
		body = binary.AppendUvarint(body, uint64(s.when.newest-s.last[value]))
	}
	body = binary.AppendUvarint(body, uint64(len(s.blooms)))
	for _, b := range s.blooms {
		body = b.age.append(body)
		body = binary.AppendUvarint(body, uint64(b.added))
		for _, w := range b.bits {
			body = binary.LittleEndian.AppendUint64(body, w)
		}
	}
	return pack(kindSeen, fingerprint(s.limits, s.mark), body)
}

// RestoreSeen returns the memory that Save returned. Its error is an
// [ErrState].
func RestoreSeen(state []byte, l Limits, mark uint64) (*Seen, error) {
	r, err := unpack(state, kindSeen, fingerprint(l, mark))
	if err != nil {
		return nil, err
	}
	return readSeen(r, l, mark)
}

func readSeen(r *reader, l Limits, mark uint64) (*Seen, error) {
	s := NewSeen(l, mark)
	s.when.newest = r.varint()
	s.when.top = s.when.newest
	values := make([]uint64, r.length(l.Values))
	before := uint64(0)
	for i := range values {
		before += r.uvarint()
		values[i] = before
	}
	for _, value := range values {
		s.last[value] = s.when.newest - int64(r.uvarint())
	}
	for range r.length(generations + 2) {
		b := newBloom(l.Values, 0)
		b.age = r.age()
		b.added = int(r.uvarint())
		for i := range b.bits {
			b.bits[i] = r.uint64()
		}
		s.blooms = append(s.blooms, b)
	}
	if !r.done() {
		return nil, errDamaged
	}
	return s, nil
}

// Save is as for [Seen].
func (y *Tally) Save(end int64) ([]byte, error) {
	y.settle(end)
	body := binary.AppendVarint(nil, y.when.newest)
	body = binary.AppendUvarint(body, uint64(len(y.ages)))
	for _, c := range y.ages {
		body = c.age.append(body)
		body = binary.AppendUvarint(body, uint64(len(c.exact)))
		before := uint64(0)
		for _, value := range slices.Sorted(maps.Keys(c.exact)) {
			body = binary.AppendUvarint(body, value-before)
			body = binary.AppendUvarint(body, uint64(c.exact[value]))
			before = value
		}
		if c.over == nil {
			body = binary.AppendUvarint(body, 0)
			continue
		}
		body = binary.AppendUvarint(body, uint64(c.over.added))
		for i := range c.over.rows {
			for _, n := range c.over.rows[i] {
				body = binary.AppendUvarint(body, uint64(n))
			}
		}
	}
	return pack(kindTally, fingerprint(y.limits, y.mark), body)
}

// RestoreTally returns the memory that Save returned. Its error is an
// [ErrState].
func RestoreTally(state []byte, l Limits, mark uint64) (*Tally, error) {
	r, err := unpack(state, kindTally, fingerprint(l, mark))
	if err != nil {
		return nil, err
	}
	return readTally(r, l, mark)
}

func readTally(r *reader, l Limits, mark uint64) (*Tally, error) {
	y := NewTally(l, mark)
	y.when.newest = r.varint()
	y.when.top = y.when.newest
	for range r.length(generations + 2) {
		c := &count{age: r.age(), exact: map[uint64]uint32{}}
		before := uint64(0)
		for range r.length(l.Values - y.entries) {
			before += r.uvarint()
			c.exact[before] = uint32(r.uvarint())
		}
		y.entries += len(c.exact)
		if added := r.uvarint(); added > 0 {
			c.over = newCountMin()
			c.over.added = int(added)
			for i := range c.over.rows {
				for j := range c.over.rows[i] {
					c.over.rows[i][j] = uint32(r.uvarint())
				}
			}
		}
		y.ages = append(y.ages, c)
	}
	if !r.done() {
		return nil, errDamaged
	}
	return y, nil
}

func (a age) append(body []byte) []byte {
	closed := byte(0)
	if a.closed {
		closed = 1
	}
	return append(binary.AppendVarint(binary.AppendVarint(body, a.from), a.to), closed)
}

// fingerprint is one number for settings under which a memory may be used.
func fingerprint(l Limits, mark uint64) uint64 {
	return mix(mix(mark+uint64(l.Span)) + uint64(l.Values))
}

func pack(kind byte, mark uint64, body []byte) ([]byte, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("packing a memory: %w", err)
	}
	state := binary.LittleEndian.AppendUint64([]byte{version, kind}, mark)
	return z.EncodeAll(body, state), z.Close()
}
