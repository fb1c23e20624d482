package analyzers

import (
	"iter"
	"slices"

	"github.com/huntd/huntd/pipeline"
)

// noteField is where a stage says of a record what it cut short.
const noteField = "huntd_note"

// What a stage makes of several things that it finds in a record.
const (
	asFields = "fields"
	asRows   = "rows"
)

// A fieldSet are the fields of a record that a stage reads: certain ones, or
// all but the raw text, which repeats the others.
type fieldSet struct {
	keys []pipeline.Key // empty: all but raw
	raw  pipeline.Key
}

func newFieldSet(names []string, dict *pipeline.Dict) fieldSet {
	s := fieldSet{raw: dict.Key("_raw")}
	for _, n := range names {
		if k := dict.Key(n); !slices.Contains(s.keys, k) {
			s.keys = append(s.keys, k)
		}
	}
	return s
}

// of yields the values of the fields in a record, field by field.
func (s fieldSet) of(b *pipeline.Batch, row int) iter.Seq2[pipeline.Key, string] {
	return func(yield func(pipeline.Key, string) bool) {
		each := func(key pipeline.Key, vals pipeline.Values) bool {
			for i := range vals.Len() {
				if !yield(key, vals.At(i)) {
					return false
				}
			}
			return true
		}
		for _, key := range s.keys {
			if !each(key, b.Values(row, key)) {
				return
			}
		}
		if len(s.keys) > 0 {
			return
		}
		for key, vals := range b.Fields(row) {
			if key != s.raw && !each(key, vals) {
				return
			}
		}
	}
}

// A valueSet gathers the values of a field, each once, in order.
type valueSet struct {
	list []string
	seen map[string]struct{} // only where the list is long
}

// manyValues is from how many values on a map is faster than a search.
const manyValues = 16

func (s *valueSet) add(v string) {
	if s.seen != nil {
		if _, ok := s.seen[v]; ok {
			return
		}
		s.seen[v] = struct{}{}
	} else if slices.Contains(s.list, v) {
		return
	}
	s.list = append(s.list, v)
	if len(s.list) == manyValues {
		s.seen = make(map[string]struct{}, 2*manyValues)
		for _, have := range s.list {
			s.seen[have] = struct{}{}
		}
	}
}

func (s *valueSet) reset() { s.list, s.seen = s.list[:0], nil }

// addNotes adds a note to the records that have one.
func addNotes(b *pipeline.Batch, dict *pipeline.Dict, notes map[int]string) *pipeline.Batch {
	if len(notes) == 0 {
		return b
	}
	key := dict.Key(noteField)
	col := b.NewColumn(key)
	for row, note := range notes {
		col.Set(row, append(b.Values(row, key).Slice(), note)...)
	}
	return b.With(col)
}
