package analyzers

import (
	"context"
	"errors"
	"slices"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[groupConfig]{
	Name:    "group",
	Summary: "sums up groups of records, as Splunk's stats does",
	Adds:    []string{"first_time", "last_time", "and a field for each of stats"},
	Doc: `
At the end of the window every group of records that share the values of the by
fields becomes one record: these values, the figures that stats asks for,
first_time, last_time, and last_time as _time. Without by all records are one
group. Groups come out in the order in which their first records came.

A figure is count, or a function of a field, with the name that it gets behind it:
sum(bytes) as total. Without a name sum(bytes) is called sum_bytes, for a name with
parentheses could not be used in an expression.

| figure | what |
| --- | --- |
| count | records |
| count(f) | values of f |
| dc(f) | how many different values, also distinct(f) |
| values(f) | the different values, in the order of their bytes |
| list(f) | the first hundred values, in the order in which they came |
| first(f), last(f) | the value of the record that came first or last |
| earliest(f), latest(f) | the value of the record with the earliest or latest time |
| sum(f), avg(f), stdev(f), range(f) | of the values that are numbers; stdev is that of a sample |
| min(f), max(f) | by size if all values are numbers, else by their bytes |
| median(f), p95(f), p99.9(f) | a percentile by nearest rank |

What is no number is left out of the sums and counted as group.not_numbers. A figure
of which nothing is known is absent, and a window without records gives none. As with count_by, of a by field with several
values each makes a group of its own; records that lack one of the by fields are in
none, and are counted as group.without_fields; one that is in more than
200 groups is in the first 200, and counted as group.combinations_over.

Values that are told apart (dc, values, list, percentiles) are held, max_values of
them in all groups together. Beyond that further ones are left out and counted as
group.values_over; percentiles are read off a sketch first, which is right to
within 1% (each that was is counted as group.approximate).
`,
	Config: groupConfig{Stats: []string{"count"}, MaxGroups: 1_000_000, MaxValues: 2_000_000},
	New:    newGroup,
	Example: `
-- config.yaml --
group:
  by: [src_ip]
  stats: [count, sum(bytes) as total, dc(user) as users, values(user), p95(bytes)]
-- in.ndjson --
{"_time":1767225600,"src_ip":"10.0.0.9","user":"bob","bytes":"100"}
{"_time":1767225601,"src_ip":"10.0.0.8","user":"eve"}
{"_time":1767225602,"src_ip":"10.0.0.9","user":"ann","bytes":"300"}
{"_time":1767225603,"src_ip":"10.0.0.9","user":"bob","bytes":"-"}
-- out.ndjson --
{"src_ip":"10.0.0.9","_time":"1767225603","first_time":"1767225600","last_time":"1767225603","count":"3","total":"400","users":"2","values_user":["ann","bob"],"p95_bytes":"300"}
{"src_ip":"10.0.0.8","_time":"1767225601","first_time":"1767225601","last_time":"1767225601","count":"1","users":"1","values_user":"eve"}
`,
})

type groupConfig struct {
	By        []string `koanf:"by" doc:"The fields whose values make a group. Default: all records are one."`
	Stats     []string `koanf:"stats" min:"1" doc:"The figures, such as count, sum(bytes) or dc(user) as users."`
	MaxGroups int      `koanf:"max_groups" min:"1" doc:"How many groups a window may have; records of further ones are counted as group.groups_over."`
	MaxValues int      `koanf:"max_values" min:"1" doc:"How many values are held to be told apart, in all groups together."`
}

type groupStage struct {
	dict   *pipeline.Dict
	by     *groupKeys
	time   pipeline.Key
	stats  []statistic
	fields []pipeline.Key // of each statistic
	groups *groupTable[groupFigures]
	budget statisticBudget

	without int
}

type groupFigures struct {
	span    timeSpan
	figures []figure
}

func newGroup(c groupConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &groupStage{
		dict: dict, by: newGroupKeys(c.By, dict), time: dict.Key("_time"),
		groups: newGroupTable[groupFigures](c.MaxGroups), budget: statisticBudget{values: c.MaxValues},
	}
	var errs []error
	taken := slices.Clone(c.By)
	for _, text := range c.Stats {
		st, err := parseStatistic(text)
		if err == nil && slices.Contains(taken, st.as) {
			err = errors.New("two fields would be called " + st.as + `: give one another name, with "as" behind it`)
		}
		taken = append(taken, st.as)
		s.stats, s.fields = append(s.stats, st), append(s.fields, dict.Key(st.field))
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// Process implements [pipeline.Stage].
func (s *groupStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		if !s.by.each(b, row, func(values []string) { s.add(b, row, values) }) {
			s.without++
		}
	}
	return nil, nil
}

func (s *groupStage) add(b *pipeline.Batch, row int, values []string) {
	g := s.groups.at(values)
	if g == nil {
		return
	}
	if g.of.figures == nil {
		g.of.figures = make([]figure, len(s.stats))
		for i, st := range s.stats {
			g.of.figures[i] = st.start()
		}
	}
	t, timed := pipeline.ParseTime(b.Get(row, s.time))
	if timed {
		g.of.span.add(t)
	}
	for i, f := range g.of.figures {
		f.add(b.Values(row, s.fields[i]), t, &s.budget)
	}
}

// Flush implements [pipeline.Stage].
func (s *groupStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	for _, g := range s.groups.order {
		out.Row()
		for _, name := range s.by.names {
			out.SetName(name, "") // their places
		}
		g.of.span.set(out)
		for i, v := range g.values {
			out.SetName(s.by.names[i], v)
		}
		for i, f := range g.of.figures {
			out.SetName(s.stats[i].as, f.result()...)
		}
	}
	return out.Batch(), nil
}

// Counts implements [pipeline.Counter].
func (s *groupStage) Counts() map[string]int {
	return map[string]int{
		"without_fields": s.without, "combinations_over": s.by.over, "groups_over": s.groups.over, notNumbers: s.budget.notNumbers,
		"values_over": s.budget.over, "approximate": s.budget.approximate,
	}
}
