package unpack

import (
	"bytes"
	"errors"
	"io"
)

// open unpacks data of a packed type, which is the layer parent.
func (u *Unpacker) open(kind string, data []byte, parent, depth int) {
	switch kind {
	case "zip":
		u.openZip(data, parent, depth)
	case "tar":
		u.openTar(data, parent, depth)
	default:
		u.openStream(kind, data, parent, depth)
	}
}

func (u *Unpacker) openStream(kind string, data []byte, parent, depth int) {
	if !u.mayAdd(depth) || !u.mayWork(len(data)+setUpCost(kind, data)) {
		return
	}
	r, err := u.decompressor(kind, data)
	if err != nil {
		u.cut[cutDamaged]++
		return
	}
	name := ""
	switch {
	case kind != "gzip":
	case u.flat:
		name = "gzip_file" // which MSTICPy calls every one
	default:
		name = u.streams.gzip.Name
	}
	u.take(r, kind, name, len(data), parent, depth)
}

func (u *Unpacker) decompressor(kind string, data []byte) (io.Reader, error) {
	if kind != "xz" {
		return u.streams.reader(kind, data)
	}
	x := &xzReader{in: bytes.NewReader(data), most: u.most(len(data)), pay: u.mayPay}
	return x, x.open()
}

// take reads a member that is packed into size bytes, and adds it as a layer.
// Of a damaged member what can be read is kept; one that is too large is left
// out as a whole, since a part of it would have another hash.
func (u *Unpacker) take(r io.Reader, kind, name string, size, parent, depth int) {
	out, err := u.read(r, size)
	if u.countLimit(err) {
		return
	}
	if err != nil {
		u.cut[cutDamaged]++
		if len(out) == 0 {
			return
		}
	}
	u.arena = u.arena[:len(u.arena)+len(out)]
	u.member(kind, name, out, parent, depth)
}

var (
	errRatio = errors.New("grows beyond the ratio allowed")
	errBytes = errors.New("more bytes than allowed")
)

// countLimit counts a limit that reading met, and reports whether it did.
func (u *Unpacker) countLimit(err error) bool {
	switch {
	case errors.Is(err, errRatio):
		u.cut[cutRatio]++
	case errors.Is(err, errBytes):
		u.cut[cutBytes]++
	default:
		return false
	}
	return true
}

// most returns how many bytes a member that is packed into size may grow to.
func (u *Unpacker) most(size int) int { return min(u.limits.grown(size), u.limits.Bytes-u.bytes) }

// read reads all of r behind the end of the arena, without taking the room. It
// returns what it could read, and io.EOF never.
func (u *Unpacker) read(r io.Reader, size int) ([]byte, error) {
	left := u.limits.Bytes - u.bytes
	most := u.most(size)
	n := 0
	for {
		if len(u.arena)+n == cap(u.arena) {
			u.widen(n)
		}
		free := u.arena[len(u.arena)+n : cap(u.arena)]
		got, err := r.Read(free[:min(len(free), most-n+1)])
		n += got
		u.work += got
		out := u.arena[len(u.arena) : len(u.arena)+n : len(u.arena)+n]
		switch {
		case n > left:
			return nil, errBytes
		case n > most:
			return nil, errRatio
		case err == io.EOF:
			return out, nil
		case err != nil:
			return out, err
		case u.work > u.limits.Bytes*workPerByte:
			return nil, errBytes
		}
	}
}

// widen makes more room behind the n bytes that stand behind the end of the
// arena, and moves them there.
func (u *Unpacker) widen(n int) {
	old := u.arena[len(u.arena) : len(u.arena)+n]
	u.arena = make([]byte, 0, max(16<<10, 2*cap(u.arena), 2*n))
	copy(u.arena[:n], old)
}

// inflates reports whether data is a whole deflate stream, with at most trail
// bytes behind it, that holds text or a known type.
func (u *Unpacker) inflates(data []byte, trail int) bool {
	if len(data) == 0 || !u.mayWork(len(data)+setUp) {
		return false
	}
	r, err := u.streams.reader("deflate", data)
	if err != nil {
		return false
	}
	// The candidate's own bytes stand behind the end of the arena.
	u.arena, u.trial = u.trial[:0], u.arena
	out, err := u.read(r, len(data))
	u.arena, u.trial = u.trial, u.arena
	u.countLimit(err)
	return err == nil && u.streams.in.Len() <= trail && (fileType(out) != "" || charset(out) != "")
}
