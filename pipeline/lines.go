package pipeline

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line of records; a longer one is stepped over.
const maxLine = 64 << 20

// A lineReader gives lines and counts them, in linear time however small the
// pieces are in which the text comes.
type lineReader struct {
	r       *bufio.Reader
	long    []byte // collects a line that does not fit into r
	n       int    // the line's number, from 1
	tooLong bool
	ended   bool // the line has an end of its own
	err     error
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), ended: true}
}

// next returns the next line, which is valid until the call after; ok is false
// behind the last one. What there is of a line at the end of the text counts as
// one, also when the end is an error, which err then holds.
func (l *lineReader) next() (line []byte, ok bool) {
	if !l.ended || l.err != nil {
		return nil, false
	}
	l.long, l.tooLong = l.long[:0], false
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.long)+len(part) > maxLine {
			l.long, l.tooLong = l.long[:0], true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.long = append(l.long, part...)
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			l.err = err
		}
		if line = part; len(l.long) > 0 {
			l.long = append(l.long, part...)
			line = l.long
		}
		if len(line) == 0 && !l.tooLong {
			return nil, false
		}
		l.n++
		l.ended = err == nil
		return line, true
	}
}

// decode reads a line as a record, unless it is blank.
func (l *lineReader) decode(d *Decoder, line []byte) error {
	if l.tooLong {
		return fmt.Errorf("longer than %d MiB", maxLine>>20)
	}
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
	if len(line) == 0 {
		return nil
	}
	if is, err := d.exported(line); is {
		return err
	}
	return d.Object(line)
}

// brokenOff reports whether the text broke off within the line. Then that is
// the fault to tell of, not what is wrong with the line.
func (l *lineReader) brokenOff() bool { return !l.ended && l.err != nil }

// place is the number of the line at which the reading ended.
func (l *lineReader) place() int {
	if l.ended {
		return l.n + 1
	}
	return l.n
}
