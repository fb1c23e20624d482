package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// Splunk extracts fields only from so much of an event.
const (
	maxNesting   = 30
	maxExtracted = 1000
)

// events answers a post of events.
func (h *collector) events(w http.ResponseWriter, r *http.Request) {
	h.take(w, r, func(body []byte, like hecEvent) ([]hecEvent, *hecFault) { return h.read(body, like) })
}

// raw answers a post of lines, each an event.
func (h *collector) raw(w http.ResponseWriter, r *http.Request) {
	h.take(w, r, func(body []byte, like hecEvent) ([]hecEvent, *hecFault) {
		if !h.mayWrite(like.index) {
			return nil, &hecFault{hecBadIndex, 0}
		}
		var events []hecEvent
		for line := range bytes.Lines(body) {
			if line = bytes.TrimRight(line, "\r\n"); len(bytes.TrimSpace(line)) > 0 {
				e := like
				e.event = pipeline.AppendQuoted(nil, string(line))
				events = append(events, e)
			}
		}
		return events, nil
	})
}

// take answers a post of events.
func (h *collector) take(w http.ResponseWriter, r *http.Request, read func([]byte, hecEvent) ([]hecEvent, *hecFault)) {
	channel, body, ok := h.admit(w, r)
	if !ok {
		return
	}
	now := h.clock().Truncate(time.Millisecond)
	like, ok := h.defaults(r, now)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		hecNoData.write(w)
		return
	case !ok:
		hecBadFields.write(w, pair{"invalid-event-number", 0})
		return
	}
	events, fault := read(body, like)
	if err := h.accept(events, now); err != nil {
		hecServerError.write(w)
		return
	}
	var more []pair
	if len(events) > 0 && channel != nil {
		more = []pair{{"ackId", h.acks.add(channel)}}
	}
	if fault == nil {
		hecSuccess.write(w, more...)
		return
	}
	fault.write(w, more)
}

// write answers with a fault. In the code of a wrong index alone Splunk counts
// from 1.
func (f *hecFault) write(w http.ResponseWriter, more []pair) {
	switch f.code {
	case hecNoData:
		f.code.write(w)
	case hecBadIndex:
		f.code.write(w, append([]pair{{"invalid-event-number", f.number + 1}}, more...)...)
	default:
		f.code.write(w, append([]pair{{"invalid-event-number", f.number}}, more...)...)
	}
}

// accept writes events down and indexes them; after an error it has done
// neither.
func (h *collector) accept(events []hecEvent, now time.Time) error {
	if len(events) == 0 {
		return nil
	}
	lines := make([][]byte, len(events))
	for i := range events {
		var err error
		if lines[i], err = events[i].line(); err != nil {
			return err
		}
	}
	rows := pipeline.NewBuilder(h.store.dict)
	stamps := make([]stamp, len(events))
	for i := range events {
		rows.Row()
		events[i].record(rows, h.store.dict)
		stamps[i] = stamp{events[i].at.UnixNano(), now.UnixNano()}
	}
	if err := h.inbox.put(lines); err != nil {
		return err
	}
	h.store.add(rows.Batch(), stamps)
	return nil
}

// record writes the event as a record. Of an object the fields are extracted as
// Splunk names them: a.b for a member of a member, a{} for the members of a
// list.
func (e *hecEvent) record(rows *pipeline.Builder, dict *pipeline.Dict) {
	rows.SetName("index", e.index)
	rows.SetName("host", e.host)
	rows.SetName("source", e.source)
	rows.SetName("sourcetype", e.sourcetype)
	raw := string(e.event)
	var value any
	d := json.NewDecoder(bytes.NewReader(e.event))
	d.UseNumber()
	if d.Decode(&value) == nil {
		if text, ok := value.(string); ok {
			raw, value = text, nil
		}
	}
	x := extraction{values: map[string][]string{}}
	x.add("", value, 0)
	for name := range e.fields {
		x.forget(name)
	}
	for _, name := range slices.Sorted(maps.Keys(e.fields)) {
		x.add(name, e.fields[name], maxNesting-1)
	}
	for _, name := range x.names {
		switch name {
		case "host", "source", "sourcetype", "_raw": // what HEC says stands above
			continue
		}
		if vals := x.values[name]; len(vals) > 0 && madeUp[name] == storedField {
			// A name too many is only not searchable: _raw has it all.
			if key, err := dict.Intern(name); err == nil {
				rows.Set(key, vals...)
			}
		}
	}
	rows.SetName("_raw", raw)
}

// An extraction collects the fields of an event.
type extraction struct {
	names  []string
	values map[string][]string
}

func (x *extraction) forget(name string) { delete(x.values, name) }

func (x *extraction) add(name string, v any, depth int) {
	if depth > maxNesting || len(x.names) > maxExtracted {
		return
	}
	switch v := v.(type) {
	case nil:
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner := key
			if name != "" {
				inner = name + "." + key
			}
			x.add(inner, v[key], depth+1)
		}
	case []any:
		if depth < maxNesting-1 {
			name += "{}"
		}
		for _, m := range v {
			x.add(name, m, depth+1)
		}
	default:
		if name == "" {
			return
		}
		if _, ok := x.values[name]; !ok {
			x.names = append(x.names, name)
		}
		x.values[name] = append(x.values[name], fmt.Sprint(v))
	}
}
