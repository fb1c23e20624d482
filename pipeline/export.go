package pipeline

import (
	"bytes"
	"errors"
	"fmt"
)

// errPreview is what a line is refused with that holds a result which the
// search had not done with.
var errPreview = errors.New("a preview, which a later line repeats: export with preview=false")

// exportHead is how each line begins of what Splunk's search export writes.
const exportHead = `{"preview":`

// exported reads a line of a saved export of Splunk's,
//
//	{"preview":false,"offset":0,"lastrow":true,"result":{…}}
//
// whose record is the result. A line with lastrow alone says that there is
// none; a preview and a line of messages are refused. ok is false for whatever
// else is in a line, which is then a record like any other.
func (d *Decoder) exported(line []byte) (ok bool, err error) {
	if !bytes.HasPrefix(line, []byte(exportHead)) {
		return false, nil
	}
	rest, found := line[1:], exportLine{}
	for first := true; ; first = false {
		var next bool
		if rest, next = bytes.CutPrefix(rest, []byte{','}); !next && !first {
			break
		}
		if rest, ok = found.member(rest); !ok {
			return false, nil
		}
	}
	if string(rest) != "}" {
		return false, nil
	}
	switch {
	case found.preview:
		return true, errPreview
	case found.messages:
		return true, fmt.Errorf("no result, but a message of Splunk's: %.300q", line)
	case found.result == nil:
		return found.last, nil
	}
	return d.Object(found.result) == nil, nil
}

// An exportLine is what a line was found to hold.
type exportLine struct {
	preview, messages, last bool

	result []byte // to the end of the line's object
}

// member reads one member and returns what is behind it. A result, and
// messages, are taken to be the last.
func (l *exportLine) member(text []byte) (rest []byte, ok bool) {
	name, value, ok := bytes.Cut(text, []byte(`:`))
	if !ok {
		return nil, false
	}
	switch string(name) {
	case `"preview"`:
		rest, l.preview = bytes.CutPrefix(value, []byte("true"))
		if l.preview {
			return rest, true
		}
		return bytes.CutPrefix(rest, []byte("false"))
	case `"lastrow"`:
		l.last = true
		return bytes.CutPrefix(value, []byte("true"))
	case `"offset"`:
		rest = bytes.TrimLeft(value, "0123456789")
		return rest, len(rest) < len(value)
	case `"result"`:
		l.result, ok = bytes.CutSuffix(value, []byte("}"))
		return []byte("}"), ok && len(value) > 1 && value[0] == '{'
	case `"messages"`:
		l.messages = true
		return []byte("}"), len(value) > 0 && value[0] == '['
	}
	return nil, false
}
