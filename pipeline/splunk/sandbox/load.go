package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/huntd/huntd/pipeline"
)

const (
	maxLine   = 64 << 20 // bytes of one line of a file
	batchRows = 1000
	batchSize = 16 << 20
)

// LoadFile indexes the events of a file, plain, gzip or zstd: NDJSON, one
// object a line. _time is needed, in epoch seconds or RFC 3339; _indextime is
// the same if it is not given; index, host, source and sourcetype are main, the
// server, the file's path and json if they are not. A line that is no such
// event is an error that names the file and the line, and nothing of the file
// is indexed then.
func (s *Sandbox) LoadFile(path string) error {
	f, err := pipeline.OpenRecords(path)
	if err != nil {
		return err
	}
	defer f.Close()
	l := loader{store: s.store, path: path, rows: pipeline.NewDecoder(s.store.dict)}
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		err := l.line(lines.Bytes())
		if broken := lines.Err(); broken != nil { // what is wrong with the line is that it breaks off
			err = l.fault(cutOff(broken))
		}
		if err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		l.number++
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d MiB", maxLine>>20)
		}
		return l.fault(err)
	}
	if err := l.end(); err != nil {
		return err
	}
	for i, b := range l.done {
		s.store.add(b, l.stamps[i])
	}
	return nil
}

// cutOff says of a compressed file that breaks off what a person makes of it.
func cutOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the compressed file is cut off: %w", err)
	}
	return err
}

// ShiftTo moves all events, so that the newest of them is at t: _time and
// _indextime by the same amount. What stands in the events' text stays.
func (s *Sandbox) ShiftTo(t time.Time) { s.store.shift(t) }

// A loader reads one file.
type loader struct {
	store   *store
	path    string
	rows    *pipeline.Decoder
	number  int   // of the line, from 1
	numbers []int // of the lines of the rows
	done    []*pipeline.Batch
	stamps  [][]stamp
}

func (l *loader) fault(err error) error {
	return &pipeline.LineError{Name: l.path, Line: l.number, Err: err}
}

func (l *loader) line(text []byte) error {
	l.number++
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if len(text) == 0 {
		return nil
	}
	if err := l.rows.Object(text); err != nil {
		return l.fault(err)
	}
	l.numbers = append(l.numbers, l.number)
	if l.rows.Len() >= batchRows || l.rows.Size() >= batchSize {
		return l.end()
	}
	return nil
}

// end finishes the batch begun.
func (l *loader) end() error {
	if l.rows.Len() == 0 {
		return nil
	}
	b := l.rows.Batch()
	stamps := make([]stamp, b.Len())
	for row := range stamps {
		st, err := l.times(b, row)
		if err != nil {
			l.number = l.numbers[row]
			return l.fault(err)
		}
		stamps[row] = st
	}
	l.numbers = l.numbers[:0]
	l.done = append(l.done, l.defaults(b))
	l.stamps = append(l.stamps, stamps)
	return nil
}

func (l *loader) times(b *pipeline.Batch, row int) (stamp, error) {
	at, err := instant("_time", b.Get(row, l.store.keys.time))
	if err != nil {
		return stamp{}, err
	}
	if !b.Has(row, l.store.keys.indexTime) {
		return stamp{at, at}, nil
	}
	indexed, err := instant("_indextime", b.Get(row, l.store.keys.indexTime))
	return stamp{at, indexed}, err
}

// farthest is how far from 1970 an event may be, in seconds.
const farthest = math.MaxInt64 / int64(time.Second) / 2

func instant(field, text string) (int64, error) {
	if text == "" {
		return 0, fmt.Errorf("%s is missing", field)
	}
	t, ok := pipeline.ParseTime(text)
	if !ok || t.Unix() > farthest || t.Unix() < -farthest {
		return 0, fmt.Errorf("%s is %q, which is no time: write epoch seconds or RFC 3339", field, text)
	}
	return t.UnixNano(), nil
}

// defaults gives records that lack a field which every event has its default.
func (l *loader) defaults(b *pipeline.Batch) *pipeline.Batch {
	var added []*pipeline.NewColumn
	for _, d := range []struct {
		key   pipeline.Key
		value string
	}{
		{l.store.keys.index, defaultIndex},
		{l.store.keys.host, serverName},
		{l.store.keys.source, l.path},
		{l.store.keys.sourcetype, "json"},
	} {
		var column *pipeline.NewColumn
		for row := range b.Len() {
			if b.Get(row, d.key) != "" {
				continue
			}
			if column == nil {
				column = b.NewColumn(d.key)
			}
			column.Set(row, d.value)
		}
		if column != nil {
			added = append(added, column)
		}
	}
	if added == nil {
		return b
	}
	return b.With(added...)
}
