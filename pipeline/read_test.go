package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/huntd/huntd/pipeline"
)

// read reads all records of r: the values of their field n, the errors of bad
// lines and the error at the end.
func read(ctx context.Context, r io.Reader) (got, bad []string, sizes []int, err error) {
	for b, err := range pipeline.ReadRecords(ctx, r, "f", pipeline.NewDict(), func(e *pipeline.LineError) { bad = append(bad, e.Error()) }) {
		if err != nil {
			return got, bad, sizes, err
		}
		sizes = append(sizes, b.Len())
		for row := range b.Len() {
			got = append(got, strings.Clone(b.Get(row, b.Dict().Key("n"))))
		}
	}
	return got, bad, sizes, nil
}

func numbered(n int) (text []byte, want []string) {
	for i := range n {
		text = fmt.Appendf(text, "{\"n\":\"%d\",\"text\":\"%x\"}\n", i, i*7919)
		want = append(want, fmt.Sprint(i))
	}
	return text, want
}

func packed(t *testing.T, text []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestReadRecords(t *testing.T) {
	many, wantMany := numbered(2500)
	huge := strings.Repeat("x", 9<<20)
	for _, c := range []struct {
		name, in  string
		want, bad []string
		sizes     []int
	}{
		{"none", "", nil, nil, nil},
		{"blank lines", "\n  \n\r\n", nil, nil, nil},
		{"no end of line", `{"n":1}`, []string{"1"}, nil, []int{1}},
		{"CRLF, blanks", " {\"n\":1} \r\n\r\n\t{\"n\":2}\r\n", []string{"1", "2"}, nil, []int{2}},
		{"byte order mark", "\ufeff{\"n\":1}\n\ufeff{\"n\":2}\n", []string{"1", "2"}, nil, []int{2}},
		{
			"bad lines", "x\n{\"n\":1}\n\n{\"n\":\n[1]\n{\"n\":2}{}\n{\"n\":3}\n{\"n\"",
			[]string{"1", "3"},
			[]string{
				"f:1: byte 1: a record must be a JSON object", "f:4: byte 6: the text ends within the object", "f:5: byte 1: a record must be a JSON object",
				"f:6: byte 8: more text after the object", "f:8: byte 5: a colon is missing",
			},
			[]int{2},
		},
		{"many", string(many), wantMany, nil, []int{1000, 1000, 500}},
		{"large", strings.Repeat(`{"n":1,"x":"`+huge+"\"}\n", 3), []string{"1", "1", "1"}, nil, []int{2, 1}},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.in), iotest.DataErrReader(strings.NewReader(c.in))} {
			got, bad, sizes, err := read(t.Context(), r)
			if diff := cmp.Diff(c.want, got) + cmp.Diff(c.bad, bad) + cmp.Diff(c.sizes, sizes); diff != "" || err != nil {
				t.Errorf("%s: %v %s", c.name, err, diff)
			}
		}
	}
}

func TestALineErrorTellsWhatIsWrong(t *testing.T) {
	err := error(&pipeline.LineError{Name: "f", Line: 3, Err: fmt.Errorf("x: %w", pipeline.ErrNames)})
	if !errors.Is(err, pipeline.ErrNames) || err.Error() != "f:3: x: field names out of bounds" {
		t.Error(err)
	}
}

// TestATextThatBreaksOff breaks a text off at every byte: what stands whole
// before is read, the rest is an error and no bad line.
func TestATextThatBreaksOff(t *testing.T) {
	broken := errors.New("broken")
	text := "bad\n{\"n\":1}\n{\"n\":\"2\"}\n"
	for cut := range len(text) + 1 {
		for _, together := range []bool{false, true} {
			r := io.MultiReader(strings.NewReader(text[:cut]), iotest.ErrReader(broken))
			if together {
				r = iotest.DataErrReader(r)
			}
			got, bad, _, err := read(t.Context(), r)
			var want, wantBad []string
			if cut > 3 {
				wantBad = []string{"f:1: byte 1: a record must be a JSON object"}
			}
			if cut > 10 {
				want = append(want, "1")
			}
			if cut > 20 {
				want = append(want, "2")
			}
			line := fmt.Sprintf("f:%d: incomplete: broken", 1+strings.Count(text[:cut], "\n"))
			if diff := cmp.Diff(want, got) + cmp.Diff(wantBad, bad); diff != "" || !errors.Is(err, broken) || err.Error() != line {
				t.Errorf("%q: %v, want %s; %s", text[:cut], err, line, diff)
			}
		}
	}
}

func TestTruncatedGzip(t *testing.T) {
	text, all := numbered(3000)
	whole := packed(t, text)
	for cut := 10; cut < len(whole); cut += max(1, len(whole)/97) {
		z, err := gzip.NewReader(bytes.NewReader(whole[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		there, _ := io.ReadAll(z) // what can be unpacked of it
		want := all[:bytes.Count(there, []byte{'\n'})]
		r, err := pipeline.Unpack(io.NopCloser(bytes.NewReader(whole[:cut])))
		if err != nil {
			t.Fatal(err)
		}
		got, bad, _, err := read(t.Context(), r)
		// The last line may stand there whole but for its end.
		if len(got) == len(want)+1 {
			want = all[:len(got)]
		}
		if diff := cmp.Diff(want, got, equateNone()); diff != "" || bad != nil || !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, pipeline.ErrIncomplete) {
			t.Fatalf("cut at %d of %d: %v, bad %q, %s", cut, len(whole), err, bad, diff)
		}
	}
}

func equateNone() cmp.Option {
	return cmp.Transformer("none", func(s []string) string { return strings.Join(s, "\n") })
}

// TestALineTooLong puts a line of too many bytes among others, and takes the
// text in small pieces.
func TestALineTooLong(t *testing.T) {
	long := io.MultiReader(strings.NewReader(`{"n":"`), io.LimitReader(endless{}, 65<<20), strings.NewReader("\"}\n"))
	r := io.MultiReader(strings.NewReader("{\"n\":1}\n"), long, strings.NewReader("{\"n\":2}\nbad"))
	got, bad, _, err := read(t.Context(), r)
	want := []string{"f:2: longer than 64 MiB", "f:4: byte 1: a record must be a JSON object"}
	if diff := cmp.Diff([]string{"1", "2"}, got) + cmp.Diff(want, bad); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	p = p[:min(len(p), 512)]
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReadRecordsEndsWithItsContext(t *testing.T) {
	text, _ := numbered(2500)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, last := 0, error(nil)
	for b, err := range pipeline.ReadRecords(ctx, bytes.NewReader(text), "f", pipeline.NewDict(), nil) {
		n, last = n+b.Len(), err
		cancel()
	}
	if n != 1000 || !errors.Is(last, context.Canceled) {
		t.Error(n, last)
	}
	for range pipeline.ReadRecords(t.Context(), bytes.NewReader(text), "f", pipeline.NewDict(), nil) {
		break // must not go on
	}
	text, _ = numbered(1)
	if got, _, _, err := read(ctx, bytes.NewReader(text)); !errors.Is(err, context.Canceled) {
		t.Error(got, err)
	}
}

func TestOpenRecords(t *testing.T) {
	text, all := numbered(3000)
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	zst, gz := zw.EncodeAll(text, nil), packed(t, text)
	half := bytes.Index(text[len(text)/2:], []byte{'\n'}) + len(text)/2 + 1
	dir := t.TempDir()
	for name, c := range map[string]struct {
		content []byte
		want    []string
		err     error // at the end
	}{
		"plain":              {text, all, nil},
		"x.gz":               {gz, all, nil},
		"named wrongly.json": {gz, all, nil},
		"two parts.gz":       {append(packed(t, text[:half]), packed(t, text[half:])...), all, nil},
		"garbage behind.gz":  {append(bytes.Clone(gz), "garbage behind"...), all, gzip.ErrHeader},
		"bad sum.gz":         {append(bytes.Clone(gz[:len(gz)-8]), make([]byte, 8)...), all, gzip.ErrChecksum},
		"x.zst":              {zst, all, nil},
		"cut.zst":            {zst[:len(zst)-1], nil, io.ErrUnexpectedEOF},
		"empty":              {nil, nil, nil},
		"short":              {[]byte("{}"), []string{""}, nil},
		"empty.gz":           {packed(t, nil), nil, nil},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := pipeline.OpenRecords(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, bad, _, err := read(t.Context(), r)
		if name == "cut.zst" { // how much of the last block is given is zstd's to say
			got = nil
		}
		if diff := cmp.Diff(c.want, got, equateNone()); diff != "" || bad != nil || !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %v, bad %q, %s", name, err, bad, diff)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	cutHead := filepath.Join(dir, "head.gz")
	if err := os.WriteFile(cutHead, gz[:5], 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		cutHead: cutHead + ": unexpected EOF", dir: dir + " is a folder: name its files", filepath.Join(dir, "none"): "no such file",
	} {
		if _, err := pipeline.OpenRecords(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func TestUnpackTellsOfAnErrorAtOnce(t *testing.T) {
	broken := errors.New("broken")
	if _, err := pipeline.Unpack(io.NopCloser(iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Error(err)
	}
}
