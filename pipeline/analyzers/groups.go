package analyzers

import (
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// groupKeys makes the groups of a record by the values of certain fields. A
// field of several values puts the record into a group for each of them, as
// Splunk's stats does; a record that lacks one of the fields is in none.
type groupKeys struct {
	names []string
	keys  []pipeline.Key
	vals  []string
	left  int // how many groups of the record are still to be made
	over  int // records that are in more groups than groupsOfRecord
}

// groupsOfRecord is in how many groups one record can be: two fields of a
// thousand values each would put it into a million.
const groupsOfRecord = 200

func newGroupKeys(names []string, dict *pipeline.Dict) *groupKeys {
	g := &groupKeys{names: names, vals: make([]string, len(names))}
	for _, n := range names {
		g.keys = append(g.keys, dict.Key(n))
	}
	return g
}

// each calls do with the values of every group of the record, of the first
// groupsOfRecord; they are only valid during the call. It reports whether there is
// any.
func (g *groupKeys) each(b *pipeline.Batch, row int, do func(values []string)) bool {
	for _, key := range g.keys {
		if b.Values(row, key).Len() == 0 {
			return false
		}
	}
	g.left = groupsOfRecord
	if !g.step(b, row, 0, do) {
		g.over++
	}
	return true
}

// step reports false when there are too many groups.
func (g *groupKeys) step(b *pipeline.Batch, row, i int, do func([]string)) bool {
	if i == len(g.keys) {
		if g.left--; g.left < 0 {
			return false
		}
		do(g.vals)
		return true
	}
	for v := range b.Values(row, g.keys[i]).All() {
		g.vals[i] = v
		if !g.step(b, row, i+1, do) {
			return false
		}
	}
	return true
}

// A groupTable holds something of each group, in the order in which the groups
// came, up to a number of them.
type groupTable[G any] struct {
	max    int
	byName map[string]*group[G]
	order  []*group[G]
	name   []byte
	over   int // how often a group was turned away
}

// A group is the values that its records share, and what is held of it.
type group[G any] struct {
	values []string
	of     G
}

func newGroupTable[G any](most int) *groupTable[G] {
	return &groupTable[G]{max: most, byName: map[string]*group[G]{}}
}

// at returns the group of the values, which may point into a batch; nil if it
// is one too many.
func (t *groupTable[G]) at(values []string) *group[G] {
	t.name = t.name[:0]
	for _, v := range values { // no two groups share a name
		t.name = append(strconv.AppendInt(t.name, int64(len(v)), 10), ':')
		t.name = append(t.name, v...)
	}
	if g := t.byName[string(t.name)]; g != nil {
		return g
	}
	if len(t.order) >= t.max {
		t.over++
		return nil
	}
	g := &group[G]{values: cloneAll(values)}
	t.byName[string(t.name)] = g
	t.order = append(t.order, g)
	return g
}

// cloneAll copies strings that point into a batch.
func cloneAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Clone(v)
	}
	return out
}

// A timeSpan is the first and the last time of a group's records.
type timeSpan struct{ first, last time.Time }

func (s *timeSpan) add(t time.Time) {
	if s.first.IsZero() || t.Before(s.first) {
		s.first = t
	}
	if t.After(s.last) {
		s.last = t
	}
}

// set gives a record the span: first_time, last_time, and the last as its
// _time. A span without times sets nothing.
func (s *timeSpan) set(out *pipeline.Builder) {
	if s.first.IsZero() {
		return
	}
	out.SetName("_time", pipeline.FormatEpoch(s.last))
	out.SetName("first_time", pipeline.FormatEpoch(s.first))
	out.SetName("last_time", pipeline.FormatEpoch(s.last))
}
