package sandbox

import (
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A rowset is what stands between two commands of a search: records, and which
// of their fields are left.
type rowset struct {
	snapshot
	rows []record
	show projection
}

// A projection is the commands fields and table that records went through.
type projection []selection

type selection struct {
	names []string // with asterisks
	globs []glob
	drop  bool
	// bare drops _time and _raw too when they are not named, as table does.
	bare bool
}

func newSelection(names []string, drop, bare bool) selection {
	s := selection{names: names, drop: drop, bare: bare}
	for _, n := range names {
		s.globs = append(s.globs, newGlob(n))
	}
	return s
}

func (s selection) allows(name string) bool {
	named := slices.ContainsFunc(s.globs, func(g glob) bool { return g.match([]byte(name)) })
	return named != s.drop || !s.drop && !s.bare && (name == "_time" || name == "_raw")
}

func (p projection) allows(name string) bool {
	for _, s := range p {
		if !s.allows(name) {
			return false
		}
	}
	return true
}

// asked returns the names, without asterisks, of the fields asked for.
func (p projection) asked() []string {
	for _, s := range slices.Backward(p) {
		if !s.drop {
			return slices.DeleteFunc(slices.Clone(s.names), func(n string) bool { return strings.Contains(n, "*") || !p.allows(n) })
		}
	}
	return nil
}

// field looks up a field; one that is left out is in no record.
func (rs *rowset) field(name string) field {
	f := rs.snapshot.field(name)
	if !rs.show.allows(name) {
		return field{name: "", kind: storedField}
	}
	return f
}

// A shape is the fields of a row set, worked out once.
type shape struct {
	rs     *rowset
	before []field // made-up ones
	hidden []bool  // by key
}

func (rs *rowset) shape() *shape {
	s := &shape{rs: rs, hidden: make([]bool, rs.store.dict.Len())}
	for _, name := range inEveryEvent {
		if rs.show.allows(name) {
			s.before = append(s.before, rs.snapshot.field(name))
		}
	}
	for _, name := range rs.show.asked() {
		if kind := madeUp[name]; kind != storedField && kind != indexField && !slices.Contains(inEveryEvent, name) {
			s.before = append(s.before, rs.snapshot.field(name))
		}
	}
	for key := range s.hidden {
		name := rs.store.dict.Name(pipeline.Key(key))
		kind := madeUp[name]
		s.hidden[key] = kind != storedField && kind != indexField || !rs.show.allows(name)
	}
	return s
}

// each yields the fields of a record that is the serial-th of the results, with
// _time as results show it.
func (s *shape) each(r *record, serial int, yield func(name string, v values)) {
	if r.ev == nil {
		for _, f := range r.made {
			if s.rs.show.allows(f.name) && len(f.values) > 0 {
				yield(f.name, values{made: shown(f)})
			}
		}
		return
	}
	for i := range s.before {
		f := &s.before[i]
		switch f.kind {
		case timeField:
			yield(f.name, values{made: []string{isoTime(r.ev.at)}})
		case serialField:
			yield(f.name, values{made: []string{strconv.Itoa(serial)}})
		default:
			yield(f.name, s.rs.get(r, f))
		}
	}
	for key, v := range r.ev.batch.Fields(int(r.ev.row)) {
		// A key that is younger than the shape is of an event that the search
		// does not see.
		if !s.hidden[key] {
			yield(s.rs.store.dict.Name(key), values{stored: v})
		}
	}
}

// shown is what results show of a field that a command made.
func shown(f madeField) []string {
	if f.name == "_time" && len(f.values) == 1 {
		if t, ok := pipeline.ParseTime(f.values[0]); ok {
			return []string{isoTime(nanos(t))}
		}
	}
	return f.values
}

// columns returns the names of all fields of some records, those asked for
// first, in the order in which they appear.
func (s *shape) columns(rows []record) []string {
	var names []string
	seen := map[string]bool{}
	for i := range rows {
		s.each(&rows[i], 0, func(name string, _ values) {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		})
	}
	asked := slices.DeleteFunc(s.rs.show.asked(), func(n string) bool { return !seen[n] })
	for _, n := range asked {
		seen[n] = false
	}
	return append(asked, slices.DeleteFunc(names, func(n string) bool { return !seen[n] })...)
}
