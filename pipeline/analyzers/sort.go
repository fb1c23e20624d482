package analyzers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[sortConfig]{
	Name:    "sort",
	Summary: "puts the records of a window in order",
	Doc: `
By the first of the fields, then by the second where the first ones are alike, and
so on; a minus before a name turns its order round. Records that are alike in all
of them stay in the order in which they came.

Numbers come before addresses, and these before other text. Numbers are in the
order of their size, addresses of theirs (10.0.0.9 before 10.0.0.10), text in that
of its bytes, capitals first. A record without the field is last, whichever way
round. Of a field with several values the first one counts.

The window's records are held until its end, but only as many as come out: those
beyond limit in the order are left out, and counted as sort.left_out.
`,
	Config: sortConfig{Limit: 100_000},
	New:    newSort,
	Example: `
-- config.yaml --
sort: { by: [-bytes, src_ip], limit: 4 }
-- in.ndjson --
{"_time":1767225600,"src_ip":"10.0.0.10","bytes":"900"}
{"_time":1767225601,"src_ip":"10.0.0.9","bytes":"900"}
{"_time":1767225602,"src_ip":"10.0.0.9"}
{"_time":1767225603,"src_ip":"10.0.0.7","bytes":"1000"}
{"_time":1767225604,"src_ip":"10.0.0.9","bytes":"80"}
-- out.ndjson --
{"_time":"1767225603","src_ip":"10.0.0.7","bytes":"1000"}
{"_time":"1767225601","src_ip":"10.0.0.9","bytes":"900"}
{"_time":"1767225600","src_ip":"10.0.0.10","bytes":"900"}
{"_time":"1767225604","src_ip":"10.0.0.9","bytes":"80"}
`,
})

type sortConfig struct {
	By    []string `koanf:"by" short:"true" required:"true" min:"1" doc:"The fields to go by, most important first; a minus before a name turns its order round."`
	Limit int      `koanf:"limit" min:"1" max:"1000000" doc:"How many records come out; further ones in the order are counted as sort.left_out."`
}

type sortStage struct {
	keys  []pipeline.Key
	desc  []bool
	limit int
	hold  *rowHold
	// values are those of each slot of the hold, one for each key.
	values  []orderedValue
	leftOut int
}

func newSort(c sortConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &sortStage{limit: c.Limit, hold: newRowHold(dict)}
	for _, by := range c.By {
		name, desc := strings.CutPrefix(by, "-")
		if !desc {
			name = strings.TrimPrefix(by, "+")
		}
		if name == "" {
			return nil, errors.New(`"by" wants the names of fields, a minus before one to turn its order round`)
		}
		s.keys, s.desc = append(s.keys, dict.Key(name)), append(s.desc, desc)
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *sortStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		s.hold.put(b, row)
		s.read(b, row)
	}
	cut := len(s.hold.slots) > 2*s.limit+holdSlack
	if cut {
		s.hold.only(s.order())
	}
	if s.hold.endBatch(b) || cut {
		s.values = s.values[:0]
		for _, r := range s.hold.slots {
			s.read(r.batch, r.row)
		}
	}
	return nil, nil
}

func (s *sortStage) read(b *pipeline.Batch, row int) {
	for _, k := range s.keys {
		if b == nil { // its record did not fit
			s.values = append(s.values, orderedValue{kind: orderedAbsent})
			continue
		}
		s.values = append(s.values, newOrderedValue(b.Values(row, k)))
	}
}

// order returns the slots of the records that come out as far as is known.
func (s *sortStage) order() []int {
	slots := make([]int, len(s.hold.slots))
	for i := range slots {
		slots[i] = i
	}
	slices.SortStableFunc(slots, s.compare)
	if over := len(slots) - s.limit; over > 0 {
		s.leftOut += over
		slots = slots[:s.limit]
	}
	return slots
}

func (s *sortStage) compare(a, b int) int {
	n := len(s.keys)
	for i, desc := range s.desc {
		if c := s.values[a*n+i].compare(s.values[b*n+i], desc); c != 0 {
			return c
		}
	}
	return 0
}

// Flush implements [pipeline.Stage].
func (s *sortStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	b, _ := s.hold.batch(s.order())
	return b, nil
}

// Counts implements [pipeline.Counter].
func (s *sortStage) Counts() map[string]int {
	return map[string]int{"left_out": s.leftOut + s.hold.over}
}
