package analyzers

import (
	"sort"
	"strings"
	"unsafe"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/ioc"
)

// extractIocsChunk is how much text is scanned in one go, in bytes; a longer
// value is scanned whole.
const extractIocsChunk = 64 << 10

// extractIocsText is the text of a batch. Its values are short, sixteen bytes in
// most events, so that they are not scanned one by one but laid side by side,
// with zero bytes between.
type extractIocsText struct {
	dict    *pipeline.Dict
	fields  fieldSet
	scanner interface {
		Scan(text string, emit func(ioc.Match))
	}
	// alone tells that the scanner wants each value for itself.
	alone bool
	want  ioc.Set

	buf    []byte
	values []extractIocsValue
	ja3    map[pipeline.Key]bool // whether a field is of JA3 fingerprints
}

// An extractIocsValue is where a value stands in the text.
type extractIocsValue struct {
	at, row int
	field   pipeline.Key
	text    string
}

// An extractIocsFind is an indicator, and where it was found; Start and End are
// in the field's value.
type extractIocsFind struct {
	ioc.Match
	row      int
	field    pipeline.Key
	original string // what stands there, if that is not the value
}

// extractIocsLook returns the types to look for to find those that are wanted:
// which MD5 is a JA3 is for the field's name to say as well.
func extractIocsLook(want ioc.Set) ioc.Set {
	const both = ioc.Set(1<<ioc.MD5 | 1<<ioc.JA3)
	if want&both != 0 {
		want |= both
	}
	return want
}

// each calls do for what is found in the batch, row by row.
func (x *extractIocsText) each(b *pipeline.Batch, do func(extractIocsFind)) {
	for row := range b.Len() {
		for field, text := range x.fields.of(b, row) {
			x.values = append(x.values, extractIocsValue{len(x.buf), row, field, text})
			x.buf = append(append(x.buf, text...), 0)
			if x.alone || len(x.buf) >= extractIocsChunk {
				x.scan(do)
			}
		}
	}
	x.scan(do)
	if cap(x.buf) > 16*extractIocsChunk { // a value was long
		x.buf = nil
	}
}

// scan scans what is there and forgets it.
func (x *extractIocsText) scan(do func(extractIocsFind)) {
	if len(x.values) == 0 {
		return
	}
	text := unsafe.String(unsafe.SliceData(x.buf), len(x.buf)-1)
	at := 0
	x.scanner.Scan(text, func(m ioc.Match) {
		if at+1 < len(x.values) && x.values[at+1].at <= m.Start {
			rest := x.values[at+1:]
			at += sort.Search(len(rest), func(i int) bool { return rest[i].at > m.Start })
		}
		v := x.values[at]
		if m.Type == ioc.MD5 && x.isJA3(v.field) {
			m.Type = ioc.JA3
		}
		if !x.want.Has(m.Type) {
			return
		}
		do(v.find(m, x.alone))
	})
	x.buf, x.values = x.buf[:0], x.values[:0]
}

// find returns what was found in the value; its strings outlive the text that
// was scanned.
func (v extractIocsValue) find(m ioc.Match, alone bool) extractIocsFind {
	m.Start, m.End = m.Start-v.at, m.End-v.at
	f := extractIocsFind{Match: m, row: v.row, field: v.field}
	switch in := v.text[m.Start:m.End]; {
	case in == m.Value:
		f.Value = in
	case alone:
		f.Value = strings.Clone(m.Value)
	default:
		f.Value, f.original = strings.Clone(m.Value), in
	}
	return f
}

func (x *extractIocsText) isJA3(field pipeline.Key) bool {
	if x.alone {
		return false
	}
	is, known := x.ja3[field]
	if !known {
		is = ioc.IsJA3Field(x.dict.Name(field))
		x.ja3[field] = is
	}
	return is
}
