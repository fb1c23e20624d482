package unpack

import (
	"maps"
	"unsafe"
)

// A Layer is one thing that was unpacked.
type Layer struct {
	Parent   int    // index of the layer it came out of, -1 for the text itself
	Depth    int    // 1 is outermost
	Encoding string // base64, base64url, hex, charcode, join, gzip, zlib, deflate, zip, tar, bzip2, xz, zstd
	Type     string // file type by magic: text, pe, zip, gzip, elf, pdf, png …; "binary" if unknown
	Charset  string // utf-8, utf-16le, utf-16be for text; "" otherwise
	Name     string // member's name in an archive
	Start    int    // where it begins in its parent's text, in bytes; 0 if the parent is no text
	End      int    // where it ends there, padding included; 0 if the parent is no text
	Data     []byte // the bytes as decoded
	Text     string // the text as UTF-8, without a byte order mark, if it is text; else ""
}

// An Unpacker keeps buffers between calls and serves one goroutine.
type Unpacker struct {
	limits Limits
	cut    map[string]int

	layers []Layer
	arena  []byte // what Data and Text point into
	joined []byte // base64 of which the line breaks were taken out
	trial  []byte // what comes out of a stream that may be none
	nums   []rune // numbers that stand for characters
	terms  []term // of the expression that is read

	bytesOf  []byte // what numbers or hexadecimal stand for
	replaced []byte // what replace makes of joined
	side     []byte // what formats are filled to

	bytes  int // decoded so far
	work   int // taken so far from the budget of decompression
	looked int // digits of candidates so far, which tests hold against the size of the text

	flat    bool // layers are added as MSTICPy adds them; see UnpackMSTICPy
	streams streams
}

// New returns an Unpacker that works within the limits.
func New(l Limits) *Unpacker {
	return &Unpacker{limits: l.orDefaults(), cut: make(map[string]int)}
}

// Unpack returns the layers of text, parents before children, siblings in
// order of appearance (depth-first: a layer's own children directly follow
// it). The slice and what it holds are valid until the next call.
func (u *Unpacker) Unpack(text string) []Layer {
	u.reset()
	u.scan(text, -1, 1)
	return u.layers
}

// LimitBytes changes Limits.Bytes for the texts to come.
func (u *Unpacker) LimitBytes(n int) { u.limits.Bytes = max(n, 1) }

// Unpacked returns how many bytes the last text was unpacked to, over all its
// layers.
func (u *Unpacker) Unpacked() int { return u.bytes }

func (u *Unpacker) reset() {
	u.layers, u.arena = u.layers[:0], kept(u.arena)
	u.joined, u.trial = kept(u.joined), kept(u.trial)
	u.bytesOf, u.replaced, u.side = kept(u.bytesOf), kept(u.replaced), kept(u.side)
	u.nums, u.terms = kept(u.nums), kept(u.terms)
	u.bytes, u.work, u.looked = 0, 0, 0
}

// keep is how large a buffer may be that is kept for the next call, in items.
const keep = 1 << 20

func kept[T any](b []T) []T {
	if cap(b) > keep {
		return nil
	}
	return b[:0]
}

// Cut counts, since New, what a limit left out, by the limit's name: depth,
// layers, bytes, ratio; and, as damaged, what could be read in part only or
// not at all.
func (u *Unpacker) Cut() map[string]int { return maps.Clone(u.cut) }

// Cuts is the sum of what Cut counts: whether it grew tells whether a text was
// unpacked in full.
func (u *Unpacker) Cuts() int {
	n := 0
	for _, c := range u.cut {
		n += c
	}
	return n
}

// add appends a layer and unpacks what is in it.
func (u *Unpacker) add(l Layer) {
	u.bytes += len(l.Data)
	i := len(u.layers)
	u.layers = append(u.layers, l)
	if u.flat {
		return
	}
	if isPacked(l.Type) {
		u.open(l.Type, l.Data, i, l.Depth+1)
		return
	}
	if l.Charset != "" {
		u.scan(l.Text, i, l.Depth+1)
	}
}

// member adds what came out of a compressed stream or an archive. Its data
// must stand in the arena.
func (u *Unpacker) member(encoding, name string, data []byte, parent, depth int) {
	l := Layer{Parent: parent, Depth: depth, Encoding: encoding, Name: name, Data: data}
	l.Type = fileType(data)
	switch {
	case u.flat:
		u.setText(&l, charsetMSTICPy(data))
	case !isPacked(l.Type):
		u.setText(&l, charset(data))
	}
	u.add(l)
}

// setText makes a layer text, if it has a charset, and names its type if its
// magic did not.
func (u *Unpacker) setText(l *Layer, charset string) {
	l.Charset = charset
	switch charset {
	case utf8Text:
		l.Text = view(l.Data)
		if !u.flat {
			l.Text = view(trimUTF8Mark(l.Data))
		}
	case utf16le, utf16be:
		u.grow(3*len(l.Data)/2 + 3)
		from := len(u.arena)
		u.arena = appendUTF16(u.arena, l.Data, charset == utf16be)
		l.Text = view(u.arena[from:])
	}
	switch {
	case l.Type != "":
	case charset != "":
		l.Type = "text"
	case len(l.Data) == 0:
		l.Type = "empty"
	default:
		l.Type = "binary"
	}
}

// grow makes room for n bytes at the end of the arena. The blocks that it
// outgrows live on as long as layers point into them.
func (u *Unpacker) grow(n int) {
	if cap(u.arena)-len(u.arena) < n {
		u.arena = make([]byte, 0, max(4<<10, 2*cap(u.arena), n))
	}
}

// view returns b as a string without copying it: the bytes of a layer do not
// change until the next call.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
