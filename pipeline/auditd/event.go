package auditd

import (
	"cmp"
	"slices"
	"strings"
)

// Bounds on one event.
const (
	MaxFields     = 512     // different names
	MaxEventBytes = 4 << 20 // of its lines, which whoever gathers them keeps
	namedArgs     = 32      // arguments that have a field of their own
)

// A Field is a field of an event.
type Field struct {
	Name   string
	Values []string
	kind   string // the type of the lines that have it
}

// An Event is made of the lines that have one time, serial number and node. It
// is used for one event after the other.
type Event struct {
	Fields []Field
	// Left is how many fields, or types of lines, were beyond MaxFields; Missing
	// how many arguments of the program no line holds.
	Left, Missing int

	types []string
	at    map[string]int // place in Fields
	text  []string
	args  []argument
	argc  string
	lines []Line
	seen  map[Line]struct{}
}

// Assemble makes the fields of an event: EventType, mssg_id, serial, type and
// node, then what the lines say. There is at least one line.
func (e *Event) Assemble(lines []Line) {
	e.reset()
	for _, l := range lines {
		switch {
		case slices.Contains(e.types, l.Type):
		case len(e.types) < MaxFields:
			e.types = append(e.types, l.Type)
		default:
			e.Left++
		}
	}
	first := lines[0]
	e.add("", "EventType", e.eventType())
	e.add("", "mssg_id", first.Time)
	e.add("", "serial", first.Serial)
	e.add("", "type", e.types...)
	if first.Node != "" {
		e.add("", "node", first.Node)
	}
	for _, l := range e.inOrder(lines) {
		e.read(l.Type, &scanner{body: l.Body})
	}
	e.addArguments()
	e.addAddress()
	if len(e.text) > 0 {
		e.add("", "audit_text", strings.Join(e.text, " "))
	}
}

func (e *Event) reset() {
	*e = Event{Fields: e.Fields[:0], types: e.types[:0], at: e.at, text: e.text[:0], args: e.args[:0], lines: e.lines, seen: e.seen}
	if e.at == nil {
		e.at, e.seen = map[string]int{}, map[Line]struct{}{}
	}
	clear(e.at)
}

// eventType is MSTICPy's: a program's start, or the type of the first line.
func (e *Event) eventType() string {
	if slices.Contains(e.types, "SYSCALL") && slices.Contains(e.types, "EXECVE") {
		return "SYSCALL_EXECVE"
	}
	return e.types[0]
}

// inOrder returns the lines, each once, those about files in the order of their
// numbers.
func (e *Event) inOrder(lines []Line) []Line {
	clear(e.seen)
	e.lines = e.lines[:0]
	paths := 0
	for _, l := range lines {
		if _, twice := e.seen[l]; twice {
			continue
		}
		e.seen[l] = struct{}{}
		e.lines = append(e.lines, l)
		if l.Type == "PATH" {
			paths++
		}
	}
	if paths > 1 {
		sortPaths(e.lines)
	}
	return e.lines
}

func sortPaths(lines []Line) {
	type file struct{ item, at int }
	var files []file
	var places []int
	for i, l := range lines {
		if l.Type == "PATH" {
			_, rest, _ := strings.Cut(l.Body, "item=")
			files = append(files, file{number(rest[:digits(rest)]), i})
			places = append(places, i)
		}
	}
	slices.SortStableFunc(files, func(a, b file) int { return cmp.Compare(a.item, b.item) })
	was := slices.Clone(lines)
	for i, f := range files {
		lines[places[i]] = was[f.at]
	}
}

// read adds the fields of a line.
func (e *Event) read(kind string, s *scanner) {
	s.pairs(func(p pair) {
		switch {
		case p.name == "":
			e.text = append(e.text, p.value)
		case p.within:
			e.read(kind, &scanner{body: p.value, inner: true})
		case kind == "EXECVE" && e.argument(p):
		default:
			e.field(kind, p)
		}
	})
}

func (e *Event) field(kind string, p pair) {
	name := p.name
	if isRegister(name) && (kind == "AUOMS_EXECVE" || kind == "SYSCALL" && slices.Contains(e.types, "EXECVE")) {
		name = "syscall_" + name
	}
	if reserved(name) {
		name = "audit_" + name
	}
	switch {
	case p.values != nil:
		e.add(kind, name, p.values...)
	case p.quoted || strings.HasPrefix(kind, "AUOMS"): // which decodes everything
		e.add(kind, name, minusOne(p.name, p.value))
	case encoded(p.name):
		if b, ok := unhex(p.value); ok {
			e.add(kind, name, keys(p.name, printable(b))...)
			return
		}
		e.add(kind, name, p.value)
	default:
		e.add(kind, name, minusOne(p.name, p.value))
	}
}

// isRegister reports whether a field of a system call is one of its arguments.
func isRegister(name string) bool {
	return len(name) == 2 && name[0] == 'a' && '0' <= name[1] && name[1] <= '3'
}

// keys takes several keys of rules apart, between which the kernel writes 0x01.
func keys(name, value string) []string {
	if name != "key" {
		return []string{value}
	}
	return strings.Split(value, "\x01")
}

func minusOne(name, value string) string {
	if unset(name, value) {
		return "-1"
	}
	return value
}

// reserved reports whether a record uses the name for something else.
func reserved(name string) bool {
	switch name {
	case "host", "source", "sourcetype", "index", "EventType", "mssg_id", "serial", "type", "argv":
		return true
	}
	return name[0] == '_' || strings.HasPrefix(name, "huntd_")
}

// add adds values to a field. The first type of lines that has it owns its name.
func (e *Event) add(kind, name string, values ...string) {
	at, ok := e.at[name]
	if ok && e.Fields[at].kind != kind {
		name += "_" + kind
		at, ok = e.at[name]
	}
	if ok {
		e.Fields[at].Values = append(e.Fields[at].Values, values...)
		return
	}
	if len(e.Fields) >= MaxFields {
		e.Left++
		return
	}
	e.at[name] = len(e.Fields)
	if n := len(e.Fields); n < cap(e.Fields) { // takes over the memory of an earlier event's
		e.Fields = e.Fields[:n+1]
		f := &e.Fields[n]
		f.Name, f.kind, f.Values = name, kind, append(f.Values[:0], values...)
		return
	}
	e.Fields = append(e.Fields, Field{Name: name, kind: kind, Values: slices.Clone(values)})
}

// addAddress adds what the socket addresses say.
func (e *Event) addAddress() {
	at, ok := e.at["saddr"]
	if !ok {
		return
	}
	for _, value := range slices.Clone(e.Fields[at].Values) {
		a, ok := socketAddress(value)
		if !ok {
			continue
		}
		for _, f := range []struct{ name, value string }{
			{"saddr_family", a.family}, {"saddr_ip", a.ip}, {"saddr_port", a.port}, {"saddr_path", a.path},
		} {
			if f.value != "" {
				e.add("SOCKADDR", f.name, f.value)
			}
		}
	}
}
