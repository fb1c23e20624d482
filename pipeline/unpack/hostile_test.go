package unpack

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRatioOfStreams(t *testing.T) {
	bomb := make([]byte, 8<<20)
	for i := range bomb {
		bomb[i] = ' '
	}
	for _, encoding := range []string{"gzip", "zlib", "deflate", "zstd", "xz"} {
		u := New(Limits{})
		layers := u.Unpack("FromBase64String('" + b64(packed(t, encoding, bomb)) + "')")
		want := encoding
		if encoding == "deflate" {
			want = "binary" // nothing proves a raw stream but what comes out of it
		}
		if len(layers) != 1 || layers[0].Type != want {
			t.Errorf("%s: got %+v, want one layer of type %s", encoding, rows(layers), want)
		}
		if diff := cmp.Diff(map[string]int{"ratio": 1}, u.Cut()); diff != "" {
			t.Errorf("%s: cut (-want +got)\n%s", encoding, diff)
		}
		if limit := DefaultLimits().Bytes; u.work > limit {
			t.Errorf("%s: %d bytes of work, want less than %d", encoding, u.work, limit)
		}
	}
}

func TestRatioOfMembers(t *testing.T) {
	u := New(Limits{Ratio: 20})
	layers := u.Unpack(b64(zipped(t, file{"bomb", strings.Repeat("0", 4<<20)}, file{"note", "small and honest"})))
	if len(layers) != 2 || layers[1].Name != "note" {
		t.Errorf("got %+v, want the zip and its honest member", rows(layers))
	}
	if diff := cmp.Diff(map[string]int{"ratio": 1}, u.Cut()); diff != "" {
		t.Errorf("cut (-want +got)\n%s", diff)
	}
}

func TestBytesInTotal(t *testing.T) {
	u := New(Limits{Bytes: 100_000})
	var files []file
	for i := range 40 {
		files = append(files, file{fmt.Sprint(i), strings.Repeat(fmt.Sprintf("line %d;", i), 1000)})
	}
	total := 0
	for _, l := range u.Unpack(b64(zipped(t, files...))) {
		total += len(l.Data)
	}
	if total > 100_000 || total < 80_000 {
		t.Errorf("%d bytes in all layers, want at most 100000 and nearly as many", total)
	}
	if u.Cut()["bytes"] == 0 {
		t.Errorf("cut is %v, want bytes", u.Cut())
	}
}

// TestOverlap unpacks an archive whose directory names the same member sixty
// thousand times: what comes of it is 31 MB.
func TestOverlap(t *testing.T) {
	one := zipped(t, file{"a", strings.Repeat("some text that does not compress too well 0123456789", 10)})
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	dir := bytes.LastIndex(one, []byte("PK\x01\x02"))
	entry := one[dir:end]
	many := append([]byte(nil), one[:dir]...)
	const members = 60_000
	many = append(many, bytes.Repeat(entry, members)...)
	tail := append([]byte(nil), one[end:]...)
	binary.LittleEndian.PutUint16(tail[8:], members)
	binary.LittleEndian.PutUint16(tail[10:], members)
	binary.LittleEndian.PutUint32(tail[12:], uint32(members*len(entry)))
	many = append(many, tail...)
	u := New(Limits{})
	layers := u.Unpack(b64(many))
	if len(layers) != DefaultLimits().Layers {
		t.Errorf("%d layers, want %d", len(layers), DefaultLimits().Layers)
	}
	if got := u.Cut()["layers"]; got != members-len(layers)+1 {
		t.Errorf("%d layers cut, want %d", got, members-len(layers)+1)
	}

	const limit = 8 << 20
	u = New(Limits{Layers: 2 * members, Bytes: limit})
	u.Unpack(b64(many))
	if u.bytes > limit || u.work > limit*(workPerByte+1) || u.Cut()["bytes"] == 0 {
		t.Errorf("%d bytes, %d of work, cut %v; want at most %d bytes", u.bytes, u.work, u.Cut(), limit)
	}
}

// TestSparseFile unpacks a tar archive of 3 KiB with a file of 4 GiB of which
// only the last byte is stored.
func TestSparseFile(t *testing.T) {
	const size = 4 << 30
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	hole := fmt.Sprintf("1\n%d\n1\n", size-1)
	hole += strings.Repeat("\x00", 512-len(hole))
	// The writer refuses the real names of these records.
	err := w.WriteHeader(&tar.Header{Name: "x", Size: int64(len(hole) + 1), Mode: 0o600, PAXRecords: map[string]string{
		"XXX.sparse.major": "1", "XXX.sparse.minor": "0",
		"XXX.sparse.name": "huge", "XXX.sparse.realsize": fmt.Sprint(size),
	}})
	if err == nil {
		_, err = w.Write([]byte(hole + "!"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	u := New(Limits{})
	if got := u.Unpack(b64(bytes.ReplaceAll(b.Bytes(), []byte("XXX.sparse"), []byte("GNU.sparse")))); len(got) != 1 {
		t.Errorf("%d layers, want the archive alone", len(got))
	}
	if diff := cmp.Diff(map[string]int{"ratio": 1}, u.Cut()); diff != "" {
		t.Errorf("cut (-want +got)\n%s", diff)
	}
}

func TestDepth(t *testing.T) {
	s := "the innermost text of all"
	for range 40 {
		s = "<" + b64([]byte(s)) + ">"
	}
	for _, depth := range []int{1, 7, 20, 40, 50} {
		u := New(Limits{Depth: depth})
		layers := u.Unpack(s)
		want := map[string]int{"depth": 1}
		if depth >= 40 {
			want = map[string]int{}
		}
		if len(layers) != min(depth, 40) || layers[len(layers)-1].Depth != len(layers) {
			t.Errorf("depth %d: %d layers, want %d", depth, len(layers), min(depth, 40))
		}
		if diff := cmp.Diff(want, u.Cut()); diff != "" {
			t.Errorf("depth %d: cut (-want +got)\n%s", depth, diff)
		}
	}
}

func TestDepthOfStreams(t *testing.T) {
	b := []byte("the innermost text of all")
	for range 40 {
		b = packed(t, "gzip", b)
	}
	u := New(Limits{})
	if layers := u.Unpack(b64(b)); len(layers) != 20 {
		t.Errorf("%d layers, want 20", len(layers))
	}
	if diff := cmp.Diff(map[string]int{"depth": 1}, u.Cut()); diff != "" {
		t.Errorf("cut (-want +got)\n%s", diff)
	}
}

func TestLayersOfOneText(t *testing.T) {
	one := b64([]byte("the same few words")) + " "
	u := New(Limits{})
	if layers := u.Unpack(strings.Repeat(one, 2000)); len(layers) != 500 {
		t.Errorf("%d layers, want 500", len(layers))
	}
	if diff := cmp.Diff(map[string]int{"layers": 1500}, u.Cut()); diff != "" {
		t.Errorf("cut (-want +got)\n%s", diff)
	}
}

// TestLongRuns reads ten million bytes of each kind that could be read again
// and again. What is looked at is counted in digits, not in seconds.
func TestLongRuns(t *testing.T) {
	const size = 10_000_000
	noise := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xc3, 0x00, 0x17, 0xfe, 0x91}, 3000))
	for name, unit := range map[string]string{
		"A":               "A",
		"slashes":         "/",
		"short runs":      "QUJDQUJDQUJDQUJD ",
		"short parts":     "QUJDQUJDQUJDQUJD/",
		"both alphabets":  "QUJDQUJDQUJDQUJD/QUJDQUJDQUJDQUJD-",
		"lines":           strings.Repeat("A", 64) + "\n",
		"lines of noise":  strings.Repeat("AbCdEfG7", 8) + "\n",
		"escaped lines":   strings.Repeat("A", 64) + `\r\n`,
		"options":         "-enc ",
		"lenient options": "powershell -e AAAAAAAA ",
		"announced":       "base64('" + strings.Repeat("Ab1", 20) + "') ",
		"noise announced": "base64('" + noise + "') ",
		"gaps":            "((((((((" + "AAAAAAAA",
		"words":           "Abcdefghijklmnopqrstuvwxyz0123456789_",
	} {
		t.Run(name, func(t *testing.T) {
			u := New(Limits{})
			u.Unpack(strings.Repeat(unit, size/len(unit)))
			// Each byte belongs to one run, which is looked at as a part of
			// its lines, alone, and in its parts by each of two separators.
			if u.looked > 4*size {
				t.Errorf("looked at %d digits of %d bytes", u.looked, size)
			}
			if total := u.bytes + u.work; total > 6*DefaultLimits().Bytes {
				t.Errorf("%d bytes decoded and decompressed", total)
			}
		})
	}
}

func TestBuffersAreKeptSmall(t *testing.T) {
	u := New(Limits{})
	u.Unpack(b64([]byte(strings.Repeat("many words ", 500_000))))
	if got := u.Unpack("powershell -enc " + b64(wide("dir"))); len(got) != 1 || cap(u.arena) > keep {
		t.Errorf("%d layers, %d bytes kept, want 1 and at most %d", len(got), cap(u.arena), keep)
	}
}
