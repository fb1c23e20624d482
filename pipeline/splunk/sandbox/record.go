package sandbox

import (
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A record is one row on its way through a search: an indexed event, or a row
// that a command made.
type record struct {
	ev   *event
	made []madeField
}

type madeField struct {
	name   string
	values []string
}

// Fields that events have without being stored with them.
type fieldKind int

const (
	storedField fieldKind = iota
	timeField
	indexTimeField
	bucketField
	addressField
	serialField
	originField
	indexField
	serverField
	lineCountField
	typeField
)

var madeUp = map[string]fieldKind{
	"_time": timeField, "_indextime": indexTimeField, "_bkt": bucketField, "_cd": addressField,
	"_serial": serialField, "_si": originField, "index": indexField,
	"splunk_server": serverField, "linecount": lineCountField, "_sourcetype": typeField,
}

// inEveryEvent are the made-up fields that results show unasked, in Splunk's
// order; the rest must be named.
var inEveryEvent = []string{"_bkt", "_cd", "_indextime", "_serial", "_si", "_time"}

// A field is a field's name, looked up once for a search.
type field struct {
	name  string
	kind  fieldKind
	key   pipeline.Key
	known bool // some event has it
}

func (s snapshot) field(name string) field {
	f := field{name: name, kind: madeUp[name]}
	f.key, f.known = s.store.dict.Lookup(name)
	return f
}

// values are those of one field of one record.
type values struct {
	stored pipeline.Values
	made   []string
}

func (v values) len() int {
	if v.made != nil {
		return len(v.made)
	}
	return v.stored.Len()
}

func (v values) at(i int) string {
	if v.made != nil {
		return v.made[i]
	}
	return v.stored.At(i)
}

func (v values) first() string {
	if v.len() == 0 {
		return ""
	}
	return v.at(0)
}

// join returns all values as one text.
func (v values) join(sep string) string {
	if v.len() == 1 {
		return v.at(0)
	}
	return strings.Join(v.slice(), sep)
}

func (v values) slice() []string {
	if v.made != nil {
		return v.made
	}
	return v.stored.Slice()
}

// get returns a field of a record. _time is in epoch seconds here, as commands
// see it.
func (s snapshot) get(r *record, f *field) values {
	if r.ev == nil {
		for i := range r.made {
			if r.made[i].name == f.name {
				return values{made: r.made[i].values}
			}
		}
		return values{}
	}
	if f.kind != storedField {
		return values{made: s.makeUp(r.ev, f.kind)}
	}
	if !f.known {
		return values{}
	}
	return values{stored: r.ev.batch.Values(int(r.ev.row), f.key)}
}

func (s snapshot) makeUp(e *event, kind fieldKind) []string {
	switch kind {
	case timeField:
		return []string{e.epoch()}
	case indexTimeField:
		return []string{strconv.FormatInt(e.indexSecond(), 10)}
	case bucketField:
		return []string{s.bucket(e)}
	case addressField:
		return []string{e.cd()}
	case originField:
		return []string{serverName, s.indexes[e.index].name}
	case indexField:
		return []string{s.indexes[e.index].name}
	case serverField:
		return []string{serverName}
	case lineCountField:
		raw := e.batch.Get(int(e.row), s.store.keys.raw)
		return []string{strconv.Itoa(strings.Count(strings.TrimRight(raw, "\n"), "\n") + 1)}
	case typeField:
		return []string{e.batch.Get(int(e.row), s.store.keys.sourcetype)}
	}
	return nil // the serial number is known only to results
}
