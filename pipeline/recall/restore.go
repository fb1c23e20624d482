package recall

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// errDamaged says that a memory's bytes make no sense.
var errDamaged = fmt.Errorf("damaged: %w", ErrState)

// A reader takes the packed part of a memory apart. After a mistake it gives
// zeros, and done reports false.
type reader struct {
	body []byte
	bad  bool
}

func unpack(state []byte, kind byte, mark uint64) (*reader, error) {
	switch {
	case len(state) < head:
		return nil, errDamaged
	case state[0] != version:
		return nil, fmt.Errorf("version %d, this program writes %d: %w", state[0], version, ErrState)
	case state[1] != kind, binary.LittleEndian.Uint64(state[2:]) != mark:
		return nil, ErrState
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostBytes))
	if err != nil {
		return nil, fmt.Errorf("unpacking a memory: %w", err)
	}
	defer z.Close()
	body, err := z.DecodeAll(state[head:], nil)
	if err != nil {
		return nil, errDamaged
	}
	return &reader{body: body}, nil
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.body)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.body = r.body[n:]
	return x
}

func (r *reader) varint() int64 {
	x, n := binary.Varint(r.body)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.body = r.body[n:]
	return x
}

func (r *reader) uint64() uint64 {
	if len(r.body) < 8 {
		r.fail()
		return 0
	}
	x := binary.LittleEndian.Uint64(r.body)
	r.body = r.body[8:]
	return x
}

// length reads how many of something follow: at most so many, and no more than
// there are bytes.
func (r *reader) length(most int) int {
	n := r.uvarint()
	if n > uint64(max(most, 0)) || n > uint64(len(r.body)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) age() age {
	a := age{from: r.varint(), to: r.varint()}
	if len(r.body) == 0 {
		r.fail()
		return a
	}
	a.closed = r.body[0] != 0
	r.body = r.body[1:]
	return a
}

func (r *reader) fail() { r.body, r.bad = nil, true }

// done reports whether all was read, and all of it made sense.
func (r *reader) done() bool { return !r.bad && len(r.body) == 0 }
