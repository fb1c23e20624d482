package story

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// A Field is a name with its text.
type Field struct {
	Name, Value string
}

// An Event is one record as Splunk would give it out of a search.
type Event struct {
	Time       time.Time // UTC, whole milliseconds
	Host       string
	Source     string
	Sourcetype string
	Index      string
	Fields     []Field // in a fixed order, without the ones above
	Raw        string  // the event's text as it was logged
}

// Get returns the value of the named field of Fields, or "".
func (e *Event) Get(name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// AppendJSON appends the event as one JSON object without a line end: _time in
// epoch seconds with three decimals, host, source, sourcetype, index, the
// fields in their order, _raw.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"_time":`...)
	dst = appendSeconds(dst, e.Time.UnixMilli())
	dst = appendMember(dst, "host", e.Host)
	dst = appendMember(dst, "source", e.Source)
	dst = appendMember(dst, "sourcetype", e.Sourcetype)
	dst = appendMember(dst, "index", e.Index)
	for _, f := range e.Fields {
		dst = appendMember(dst, f.Name, f.Value)
	}
	dst = appendMember(dst, "_raw", e.Raw)
	return append(dst, '}')
}

// set starts the event anew; the memory of its fields is used again.
func (e *Event) set(host, index, sourcetype, source string, fields ...Field) {
	e.Host, e.Index, e.Sourcetype, e.Source = host, index, sourcetype, source
	e.Fields = append(e.Fields[:0], fields...)
}

// appendSeconds appends milliseconds as seconds with three decimals.
func appendSeconds(dst []byte, ms int64) []byte {
	dst = strconv.AppendInt(dst, ms/1000, 10)
	dst = append(dst, '.')
	rest := ms % 1000
	return append(dst, byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

func appendMember(dst []byte, name, value string) []byte {
	dst = append(dst, ',')
	dst = appendText(dst, name)
	dst = append(dst, ':')
	return appendText(dst, value)
}

// appendText appends s as a JSON string (RFC 8259 §7). It stands here and not
// on encoding/json because that package's choice of escapes has changed
// between releases of Go, and a story's bytes must not.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}
