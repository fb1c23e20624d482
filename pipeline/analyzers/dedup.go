package analyzers

import (
	"context"
	"errors"
	"time"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[dedupConfig]{
	Name:    "dedup",
	Summary: "lets through one record of those that are alike",
	Doc: `
Records are alike if all their by fields have the same values; without by, if they
are the same altogether. Of those that are alike in a window the first comes out,
or with keep: last the last one, at the window's end and in the place of the last.

With within, a record is only left out if its time is no further than that from
the time of the one that was let through before it, so that what goes on for
long shows again and again.

A record that lacks one of the by fields is like no other and comes out; with
keep_empty: false it does not, as in Splunk, and is counted as
dedup.without_fields. Records that were left out for being alike are counted as
dedup.alike.
`,
	Config: dedupConfig{Keep: "first", KeepEmpty: true, MaxGroups: 1_000_000},
	New:    newDedup,
	Example: `
-- config.yaml --
dedup: { by: [user, host] }
-- in.ndjson --
{"_time":1767225600,"user":"ann","host":"pc1"}
{"_time":1767225601,"user":"ann","host":"pc2"}
{"_time":1767225602,"user":"ann","host":"pc1"}
{"_time":1767225603,"user":"ann"}
-- out.ndjson --
{"_time":"1767225600","user":"ann","host":"pc1"}
{"_time":"1767225601","user":"ann","host":"pc2"}
{"_time":"1767225603","user":"ann"}
`,
})

type dedupConfig struct {
	By        []string      `koanf:"by" short:"true" doc:"The fields that must be alike. Default: all of them."`
	Keep      string        `koanf:"keep" enum:"first,last" doc:"Which of the records that are alike comes out."`
	Within    time.Duration `koanf:"within" min:"0s" doc:"How far apart in time records may be to count as alike; 0s: any time. Only with keep: first."`
	KeepEmpty bool          `koanf:"keep_empty" doc:"Whether records that lack a by field come out."`
	MaxGroups int           `koanf:"max_groups" min:"1" max:"10000000" doc:"How many different records a window is compared with; further ones come out without being compared, and are counted as dedup.groups_over."`
}

type dedupStage struct {
	conf   dedupConfig
	hasher *rowHasher
	time   pipeline.Key
	seen   map[rowHash]dedupSeen
	hold   *rowHold // with keep: last
	// order has the slots of the hold, each where its record came; a slot that
	// was filled anew stands there again, and only its last place counts.
	order []int
	place []int // of each slot its last place in order

	alike, without, over int
}

type dedupSeen struct {
	at    int64 // the time of the record let through, in microseconds
	timed bool
	slot  int
}

func newDedup(c dedupConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	if c.Keep == "last" && c.Within > 0 {
		return nil, errors.New(`"within" goes with keep: first alone: the last of an endless row would never come out`)
	}
	s := &dedupStage{conf: c, hasher: newRowHasher(c.By, dict), time: dict.Key("_time"), seen: map[rowHash]dedupSeen{}}
	if c.Keep == "last" {
		s.hold = newRowHold(dict)
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *dedupStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	rows := make([]int, 0, b.Len())
	for row := range b.Len() {
		if s.passes(b, row) {
			rows = append(rows, row)
		}
	}
	if s.hold != nil {
		s.hold.endBatch(b)
		s.trim()
	}
	if len(rows) == b.Len() {
		return b, nil
	}
	return b.Select(rows), nil
}

// passes reports whether a record goes on at once.
func (s *dedupStage) passes(b *pipeline.Batch, row int) bool {
	sum, ok := s.hasher.of(b, row)
	if !ok {
		if !s.conf.KeepEmpty {
			s.without++
			return false
		}
		if s.hold != nil {
			s.place, s.order = append(s.place, len(s.order)), append(s.order, s.hold.put(b, row))
		}
		return s.hold == nil
	}
	t, timed := pipeline.ParseTime(b.Get(row, s.time))
	now := dedupSeen{at: t.UnixMicro(), timed: timed}
	before, known := s.seen[sum]
	switch {
	case known && !s.conf.apart(before, now):
		s.alike++
		if s.hold != nil {
			s.hold.replace(before.slot, b, row)
			s.place[before.slot], s.order = len(s.order), append(s.order, before.slot)
		}
		return false
	case !known && len(s.seen) >= s.conf.MaxGroups:
		s.over++
		return true
	case s.hold != nil:
		now.slot = s.hold.put(b, row)
		s.place, s.order = append(s.place, len(s.order)), append(s.order, now.slot)
	}
	s.seen[sum] = now
	return s.hold == nil
}

// apart reports whether records that are alike are too far from one another.
// Without a time they are not.
func (c dedupConfig) apart(a, b dedupSeen) bool {
	if c.Within == 0 || !a.timed || !b.timed {
		return false
	}
	return max(a.at-b.at, b.at-a.at) > c.Within.Microseconds()
}

// trim keeps the order from growing with every record that is like another.
func (s *dedupStage) trim() {
	if len(s.order) > 2*len(s.hold.slots)+holdSlack {
		s.order = s.last()
		for at, slot := range s.order {
			s.place[slot] = at
		}
	}
}

// last returns the slots in the order of their records.
func (s *dedupStage) last() []int {
	kept := make([]int, 0, len(s.hold.slots))
	for at, slot := range s.order {
		if s.place[slot] == at && slot < len(s.hold.slots) {
			kept = append(kept, slot)
		}
	}
	return kept
}

// Flush implements [pipeline.Stage].
func (s *dedupStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	if s.hold == nil {
		return nil, nil
	}
	b, _ := s.hold.batch(s.last())
	return b, nil
}

// Counts implements [pipeline.Counter].
func (s *dedupStage) Counts() map[string]int {
	counts := map[string]int{"alike": s.alike, "without_fields": s.without, "groups_over": s.over}
	if s.hold != nil {
		counts["bytes_over"] = s.hold.over
	}
	return counts
}
