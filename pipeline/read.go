package pipeline

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
)

const (
	// ReadRecords ends a batch at whichever comes first.
	readRows  = 1000
	readBytes = 16 << 20
)

// OpenRecords opens a file of records, unpacking gzip and zstd, which it
// knows by their first bytes.
func OpenRecords(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is a folder: name its files", path), f.Close())
	}
	r, err := Unpack(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return r, nil
}

type unpacked struct {
	io.Reader
	close func() error
}

// Close closes what was unpacked, too.
func (u unpacked) Close() error { return u.close() }

// Unpack reads f, unpacking gzip and zstd on a goroutine of its own. Closing it
// closes f, and must not be left out.
func Unpack(f io.ReadCloser) (io.ReadCloser, error) {
	r := bufio.NewReaderSize(f, 64<<10)
	magic, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r) // klauspost's is faster, but of a text cut off it loses the end
		if err != nil {
			return nil, err
		}
		return unpackAhead(f, z, func() {}), nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(1<<27), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return unpackAhead(f, z, z.Close), nil
	}
	return unpacked{r, f.Close}, nil
}

// unpackAhead unpacks on a goroutine of its own, which ends with f.
func unpackAhead(f io.Closer, z io.Reader, end func()) io.ReadCloser {
	a := newAhead(z, end)
	return unpacked{a, func() error { a.Close(); return f.Close() }}
}

// cutOff says of a compressed text that breaks off what a person makes of it.
func cutOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the compressed file is cut off: %w", err)
	}
	return err
}

// A LineError is a line that is no record.
type LineError struct {
	Name string // the file
	Line int    // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// ReadRecords yields the records of NDJSON text, a JSON object a line, in
// batches that use dict, or of the lines of a saved export of Splunk's, in which
// the record is the member result. A line that is no record, or longer than 64 MiB, is
// given to bad, and the lines around it are read all the same. An error of r
// ends it: what was read before is yielded first, then the error.
func ReadRecords(ctx context.Context, r io.Reader, name string, dict *Dict, bad func(*LineError)) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		lines := newLineReader(contextReader{ctx, r})
		d := NewDecoder(dict)
		for line, ok := lines.next(); ok; line, ok = lines.next() {
			if err := lines.decode(d, line); err != nil && !lines.brokenOff() {
				bad(&LineError{name, lines.n, err})
			}
			if d.Len() < readRows && d.Size() < readBytes {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(d.Batch(), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		if d.Len() > 0 && !yield(d.Batch(), nil) {
			return
		}
		if lines.err != nil {
			yield(nil, fmt.Errorf("%s:%d: %w: %w", name, lines.place(), ErrIncomplete, cutOff(lines.err)))
		}
	}
}

// A contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
