package unpack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math"
	"slices"

	"github.com/ulikunitz/xz/lzma"
)

// An xzReader reads .xz streams (the .xz file format 1.2.1, tukaani.org) of
// LZMA2 blocks without further filters. The frame is read here and not by the
// library, since a block names the size of its dictionary and the library
// makes room for as much at once, up to 4 GiB and for each block anew: here a
// dictionary is never larger than what may come out, and is paid for as work.
type xzReader struct {
	in    *bytes.Reader
	most  int            // what may come out, in bytes
	pay   func(int) bool // takes work from the budget
	check byte           // type of the check behind each block
	sum   hash.Hash
	block io.Reader // nil between blocks
	start int       // what was left of in where the block's data begin
}

const (
	xzMagic      = "\xfd7zXZ\x00"
	xzHeader     = 12
	xzFilter     = 0x21 // LZMA2
	xzLargest    = 40   // code of the largest dictionary
	xzChecksType = 0x0f
)

var (
	errXZ       = errors.New("damaged xz stream")
	errXZFilter = errors.New("xz stream with other filters than LZMA2")
)

// open reads the header of a stream.
func (x *xzReader) open() error {
	var h [xzHeader]byte
	if _, err := io.ReadFull(x.in, h[:]); err != nil {
		return errXZ
	}
	if string(h[:6]) != xzMagic || h[6] != 0 || h[7] > xzChecksType || crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return errXZ
	}
	x.block, x.check, x.sum = nil, h[7], nil
	switch x.check {
	case 1:
		x.sum = crc32.NewIEEE()
	case 4:
		x.sum = crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		x.sum = sha256.New()
	}
	return nil
}

// Read implements [io.Reader].
func (x *xzReader) Read(p []byte) (int, error) {
	for {
		if x.block == nil {
			last, err := x.next()
			if err != nil {
				return 0, err
			}
			if last {
				if err := x.tail(); err != nil {
					return 0, err
				}
				continue
			}
		}
		n, err := x.block.Read(p)
		if x.sum != nil {
			x.sum.Write(p[:n])
		}
		if errors.Is(err, io.EOF) {
			err = x.close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next reads the header of a block; last is set if the index stands there.
func (x *xzReader) next() (last bool, err error) {
	size, err := x.in.ReadByte()
	if err != nil {
		return false, errXZ
	}
	if size == 0 {
		return true, nil
	}
	var buf [(math.MaxUint8 + 1) * 4]byte
	buf[0] = size
	h := buf[:(int(size)+1)*4]
	if _, err := io.ReadFull(x.in, h[1:]); err != nil {
		return false, errXZ
	}
	body, crc := h[:len(h)-4], h[len(h)-4:]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(crc) {
		return false, errXZ
	}
	dict, err := dictionary(body)
	if err != nil {
		return false, err
	}
	dict = max(min(dict, int64(x.most)+1), lzma.MinDictCap)
	if !x.pay(int(dict)) {
		return false, errBytes
	}
	x.start = x.in.Len()
	x.block, err = lzma.Reader2Config{DictCap: int(dict)}.NewReader2(x.in)
	if x.sum != nil {
		x.sum.Reset()
	}
	return false, err
}

// tail reads the index and the footer of a stream, and the header of the next
// if there is one: streams may be joined. It returns io.EOF at the end.
func (x *xzReader) tail() error {
	start := x.in.Len() + 1 // the size of a block header, 0, was read
	records, err := binary.ReadUvarint(x.in)
	for n := 2 * min(records, uint64(x.in.Len())); n > 0 && err == nil; n-- {
		_, err = binary.ReadUvarint(x.in)
	}
	const crc, footer = 4, 12
	padding := -(start - x.in.Len()) & 3
	if err != nil || x.in.Len() < padding+crc+footer {
		return errXZ
	}
	if _, err := x.in.Seek(int64(padding+crc+footer), io.SeekCurrent); err != nil {
		return errXZ
	}
	for x.in.Len() > 0 {
		b, err := x.in.ReadByte()
		if err != nil {
			return errXZ
		}
		if b != 0 {
			if err := x.in.UnreadByte(); err != nil {
				return errXZ
			}
			return x.open()
		}
	}
	return io.EOF
}

// dictionary returns the size of the dictionary that the header of a block
// asks for (3.1 and 5.3.1 of the format).
func dictionary(header []byte) (int64, error) {
	flags, rest := header[1], header[2:]
	for _, sized := range []byte{0x40, 0x80} { // packed and unpacked size
		if flags&sized == 0 {
			continue
		}
		_, n := binary.Uvarint(rest)
		if n <= 0 {
			return 0, errXZ
		}
		rest = rest[n:]
	}
	if flags&3 != 0 || len(rest) < 3 || rest[0] != xzFilter || rest[1] != 1 {
		return 0, errXZFilter
	}
	code := rest[2]
	if code > xzLargest {
		return 0, errXZ
	}
	return (2 | int64(code)&1) << (code/2 + 11), nil
}

// close reads the padding and the check behind a block.
func (x *xzReader) close() error {
	sizes := [xzChecksType + 1]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}
	x.block = nil
	padding := -(x.start - x.in.Len()) & 3
	want := make([]byte, padding+sizes[x.check])
	if _, err := io.ReadFull(x.in, want); err != nil {
		return errXZ
	}
	if x.sum == nil {
		return nil
	}
	got := x.sum.Sum(nil)
	if x.check != 10 { // CRCs are written the other way around
		slices.Reverse(got)
	}
	if !bytes.Equal(got, want[padding:]) {
		return errXZ
	}
	return nil
}
