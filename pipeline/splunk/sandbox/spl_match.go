package sandbox

import (
	"cmp"
	"net/netip"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// A candidate is the record that a search looks at, and what is worked out of
// it once for all terms.
type candidate struct {
	rec    *record
	raw    []byte // in lower case; nil until it is needed
	value  []byte // for one value in lower case
	hasRaw bool
}

// A matcher says whether a record is searched for.
type matcher func(*candidate) bool

// A compiler makes matchers of expressions, for the fields of one row set.
type compiler struct {
	rows  *rowset
	shape *shape
}

func (rs *rowset) compile(e expr) matcher { return compiler{rs, rs.shape()}.compile(e) }

func (c compiler) compile(e expr) matcher {
	switch e := e.(type) {
	case allOf:
		return c.all(e)
	case anyOf:
		return c.any(e)
	case negation:
		of := c.compile(e.of)
		return func(r *candidate) bool { return !of(r) }
	case comparison:
		return c.comparison(e)
	case term:
		return c.term(e)
	case bound:
		return c.bound(e)
	}
	return func(*candidate) bool { return true }
}

func (c compiler) all(list allOf) matcher {
	of := make([]matcher, len(list))
	for i, e := range list {
		of[i] = c.compile(e)
	}
	return func(r *candidate) bool {
		for _, m := range of {
			if !m(r) {
				return false
			}
		}
		return true
	}
}

func (c compiler) any(list anyOf) matcher {
	of := make([]matcher, len(list))
	for i, e := range list {
		of[i] = c.compile(e)
	}
	return func(r *candidate) bool {
		for _, m := range of {
			if m(r) {
				return true
			}
		}
		return false
	}
}

// comparison compares a field. Any of its values will do, for != too; a record
// without the field is never found.
func (c compiler) comparison(e comparison) matcher {
	f := c.rows.field(e.field)
	holds := valueTest(e)
	return func(r *candidate) bool {
		vals := c.rows.get(r.rec, &f)
		for i := range vals.len() {
			if holds(r, vals.at(i)) {
				return true
			}
		}
		return false
	}
}

// valueTest returns the comparison of one value. Text is equal in whatever
// case, * stands for anything, and a network for its addresses; < and its like
// compare numbers as numbers.
func valueTest(e comparison) func(*candidate, string) bool {
	switch e.op {
	case "=":
		return equals(e.value)
	case "!=":
		same := equals(e.value)
		return func(r *candidate, v string) bool { return !same(r, v) }
	}
	number, isNumber := pipeline.ParseNumber(e.value)
	return func(_ *candidate, v string) bool {
		if n, ok := pipeline.ParseNumber(v); ok && isNumber {
			return ordered(cmp.Compare(n, number), e.op)
		}
		return ordered(strings.Compare(v, e.value), e.op)
	}
}

func ordered(order int, op string) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func equals(value string) func(*candidate, string) bool {
	if strings.Contains(value, "*") {
		g := newGlob(strings.ToLower(value))
		if g.any() {
			return func(*candidate, string) bool { return true }
		}
		return func(r *candidate, v string) bool {
			if len(v) < g.size/3 { // lower case may be shorter, but not by more
				return false
			}
			r.value = appendLower(r.value[:0], v)
			return g.match(r.value)
		}
	}
	if net, err := netip.ParsePrefix(value); err == nil {
		return func(_ *candidate, v string) bool {
			a, err := netip.ParseAddr(v)
			return err == nil && net.Contains(a.Unmap()) || strings.EqualFold(v, value)
		}
	}
	return func(_ *candidate, v string) bool { return strings.EqualFold(v, value) }
}

// term looks for a word or phrase in the text of an event.
func (c compiler) term(e term) matcher {
	raw := c.rows.field("_raw")
	if e.sensitive {
		g := newGlob(e.text)
		return func(r *candidate) bool { return g.find([]byte(c.rows.get(r.rec, &raw).first())) }
	}
	g := newGlob(strings.ToLower(e.text))
	return func(r *candidate) bool {
		if !r.hasRaw {
			r.raw, r.hasRaw = c.appendText(r.raw[:0], r.rec, &raw), true
		}
		return g.find(r.raw)
	}
}

// appendText appends the text that terms are looked for in: _raw, or all values
// of a record that has none.
func (c compiler) appendText(dst []byte, r *record, raw *field) []byte {
	if v := c.rows.get(r, raw); v.len() > 0 {
		return appendLower(dst, v.first())
	}
	var all strings.Builder
	c.shape.each(r, 0, func(name string, v values) {
		if !strings.HasPrefix(name, "_") {
			all.WriteString(v.join("\n") + "\n")
		}
	})
	return appendLower(dst, all.String())
}

func (c compiler) bound(e bound) matcher {
	at := nanos(e.at)
	return func(r *candidate) bool {
		ev := r.rec.ev
		if ev == nil {
			return true
		}
		switch e.field {
		case "earliest":
			return ev.at >= at
		case "latest":
			return ev.at < at
		case "_index_earliest":
			return ev.indexSecond() >= e.at.Unix()
		}
		return ev.indexSecond() < e.at.Unix()
	}
}

// nanos is t.UnixNano without its overflow.
func nanos(t time.Time) int64 {
	return time.Unix(min(max(t.Unix(), -farthest*2), farthest*2-1), int64(t.Nanosecond())).UnixNano()
}

// mentions reports whether an expression names a field, and calls f for each
// comparison with it.
func mentions(e expr, name string, f func(value string)) (found bool) {
	switch e := e.(type) {
	case allOf:
		for _, of := range e {
			found = mentions(of, name, f) || found
		}
	case anyOf:
		for _, of := range e {
			found = mentions(of, name, f) || found
		}
	case negation:
		return mentions(e.of, name, f)
	case comparison:
		if e.field == name {
			f(e.value)
			return true
		}
	case bound:
		return e.field == name
	}
	return found
}
