package analyzers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[selectConfig]{
	Name:    "select",
	Summary: "keeps some fields of each record and takes away the others",
	Doc: `
The fields that match keep stay, in the order in which keep names them; those that
match remove go. Either may be left out. A * in a name stands for any text, as in
src_*; the fields that it matches stay in the order in which the record has them.

_time and huntd_note stay in any case unless remove names them without a *: without a
time a finding would not say when, and a note must not be lost. Where keep does
not name them they stand first and last.

A record that loses _bkt and _cd, its address in Splunk, is known by its content
from then on.
`,
	New: newSelect,
	Example: `
-- config.yaml --
select: { keep: [user, src_*], remove: [src_mac] }
-- in.ndjson --
{"_time":1767225600,"src_ip":"10.0.0.9","src_port":"80","src_mac":"02:00:00:00:00:01","user":"ann","_raw":"ann came from 10.0.0.9"}
-- out.ndjson --
{"_time":"1767225600","user":"ann","src_ip":"10.0.0.9","src_port":"80"}
`,
})

type selectConfig struct {
	Keep   []string `koanf:"keep" short:"true" doc:"The fields to keep, in this order; a * stands for any text. Default: all."`
	Remove []string `koanf:"remove" doc:"The fields to take away, also of those to keep; a * stands for any text."`
}

type selectStage struct {
	pipeline.Streaming
	keep, remove *namePatterns
	always       map[pipeline.Key]int // how keep would place it
	out          *pipeline.Builder
	picked       []selectField
}

// A selectField is a field that stays; place is where keep names it.
type selectField struct {
	key    pipeline.Key
	place  int
	values pipeline.Values
}

func newSelect(c selectConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	if len(c.Keep) == 0 && len(c.Remove) == 0 {
		return nil, errors.New(`select wants the fields to keep, or those to remove`)
	}
	for _, p := range slices.Concat(c.Keep, c.Remove) {
		if p == "" || strings.Count(p, "*") > 1 {
			return nil, errors.New(`a name of a field may hold one *, and is not empty`)
		}
	}
	if len(c.Keep) == 0 {
		c.Keep = []string{"*"}
	}
	s := &selectStage{
		keep: newNamePatterns(c.Keep, dict), remove: newNamePatterns(c.Remove, dict),
		always: map[pipeline.Key]int{}, out: pipeline.NewBuilder(dict),
	}
	for name, place := range map[string]int{"_time": -1, noteField: len(c.Keep)} {
		if !slices.Contains(c.Remove, name) {
			s.always[dict.Key(name)] = place
		}
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *selectStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		s.picked = s.picked[:0]
		for key, values := range b.Fields(row) {
			if place, ok := s.place(key); ok {
				s.picked = append(s.picked, selectField{key, place, values})
			}
		}
		slices.SortStableFunc(s.picked, func(a, b selectField) int { return a.place - b.place })
		s.out.Row()
		for _, f := range s.picked {
			setValues(s.out, f.key, f.values)
		}
	}
	return s.out.Batch(), nil
}

// place returns where a field stands, if it stays.
func (s *selectStage) place(key pipeline.Key) (int, bool) {
	place := s.keep.find(key)
	otherwise, always := s.always[key]
	switch {
	case always && place < 0:
		return otherwise, true
	case !always && s.remove.find(key) >= 0:
		return 0, false
	}
	return place, place >= 0
}
