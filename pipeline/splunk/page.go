package splunk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/huntd/huntd/pipeline"
)

// A batch ends at whichever comes first.
const (
	batchRows  = 1000
	batchBytes = 8 << 20
)

// A page is one reply with results.
type page struct {
	rows     int
	batches  []*pipeline.Batch
	messages messageList
	offset   scalar // the number of the first row, as the reply has it; "" if it does not say
	preview  bool
	found    bool // there was a list of results
}

// maxMembers bounds the keys of a page's envelope; Splunk writes seven.
const maxMembers = 100

// readPage reads a page of results, {"preview":…,"messages":[…],"fields":[…],
// "results":[{…},…],…} as output_mode json gives it, its keys in any order, or
// with "rows":[[…],…] of the values of "fields" as json_rows does. Rows go
// straight into batches of the decoder, which serves one page after the other and
// so knows how large they come; the rest of the envelope is small. Whatever it
// returns, the page has come to its end. What ended it too early is the error
// before any other; another means that the page is garbled, or is
// pipeline.ErrNames, which another try would not heal.
func readPage(in *inflow, rows *pipeline.Decoder) (page, error) {
	r := pageReader{in: in, rows: rows, seen: map[string]bool{}}
	err := r.envelope()
	broken := in.rest()
	if err == nil && broken == nil {
		return r.page, nil
	}
	if rows.Len() > 0 {
		rows.Batch().Release() // of no use to anybody
	}
	if broken != nil {
		return page{}, broken
	}
	if errors.Is(err, pipeline.ErrNames) {
		return page{}, fmt.Errorf("a row of the results: %w", err)
	}
	return page{}, fmt.Errorf("%w: byte %d: %w", errCut, r.pos+1, err)
}

type pageReader struct {
	in   *inflow
	pos  int
	rows *pipeline.Decoder
	seen map[string]bool
	page page

	fields json.RawMessage
	rowsAt int // where rows begin that stand before the fields, else 0
}

type pageError string

func (f pageError) Error() string { return string(f) }

// next steps over blanks and returns the byte there, 0 at the end too.
func (r *pageReader) next() byte {
	for r.in.more(r.pos + 1) {
		switch c := r.in.data[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

func (r *pageReader) expect(c byte) error {
	if r.next() != c || r.pos == len(r.in.data) {
		return pageError(fmt.Sprintf("%q is missing", c))
	}
	r.pos++
	return nil
}

func (r *pageReader) envelope() error {
	if err := r.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		switch c := r.next(); {
		case c == '}':
			r.pos++
			if r.next(); r.pos < len(r.in.data) {
				return pageError("there is more text behind the reply")
			}
			return r.earlyRows()
		case !first:
			if err := r.expect(','); err != nil {
				return err
			}
		}
		if err := r.member(); err != nil {
			return err
		}
	}
}

// member reads one key of the envelope and its value.
func (r *pageReader) member() error {
	if r.next() != '"' {
		return pageError("a name in quotes is missing")
	}
	var key string
	if err := r.value(&key); err != nil {
		return err
	}
	if err := r.expect(':'); err != nil {
		return err
	}
	switch {
	case r.seen[key]: // the second would hide the first
		return pageError("a name stands there twice")
	case len(r.seen) == maxMembers:
		return pageError("there are too many names")
	}
	r.seen[key] = true
	switch key {
	case "results":
		return r.results(r.rows.Next)
	case "rows":
		if r.seen["fields"] {
			return r.cellRows()
		}
		r.next()
		r.rowsAt = r.pos
	case "fields":
		return r.value(&r.fields)
	case "messages":
		return r.value(&r.page.messages)
	case "init_offset":
		return r.value(&r.page.offset)
	case "preview":
		return r.value(&r.page.preview)
	}
	return r.value(nil)
}

// results reads a list of rows, each by next.
func (r *pageReader) results(read func([]byte) (int, error)) error {
	if r.page.found {
		return pageError("there are both results and rows")
	}
	r.page.found = true
	if err := r.expect('['); err != nil {
		return err
	}
	if r.next() == ']' {
		r.pos++
		return nil
	}
	for {
		r.next()
		n, err := r.in.try(r.pos, read)
		if err != nil {
			return err
		}
		r.pos += n
		r.page.rows++
		if r.rows.Len() >= batchRows || r.rows.Size() >= batchBytes {
			r.endBatch()
		}
		switch r.next() {
		case ',':
			r.pos++
		case ']':
			r.pos++
			r.endBatch()
			return nil
		default:
			return pageError("the list of results does not go on")
		}
	}
}

func (r *pageReader) endBatch() {
	if r.rows.Len() > 0 {
		r.page.batches = append(r.page.batches, epochTimes(r.rows.Batch()))
	}
}

// errGoesOn is what a value is that ends where the reply ends so far.
const errGoesOn = pageError("the value may go on")

// value reads a value of the envelope into v, or over it if v is nil.
func (r *pageReader) value(v any) error {
	r.next()
	var text json.RawMessage
	n, err := r.in.try(r.pos, func(data []byte) (int, error) {
		d := json.NewDecoder(bytes.NewReader(data))
		err := d.Decode(&text)
		n := int(d.InputOffset())
		if err == nil && n == len(data) {
			err = errGoesOn
		}
		return n, err
	})
	if err != nil && !errors.Is(err, errGoesOn) {
		return err
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			return err
		}
	}
	r.pos += n
	return nil
}

// epochTimes writes the _time of records as epoch seconds, as records bear it;
// results have it as text with a zone. What is no time stays as it is.
func epochTimes(b *pipeline.Batch) *pipeline.Batch {
	key := b.Dict().Key("_time")
	times := b.NewColumn(key)
	changed := false
	for row := range b.Len() {
		v := b.Values(row, key)
		if v.Len() != 1 {
			continue
		}
		t, ok := pipeline.ParseTime(v.At(0))
		if !ok {
			continue
		}
		if s := pipeline.FormatEpoch(t); s != v.At(0) {
			times.Set(row, s)
			changed = true
		}
	}
	if !changed {
		return b
	}
	return b.With(times)
}
