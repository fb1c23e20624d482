package auditd

import (
	"bytes"
	"strings"
)

// A Merger gathers the lines of events that come apart, together with something
// that its user wants to know of each event, an O.
type Merger[O any] struct {
	max    int // bytes
	size   int
	events map[mergeKey]*gathered[O]
	queue  []*gathered[O] // in order of their first lines
	next   int            // of those in the queue that are left
	lines  []Line

	// Early is how many events left before the end because of the bound on
	// memory; lines of theirs that come later make events of their own. Cut is
	// how many lines were left out of events with more than MaxEventBytes.
	Early, Cut int
}

type mergeKey struct{ origin, node, time, serial string }

type gathered[O any] struct {
	key  mergeKey
	of   O
	text []byte // the lines
	cut  bool
}

// gatheredOverhead is about what an event takes besides its lines.
const gatheredOverhead = 300

// NewMerger returns a merger that holds up to about so many bytes.
func NewMerger[O any](bytes int) *Merger[O] {
	return &Merger[O]{max: bytes, events: map[mergeKey]*gathered[O]{}}
}

// Add takes a line of text, which l was parsed from, and which need not stay
// valid. Origin tells apart what may use the same times and serial numbers,
// hosts say; of is asked of an event's first line.
func (m *Merger[O]) Add(origin string, l Line, line string, of func() O) {
	key := mergeKey{origin, l.Node, l.Time, l.Serial}
	g := m.events[key]
	if g == nil {
		key = mergeKey{strings.Clone(origin), strings.Clone(l.Node), strings.Clone(l.Time), strings.Clone(l.Serial)}
		g = &gathered[O]{key: key, of: of()}
		m.events[key] = g
		m.queue = append(m.queue, g)
		m.size += gatheredOverhead
	}
	if len(g.text)+len(line) > MaxEventBytes {
		m.Cut++
		g.cut = true
		return
	}
	g.text = append(append(g.text, line...), '\n')
	m.size += len(line) + 1
}

// Len returns how many events are held.
func (m *Merger[O]) Len() int { return len(m.events) }

// A Gathered event is one that a Merger hands out. All of it is valid until
// the next one is.
type Gathered[O any] struct {
	Of    O
	Text  string // its lines
	Lines []Line
	Cut   bool // lines are missing
}

// Next takes out the event whose first line came first: any if all is set, else
// one only while more is held than the bound allows.
func (m *Merger[O]) Next(all bool) (Gathered[O], bool) {
	if m.next == len(m.queue) || !all && m.size <= m.max {
		return Gathered[O]{}, false
	}
	if !all {
		m.Early++
	}
	g := m.queue[m.next]
	m.queue[m.next] = nil
	if m.next++; m.next > len(m.queue)/2 && m.next > 1000 {
		m.queue = append(m.queue[:0:0], m.queue[m.next:]...)
		m.next = 0
	}
	delete(m.events, g.key)
	m.size -= len(g.text) + gatheredOverhead
	text := bytes.TrimSuffix(g.text, []byte{'\n'})
	out := Gathered[O]{Of: g.of, Text: string(text), Cut: g.cut}
	m.lines = m.lines[:0]
	for line := range strings.Lines(out.Text) {
		if l, ok := ParseLine(line); ok {
			m.lines = append(m.lines, l)
		}
	}
	out.Lines = m.lines
	return out, true
}
