package analyzers

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/recall"
)

var _ = define(Spec[rareConfig]{
	Name:    "rare",
	Summary: "finds values that come seldom, measured over a longer time",
	Needs:   []string{"_time"},
	Adds:    []string{"rare_count", "rare_total", "rare_share"},
	Doc: `
A value is what stands in the of fields together; with per it is measured among the
records that share the values of those, such as a child process among all that a
parent starts. How often each came in the time look_back is remembered from window
to window, in steps of a quarter of it.

At the end of the window the values that came in it are judged. A value is rare if
it makes up max_share of the records at most and, where max_count is set, came
max_count times at most; with max_share: 1 only the count matters. Groups of fewer
than min_total records are not judged, and their values are counted as
rare.too_few: among few records everything is a large part.

For each rare value the record with the earliest time in the window comes out, in
the order of these times, with rare_count (how often the value came), rare_total
(how many records the group has) and rare_share (a part of 1). Of a field with
several values each is judged, and the record that comes out has that one alone; of
one record at most ten come out so, and further ones are counted as rare.values_over. Records with
more than 200 combinations of values are counted as rare.combinations_over.

Records older than all that is remembered are counted as rare.late, those without
a time or one of the fields as rare.without_fields; neither is judged. Beyond
max_values and max_groups a sketch counts on, which never counts too few: a rare value
may then pass for a common one. The run says how many values were judged so, as
rare.approximate, and the records have a note.
`,
	Config: rareConfig{
		LookBack: 7 * 24 * time.Hour, MaxShare: 0.01, MinTotal: 100,
		MaxValues: 40_000, MaxGroups: 5_000, MaxHeld: 100_000,
	},
	New: newRare,
	Example: `
-- config.yaml --
rare: { of: [child], per: [parent], max_share: 0.25, min_total: 4 }
-- in.ndjson --
{"_time":1767225600,"parent":"winword.exe","child":"splwow64.exe"}
{"_time":1767225601,"parent":"winword.exe","child":"splwow64.exe"}
{"_time":1767225602,"parent":"winword.exe","child":"cmd.exe","host":"pc1"}
{"_time":1767225603,"parent":"winword.exe","child":"splwow64.exe"}
{"_time":1767225604,"parent":"explorer.exe","child":"cmd.exe"}
-- out.ndjson --
{"_time":"1767225602","parent":"winword.exe","child":"cmd.exe","host":"pc1","rare_count":"1","rare_total":"4","rare_share":"0.25"}
`,
})

type rareConfig struct {
	Of        []string      `koanf:"of" short:"true" required:"true" min:"1" doc:"The fields whose values are judged, together."`
	Per       []string      `koanf:"per" doc:"The fields that make the groups in which they are measured. Default: all records are one."`
	LookBack  time.Duration `koanf:"look_back" min:"1m" doc:"Over how long values are counted."`
	MaxShare  float64       `koanf:"max_share" min:"0" max:"1" doc:"Which part of its group a rare value makes up at most."`
	MaxCount  int           `koanf:"max_count" min:"0" doc:"How often a rare value came at most; 0: any number of times."`
	MinTotal  int           `koanf:"min_total" min:"1" doc:"How many records a group must have to be judged."`
	MaxValues int           `koanf:"max_values" min:"1" max:"200000" doc:"How many values are counted exactly, in each quarter of look_back anew; others are counted by a sketch."`
	MaxGroups int           `koanf:"max_groups" min:"1" max:"200000" doc:"How many groups are counted exactly, likewise."`
	MaxHeld   int           `koanf:"max_held" min:"1" max:"1000000" doc:"How many different values of a window are judged; records of further ones are counted, but not judged, and counted as rare.held_over."`
}

type rareStage struct {
	conf           rareConfig
	dict           *pipeline.Dict
	by             *groupKeys // per, then of
	hasher         *rowHasher
	time           pipeline.Key
	values, totals *recall.Tally
	hold           *rowHold
	came           map[uint64]*rareValue // the values of the window
	order          []*rareValue          // in the order in which they came
	end            int64

	without, late, approximate, tooFew, heldOver, valuesOver, refused int
}

// A rareValue is a value of the window, with its earliest record.
type rareValue struct {
	hash, group uint64
	texts       []string
	slot        int
	at          time.Time
}

// A rareJudgement is what is said of a rare value.
type rareJudgement struct {
	*rareValue
	count, total int
	approximate  bool
}

func newRare(c rareConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	for _, f := range c.Of {
		if slices.Contains(c.Per, f) {
			return nil, errors.New(`"of" and "per" both name the field ` + f)
		}
	}
	s := &rareStage{
		conf: c, dict: dict, by: newGroupKeys(slices.Concat(c.Per, c.Of), dict), hasher: newRowHasher(nil, dict),
		time: dict.Key("_time"), hold: newRowHold(dict), came: map[uint64]*rareValue{},
	}
	s.values, s.totals = recall.NewTally(s.limits(c.MaxValues), s.mark()), recall.NewTally(s.limits(c.MaxGroups), s.mark())
	return s, nil
}

func (s *rareStage) limits(values int) recall.Limits {
	return recall.Limits{Span: s.conf.LookBack, Values: values}
}

// mark tells memories of other fields apart.
func (s *rareStage) mark() uint64 {
	return s.hasher.ofValues(slices.Concat([]string{"rare", strconv.Itoa(len(s.conf.Per))}, s.by.names)).uint64()
}

// Restore implements [pipeline.Stateful].
func (s *rareStage) Restore(state []byte) error {
	if len(state) == 0 {
		return nil
	}
	size, n := binary.Uvarint(state)
	if n <= 0 || size > uint64(len(state)-n) {
		s.refused++
		return nil
	}
	of, per := state[n:n+int(size)], state[n+int(size):]
	values, err := recall.RestoreTally(of, s.limits(s.conf.MaxValues), s.mark())
	totals, err2 := recall.RestoreTally(per, s.limits(s.conf.MaxGroups), s.mark())
	if errors.Join(err, err2) != nil { // as the interface has it: it begins anew
		s.refused++
		return nil
	}
	s.values, s.totals = values, totals
	return nil
}

// Save implements [pipeline.Stateful].
func (s *rareStage) Save() ([]byte, error) {
	values, err := s.values.Save(s.end)
	totals, err2 := s.totals.Save(s.end)
	state := binary.AppendUvarint(nil, uint64(len(values)))
	return slices.Concat(state, values, totals), errors.Join(err, err2)
}

// LookBack implements [pipeline.Stateful].
func (s *rareStage) LookBack() time.Duration { return s.conf.LookBack }

// Process implements [pipeline.Stage].
func (s *rareStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		t, ok := pipeline.ParseTime(b.Get(row, s.time))
		if !ok || !s.by.each(b, row, func(values []string) { s.see(b, row, values, t) }) {
			s.without++
		}
	}
	s.hold.endBatch(b)
	return nil, nil
}

func (s *rareStage) see(b *pipeline.Batch, row int, texts []string, t time.Time) {
	value, group := s.hasher.ofValues(texts).uint64(), s.hasher.ofValues(texts[:len(s.conf.Per)]).uint64()
	if !s.values.Add(value, t.Unix()) || !s.totals.Add(group, t.Unix()) {
		s.late++
		return
	}
	v := s.came[value]
	switch {
	case v != nil && t.Before(v.at):
		v.slot, v.at = s.hold.move(v.slot, b, row), t
	case v != nil:
	case len(s.came) >= s.conf.MaxHeld:
		s.heldOver++
	default:
		v = &rareValue{value, group, cloneAll(texts), s.hold.share(b, row), t}
		s.came[value] = v
		s.order = append(s.order, v)
	}
}

// judge reports whether a value is rare.
func (s *rareStage) judge(v *rareValue) (j rareJudgement, rare bool) {
	count, a := s.values.Count(v.hash)
	total, b := s.totals.Count(v.group)
	if a || b {
		s.approximate++
	}
	if total < s.conf.MinTotal {
		s.tooFew++
		return j, false
	}
	j = rareJudgement{v, count, total, a || b}
	return j, (s.conf.MaxCount == 0 || count <= s.conf.MaxCount) && float64(count) <= s.conf.MaxShare*float64(total)
}

// Flush implements [pipeline.Stage].
func (s *rareStage) Flush(_ context.Context, w pipeline.Window) (*pipeline.Batch, error) {
	if !w.Empty() {
		s.end = w.To
	}
	var found []rareJudgement
	for _, v := range s.order {
		if j, rare := s.judge(v); rare {
			found = append(found, j)
		}
	}
	slices.SortStableFunc(found, func(a, b rareJudgement) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.slot, b.slot)) })
	found = s.few(found)
	slots := make([]int, len(found))
	for i, j := range found {
		slots[i] = j.slot
	}
	out, kept := s.hold.batch(slots)
	for row, i := range kept {
		found[row] = found[i]
	}
	return s.marked(out, found[:len(kept)]), nil
}

// rareOfRecord is how many values of one record come out: each does so with all
// that the record holds.
const rareOfRecord = 10

// few leaves out what one record has too many of.
func (s *rareStage) few(found []rareJudgement) []rareJudgement {
	of := map[int]int{}
	return slices.DeleteFunc(found, func(j rareJudgement) bool {
		of[j.slot]++
		if of[j.slot] > rareOfRecord {
			s.valuesOver++
		}
		return of[j.slot] > rareOfRecord
	})
}

// marked adds to records what is said of their values.
func (s *rareStage) marked(b *pipeline.Batch, found []rareJudgement) *pipeline.Batch {
	columns := make([]*pipeline.NewColumn, len(s.by.keys))
	for i, k := range s.by.keys {
		columns[i] = b.NewColumn(k)
	}
	count, total, share := b.NewColumn(s.dict.Key("rare_count")), b.NewColumn(s.dict.Key("rare_total")), b.NewColumn(s.dict.Key("rare_share"))
	notes := map[int]string{}
	for row, j := range found {
		for i, v := range j.texts {
			columns[i].Set(row, v)
		}
		count.Set(row, strconv.Itoa(j.count))
		total.Set(row, strconv.Itoa(j.total))
		share.Set(row, strconv.FormatFloat(float64(j.count)/float64(j.total), 'f', -1, 64))
		if j.approximate {
			notes[row] = "rare: approximate, counted by a sketch"
		}
	}
	return addNotes(b.With(append(columns, count, total, share)...), s.dict, notes)
}

// Counts implements [pipeline.Counter].
func (s *rareStage) Counts() map[string]int {
	return map[string]int{
		"without_fields": s.without, "combinations_over": s.by.over, "late": s.late, "approximate": s.approximate, "too_few": s.tooFew,
		"held_over": s.heldOver, "values_over": s.valuesOver, "state_refused": s.refused, "bytes_over": s.hold.over,
	}
}
