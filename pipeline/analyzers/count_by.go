package analyzers

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[countByConfig]{
	Name:    "count_by",
	Summary: "counts records by the values of fields, with a threshold",
	Adds:    []string{"count", "distinct_count", "distinct_values", "first_time", "last_time"},
	Doc: `
At the end of the window every group of records that share the values of the by
fields becomes one record: these values, count (how many records), first_time,
last_time, and last_time as _time. With distinct, distinct_count is how many
different values that field has in the group, and distinct_values are the first
hundred of them.

Only groups that reach the thresholds come out, in the order in which their
first records came. Of a by field with several values each makes a group of its
own; records that lack one of the by fields are in none, and are counted as
count_by.without_fields; one that is in more than
200 groups is in the first 200, and counted as count_by.combinations_over.

Thresholds are of one window: what a longer window would add up is not seen.
`,
	Config: countByConfig{MinCount: 1, MaxGroups: 1_000_000, MaxDistinct: 100_000},
	New: func(c countByConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
		if c.Distinct == "" && c.MinDistinct > 0 {
			return nil, errors.New("min_distinct wants distinct, the field whose values are counted")
		}
		s := &countByStage{conf: c, dict: dict, by: newGroupKeys(c.By, dict), time: dict.Key("_time"), groups: newGroupTable[countByGroup](c.MaxGroups)}
		if c.Distinct != "" {
			s.distinct = dict.Key(c.Distinct)
		}
		return s, nil
	},
	Example: `
-- config.yaml --
count_by: { by: [src_ip], distinct: user, min_distinct: 2 }
-- in.ndjson --
{"_time":1767225600,"src_ip":"203.0.113.7","user":"ann"}
{"_time":1767225601,"src_ip":"203.0.113.9","user":"ann"}
{"_time":1767225602,"src_ip":"203.0.113.7","user":"bob"}
{"_time":1767225603,"src_ip":"203.0.113.7","user":"ann"}
{"_time":1767225604,"user":"eve"}
-- out.ndjson --
{"src_ip":"203.0.113.7","_time":"1767225603","first_time":"1767225600","last_time":"1767225603","count":"3","distinct_count":"2","distinct_values":["ann","bob"]}
`,
})

type countByConfig struct {
	By          []string `koanf:"by" required:"true" min:"1" doc:"The fields whose values make a group."`
	MinCount    int      `koanf:"min_count" min:"1" doc:"How many records a group must have to come out."`
	Distinct    string   `koanf:"distinct" doc:"The field whose different values are counted in each group."`
	MinDistinct int      `koanf:"min_distinct" min:"0" doc:"How many different values of that field a group must have to come out."`
	MaxGroups   int      `koanf:"max_groups" min:"1" doc:"How many groups a window may have; records of further ones are counted as count_by.groups_over."`
	MaxDistinct int      `koanf:"max_distinct" min:"1" doc:"Up to how many different values are told apart in a group; further ones are counted as count_by.distinct_over."`
}

// countByShown is how many of the different values come out.
const countByShown = 100

type countByStage struct {
	conf     countByConfig
	dict     *pipeline.Dict
	by       *groupKeys
	distinct pipeline.Key
	time     pipeline.Key
	groups   *groupTable[countByGroup]

	without, distinctOver int
}

type countByGroup struct {
	count int
	span  timeSpan
	seen  map[string]struct{}
	shown []string
}

// Process implements [pipeline.Stage].
func (s *countByStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		if !s.by.each(b, row, func(values []string) { s.count(b, row, values) }) {
			s.without++
		}
	}
	return nil, nil
}

func (s *countByStage) count(b *pipeline.Batch, row int, values []string) {
	at := s.groups.at(values)
	if at == nil {
		return
	}
	g := &at.of
	g.count++
	if t, ok := pipeline.ParseTime(b.Get(row, s.time)); ok {
		g.span.add(t)
	}
	if s.conf.Distinct != "" {
		for v := range b.Values(row, s.distinct).All() {
			s.see(g, v)
		}
	}
}

func (s *countByStage) see(g *countByGroup, v string) {
	if _, ok := g.seen[v]; ok {
		return
	}
	if len(g.seen) >= s.conf.MaxDistinct {
		s.distinctOver++
		return
	}
	if g.seen == nil {
		g.seen = map[string]struct{}{}
	}
	v = strings.Clone(v)
	g.seen[v] = struct{}{}
	if len(g.shown) < countByShown {
		g.shown = append(g.shown, v)
	}
}

// Flush implements [pipeline.Stage].
func (s *countByStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	for _, at := range s.groups.order {
		g := &at.of
		if g.count < s.conf.MinCount || len(g.seen) < s.conf.MinDistinct {
			continue
		}
		out.Row()
		for i, v := range at.values {
			out.SetName(s.by.names[i], v)
		}
		g.span.set(out)
		out.SetName("count", strconv.Itoa(g.count))
		if s.conf.Distinct != "" {
			out.SetName("distinct_count", strconv.Itoa(len(g.seen)))
			out.SetName("distinct_values", g.shown...)
		}
	}
	return out.Batch(), nil
}

// Counts implements [pipeline.Counter].
func (s *countByStage) Counts() map[string]int {
	return map[string]int{"without_fields": s.without, "combinations_over": s.by.over, "groups_over": s.groups.over, "distinct_over": s.distinctOver}
}
