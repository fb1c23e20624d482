package analyzers

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/recall"
)

var _ = define(Spec[firstSeenConfig]{
	Name:    "first_seen",
	Summary: "finds values that were not seen for as long as it remembers",
	Needs:   []string{"_time"},
	Adds:    []string{"first_seen", "seen_before"},
	Doc: `
A value is what stands in the by fields together, such as a user and a host. It is
new if no record had it in the time look_back before the record's own. What was seen
is remembered from window to window; a hunt that has just begun has seen nothing, so
that its findings count only once it has drawn that much time through the stage.

With show: new only records with a new value come out, at the end of the window and
in the order of their times: for each value the one with the earliest time. With
show: all every record comes out at once. first_seen is true or false, seen_before
the time at which a value that is known was seen last.

Time is that of the records; a clock plays no part. A record older than all that is
remembered is neither new nor known: it is counted as first_seen.late, and
has no first_seen. Records without a time or without one of the by fields are counted as
first_seen.without_fields, likewise. Of a field with several values each is looked
at; the record is new if one of them is, up to 200 combinations of a record;
records with more are counted as first_seen.combinations_over.

max_values values are remembered exactly. Further ones go into a sketch that now
and then takes a new value for a known one, never the reverse. The run then counts
first_seen.approximate: how many values were judged with the sketch's help. Such a
record has a note. first_seen.sketch_full says that the sketch is wrong more
often than one time in a hundred: choose fewer by fields, or drop what is of no
interest first.
`,
	Config: firstSeenConfig{LookBack: 30 * 24 * time.Hour, Show: "new", MaxValues: 40_000, MaxHeld: 10_000},
	New:    newFirstSeen,
	Example: `
-- config.yaml --
first_seen: { by: [user, host], look_back: 720h }
-- in.ndjson --
{"_time":1767225603,"user":"ann","host":"pc1"}
{"_time":1767225602,"user":"ann","host":"pc2"}
{"_time":1767225600,"user":"ann","host":"pc1"}
{"_time":1767225604,"user":"ann"}
-- out.ndjson --
{"_time":"1767225600","user":"ann","host":"pc1","first_seen":"true"}
{"_time":"1767225602","user":"ann","host":"pc2","first_seen":"true"}
`,
})

type firstSeenConfig struct {
	By        []string      `koanf:"by" short:"true" required:"true" min:"1" doc:"The fields whose values are remembered, together."`
	LookBack  time.Duration `koanf:"look_back" min:"1m" doc:"How long a value is remembered after it was seen last."`
	Show      string        `koanf:"show" enum:"new,all" doc:"Whether only records with a new value come out, or all."`
	MaxValues int           `koanf:"max_values" min:"1" max:"200000" doc:"How many values are remembered exactly; what comes on top is judged by a sketch, and counted as first_seen.approximate."`
	MaxHeld   int           `koanf:"max_held" min:"1" max:"1000000" doc:"How many new values of a window are put in order; records with further ones come out as they come."`
}

type firstSeenStage struct {
	conf   firstSeenConfig
	dict   *pipeline.Dict
	by     *groupKeys
	hasher *rowHasher
	time   pipeline.Key
	memory *recall.Seen
	hold   *rowHold
	new    map[uint64]*firstSeenRecord // the new values of the window
	seq    int                         // counts records
	end    int64                       // of the window

	without, late, approximate, refused int
}

// A firstSeenRecord is the earliest record that has a new value.
type firstSeenRecord struct {
	slot, seq   int
	at          time.Time
	approximate bool
}

// A firstSeenVerdict is what is to be said of one record.
type firstSeenVerdict struct {
	judged, fresh, approximate bool
	before                     int64
}

func newFirstSeen(c firstSeenConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &firstSeenStage{
		conf: c, dict: dict, by: newGroupKeys(c.By, dict), hasher: newRowHasher(nil, dict), time: dict.Key("_time"),
		hold: newRowHold(dict), new: map[uint64]*firstSeenRecord{},
	}
	s.memory = recall.NewSeen(s.limits(), s.mark())
	return s, nil
}

func (s *firstSeenStage) limits() recall.Limits {
	return recall.Limits{Span: s.conf.LookBack, Values: s.conf.MaxValues}
}

// mark tells memories of other fields apart.
func (s *firstSeenStage) mark() uint64 {
	return s.hasher.ofValues(append([]string{"first_seen"}, s.conf.By...)).uint64()
}

// Restore implements [pipeline.Stateful].
func (s *firstSeenStage) Restore(state []byte) error {
	if len(state) == 0 {
		return nil
	}
	memory, err := recall.RestoreSeen(state, s.limits(), s.mark())
	if err != nil { // as the interface has it: it begins anew
		s.refused++
		return nil
	}
	s.memory = memory
	return nil
}

// Save implements [pipeline.Stateful].
func (s *firstSeenStage) Save() ([]byte, error) { return s.memory.Save(s.end) }

// LookBack implements [pipeline.Stateful].
func (s *firstSeenStage) LookBack() time.Duration { return s.conf.LookBack }

// Process implements [pipeline.Stage].
func (s *firstSeenStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	verdicts := make([]firstSeenVerdict, b.Len())
	rows := make([]int, 0, b.Len())
	for row := range b.Len() {
		s.seq++
		var outright bool
		verdicts[row], outright = s.judge(b, row)
		if outright || s.conf.Show == "all" {
			rows = append(rows, row)
		}
	}
	s.hold.endBatch(b)
	if len(rows) == 0 {
		return nil, nil
	}
	return s.marked(b, verdicts).Select(rows), nil
}

// judge looks at the values of one record, and reports whether it comes out
// outright for want of room.
func (s *firstSeenStage) judge(b *pipeline.Batch, row int) (v firstSeenVerdict, outright bool) {
	t, ok := pipeline.ParseTime(b.Get(row, s.time))
	ok = ok && s.by.each(b, row, func(values []string) {
		value := s.hasher.ofValues(values).uint64()
		verdict, before, approximate := s.memory.See(value, t.Unix())
		if approximate {
			s.approximate++
		}
		switch verdict {
		case recall.Late:
			s.late++
			return
		case recall.New:
			v.fresh = true
			outright = !s.keep(b, row, value, t, approximate) || outright
		case recall.Known:
			s.earlier(b, row, value, t)
		}
		v.judged, v.approximate, v.before = true, v.approximate || approximate, max(v.before, before)
	})
	if !ok {
		s.without++
	}
	return v, outright
}

// keep holds a record with a new value until the end of the window, if there is
// room.
func (s *firstSeenStage) keep(b *pipeline.Batch, row int, value uint64, t time.Time, approximate bool) bool {
	if s.conf.Show == "all" || len(s.new) >= s.conf.MaxHeld {
		return false
	}
	// A value that is new twice in a window longer than look_back stands here
	// under its first record's time.
	if _, twice := s.new[value]; twice {
		return false
	}
	s.new[value] = &firstSeenRecord{s.hold.share(b, row), s.seq, t, approximate}
	return true
}

// earlier puts a record in the place of a later one with the same new value.
func (s *firstSeenStage) earlier(b *pipeline.Batch, row int, value uint64, t time.Time) {
	if r := s.new[value]; r != nil && t.Before(r.at) {
		r.slot, r.seq, r.at = s.hold.move(r.slot, b, row), s.seq, t
	}
}

// marked adds to records what is said of them.
func (s *firstSeenStage) marked(b *pipeline.Batch, verdicts []firstSeenVerdict) *pipeline.Batch {
	fresh, before := b.NewColumn(s.dict.Key("first_seen")), b.NewColumn(s.dict.Key("seen_before"))
	notes := map[int]string{}
	for row, v := range verdicts {
		switch {
		case !v.judged:
			continue
		case v.fresh:
			fresh.Set(row, "true")
		default:
			fresh.Set(row, "false")
		}
		if v.before != 0 && !v.fresh {
			before.Set(row, pipeline.FormatEpoch(time.Unix(v.before, 0)))
		}
		if v.approximate {
			notes[row] = "first_seen: approximate, judged by a sketch"
		}
	}
	return addNotes(b.With(fresh, before), s.dict, notes)
}

// Flush implements [pipeline.Stage].
func (s *firstSeenStage) Flush(_ context.Context, w pipeline.Window) (*pipeline.Batch, error) {
	if !w.Empty() {
		s.end = w.To
	}
	records := slices.SortedFunc(maps.Values(s.new), func(a, b *firstSeenRecord) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.seq, b.seq), cmp.Compare(a.slot, b.slot))
	})
	// A record with several new values comes out once.
	records = slices.CompactFunc(records, func(a, b *firstSeenRecord) bool { return a.seq == b.seq })
	slots := make([]int, len(records))
	for i, r := range records {
		slots[i] = r.slot
	}
	out, kept := s.hold.batch(slots)
	verdicts := make([]firstSeenVerdict, len(kept))
	for row, i := range kept {
		verdicts[row] = firstSeenVerdict{judged: true, fresh: true, approximate: records[i].approximate}
	}
	return s.marked(out, verdicts), nil
}

// Counts implements [pipeline.Counter].
func (s *firstSeenStage) Counts() map[string]int {
	full := 0
	if s.memory.Full() {
		full = 1
	}
	return map[string]int{
		"without_fields": s.without, "combinations_over": s.by.over, "late": s.late, "approximate": s.approximate, "sketch_full": full,
		"state_refused": s.refused, "bytes_over": s.hold.over,
	}
}
