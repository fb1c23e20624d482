package analyzers

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[sampleConfig]{
	Name:    "sample",
	Summary: "lets through a part of the records, the same ones each time",
	Doc: `
There is no chance in it: a hash over the by fields, or over the whole record,
decides. The same window gives the same sample again, and with by all records of
one user, say, are in the sample or none. Records that are the same altogether
share their fate. A record that lacks one of the by fields is not in the sample, and
is counted as sample.without_fields.

rate is the part that is let through. records is how many at most come out, chosen
from those that rate lets through, at the window's end and in the order in which
they came. Another salt gives another sample. What is not in the sample is counted as
sample.left_out.
`,
	Config: sampleConfig{Rate: 1},
	New:    newSample,
	Example: `
-- config.yaml --
sample: { rate: 0.5, by: [user] }
-- in.ndjson --
{"_time":1767225600,"user":"ann"}
{"_time":1767225601,"user":"eve"}
{"_time":1767225602,"user":"joe"}
{"_time":1767225603,"user":"ann"}
-- out.ndjson --
{"_time":"1767225600","user":"ann"}
{"_time":"1767225603","user":"ann"}
`,
})

type sampleConfig struct {
	Rate    float64  `koanf:"rate" min:"0" max:"1" doc:"The part of the records that is let through, from 0 to 1."`
	Records int      `koanf:"records" min:"0" max:"1000000" doc:"How many records of a window come out at most; 0: any number."`
	By      []string `koanf:"by" doc:"The fields that decide. Default: the whole record."`
	Salt    string   `koanf:"salt" doc:"A text that makes this sample another than that of a different salt."`
}

type sampleStage struct {
	conf   sampleConfig
	hasher *rowHasher
	below  uint64 // hashes from here on are not in the sample
	all    bool
	hold   *rowHold
	hashes []uint64 // of the slots of the hold

	leftOut, without int
}

func newSample(c sampleConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	if c.Rate == 1 && c.Records == 0 {
		return nil, errors.New(`sample wants a rate below 1, or how many records`)
	}
	s := &sampleStage{conf: c, hasher: newRowHasher(c.By, dict), all: c.Rate == 1, below: uint64(c.Rate * math.MaxInt64)}
	if c.Records > 0 {
		s.hold = newRowHold(dict)
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *sampleStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	rows := make([]int, 0, b.Len())
	for row := range b.Len() {
		h, ok := s.hasher.salted(b, row, s.conf.Salt)
		switch {
		case !ok:
			s.without++
		case !s.all && h>>1 >= s.below:
			s.leftOut++
		case s.hold != nil:
			s.hold.put(b, row)
			s.hashes = append(s.hashes, h)
		default:
			rows = append(rows, row)
		}
	}
	if s.hold != nil {
		if len(s.hashes) > 2*s.conf.Records+holdSlack {
			s.cut()
		}
		s.hold.endBatch(b)
		return nil, nil
	}
	return b.Select(rows), nil
}

// cut keeps the records with the lowest hashes: they would be a sample of any
// later set as well. They stay in their order.
func (s *sampleStage) cut() {
	slots := make([]int, len(s.hashes))
	for i := range slots {
		slots[i] = i
	}
	if over := len(slots) - s.conf.Records; over > 0 {
		s.leftOut += over
		slices.SortStableFunc(slots, func(a, b int) int { return cmp.Compare(s.hashes[a], s.hashes[b]) })
		slots = slots[:s.conf.Records]
		slices.Sort(slots)
	}
	kept := make([]uint64, len(slots))
	for i, slot := range slots {
		kept[i] = s.hashes[slot]
	}
	s.hold.only(slots)
	s.hashes = kept
}

// Flush implements [pipeline.Stage].
func (s *sampleStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	if s.hold == nil {
		return nil, nil
	}
	s.cut()
	b, _ := s.hold.copied(s.hold.slots)
	return b, nil
}

// Counts implements [pipeline.Counter].
func (s *sampleStage) Counts() map[string]int {
	counts := map[string]int{"left_out": s.leftOut, "without_fields": s.without}
	if s.hold != nil {
		counts["bytes_over"] = s.hold.over
	}
	return counts
}
