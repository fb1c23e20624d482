package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// A hecEvent is an event as it was posted.
type hecEvent struct {
	at                              time.Time
	host, source, sourcetype, index string
	event                           json.RawMessage
	fields                          map[string]any
}

// A hecFault is the first object of a body that is not taken.
type hecFault struct {
	code   hecCode
	number int // of the object, from 0
}

// defaults are what events have that do not say otherwise.
func (h *collector) defaults(r *http.Request, now time.Time) (hecEvent, bool) {
	q := r.URL.Query()
	e := hecEvent{at: now, host: r.Host, source: "http:sandbox", sourcetype: "httpevent", index: defaultIndex}
	for name, to := range map[string]*string{"host": &e.host, "source": &e.source, "sourcetype": &e.sourcetype, "index": &e.index} {
		if v := q.Get(name); v != "" {
			*to = v
		}
	}
	text := q.Get("time")
	if text == "" {
		return e, true
	}
	var ok bool
	e.at, ok = hecTime(text)
	return e, ok
}

// hecTime reads the time of an event. Splunk takes no exponents.
func hecTime(text string) (time.Time, bool) {
	if text == "" || strings.Trim(text, "0123456789.-") != "" {
		return time.Time{}, false
	}
	t, ok := pipeline.ParseTime(text)
	return t, ok && t.Unix() < farthest && t.Unix() > -farthest
}

// read reads a body: JSON objects one behind another, or in a list. It ends at
// the first that is not as it should be; those before it are taken.
func (h *collector) read(body []byte, like hecEvent) ([]hecEvent, *hecFault) {
	var events []hecEvent
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	list := bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("["))
	if list {
		_, _ = d.Token() // the bracket
	}
	for n := 0; ; n++ {
		if !d.More() {
			return events, endOfBody(d, list, n)
		}
		var object json.RawMessage
		if err := d.Decode(&object); err != nil {
			return events, &hecFault{hecBadFormat, n}
		}
		e, code, unknown := h.event(object, like)
		switch {
		case unknown && len(events) == 0:
			return nil, &hecFault{hecNoData, n}
		case unknown: // it and what follows are passed over
			return events, nil
		case code != hecSuccess:
			return events, &hecFault{code, n}
		}
		if e != nil {
			events = append(events, *e)
		}
	}
}

// endOfBody looks at what stands behind the last object.
func endOfBody(d *json.Decoder, list bool, n int) *hecFault {
	if list {
		if _, err := d.Token(); err != nil {
			return &hecFault{hecBadFormat, n}
		}
	}
	if rest, err := d.Token(); rest != nil || !errors.Is(err, io.EOF) {
		return &hecFault{hecBadFormat, n}
	}
	return nil
}

// event reads one object. It returns no event for one that has fields alone,
// which is a metric and passed over; unknown tells of a key that HEC does not
// know.
func (h *collector) event(object json.RawMessage, like hecEvent) (e *hecEvent, code hecCode, unknown bool) {
	var members map[string]json.RawMessage
	if len(object) > maxEvent || json.Unmarshal(object, &members) != nil || members == nil || h.poisoned(object) {
		return nil, hecBadFormat, false
	}
	own := like
	for name, value := range members {
		to := map[string]*string{"host": &own.host, "source": &own.source, "sourcetype": &own.sourcetype, "index": &own.index}[name]
		switch {
		case to != nil:
			text := ""
			if json.Unmarshal(value, &text) != nil {
				return nil, hecBadFormat, false
			}
			if text != "" {
				*to = text
			}
		case name == "event":
			own.event = value
		case name != "time" && name != "fields":
			unknown = true
		}
	}
	if unknown {
		return nil, hecSuccess, true
	}
	switch text := string(own.event); {
	case text == "" && members["fields"] != nil:
		return nil, hecSuccess, false
	case text == "":
		return nil, hecNoEvent, false
	case text == "null", text == `""`:
		return nil, hecBlankEvent, false
	}
	if !own.readTime(members["time"]) || !own.readFields(members["fields"]) {
		return nil, hecBadFields, false
	}
	if !h.mayWrite(own.index) {
		return nil, hecBadIndex, false
	}
	return &own, hecSuccess, false
}

func (e *hecEvent) readTime(value json.RawMessage) bool {
	text := string(value)
	if text == "" || text == "null" {
		return true
	}
	if text[0] == '"' && json.Unmarshal(value, &text) != nil {
		return false
	}
	var ok bool
	e.at, ok = hecTime(text)
	return ok
}

// readFields reads the indexed fields, which are flat.
func (e *hecEvent) readFields(value json.RawMessage) bool {
	if len(value) == 0 || string(value) == "null" {
		return true
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&e.fields) != nil {
		return false
	}
	for _, v := range e.fields {
		switch v := v.(type) {
		case map[string]any:
			return false
		case []any:
			for _, m := range v {
				switch m.(type) {
				case map[string]any, []any:
					return false
				}
			}
		}
	}
	return true
}

func (h *collector) poisoned(object []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.poison != "" && bytes.Contains(object, []byte(h.poison))
}

// mayWrite reports whether the token may write to an index: to any that has
// the name of one.
func (h *collector) mayWrite(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.forbidden[name] && len(name) <= 255 && name != "" && name[0] != '-' &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// line is the event as a line of Config.Received.
func (e *hecEvent) line() ([]byte, error) {
	fields := e.fields
	if fields == nil {
		fields = map[string]any{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Time       json.Number     `json:"time"`
		Host       string          `json:"host"`
		Source     string          `json:"source"`
		Sourcetype string          `json:"sourcetype"`
		Index      string          `json:"index"`
		Event      json.RawMessage `json:"event"`
		Fields     map[string]any  `json:"fields"`
	}{json.Number(pipeline.FormatEpoch(e.at)), e.host, e.source, e.sourcetype, e.index, e.event, fields})
	return b.Bytes(), err
}
