package sandbox

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// maxGroups bounds the rows that stats may make.
const maxGroups = 500_000

// An aggregate is one function of stats.
type aggregate struct{ fn, field, as string }

// An aggregation is the command stats.
type aggregation struct {
	of []aggregate
	by []string
}

// parseStats reads stats count, dc(a) as x by b, c.
func parseStats(args string) (step, error) {
	tokens := tokenize(args)
	var a aggregation
	for len(tokens) > 0 {
		t := tokens[0]
		switch {
		case t.kind == commaToken:
			tokens = tokens[1:]
			continue
		case t.kind == wordToken && strings.EqualFold(t.text, "by"):
			var err error
			if a.by, err = fieldList(tokens[1:]); err != nil {
				return step{}, err
			}
			tokens = nil
			continue
		}
		one, n, err := parseAggregate(tokens)
		if err != nil {
			return step{}, err
		}
		a.of = append(a.of, one)
		tokens = tokens[n:]
	}
	if len(a.of) == 0 {
		return step{}, splError("You must specify at least one aggregator.")
	}
	return step{run: a.run, transforming: true}, nil
}

var aggregators = map[string]string{
	"c": "count", "count": "count", "dc": "dc", "distinct_count": "dc", "values": "values", "list": "list",
	"min": "min", "max": "max", "sum": "sum", "avg": "avg", "mean": "avg",
	"first": "first", "last": "last", "latest": "latest", "earliest": "earliest",
}

// parseAggregate reads one function and returns how many tokens it took.
func parseAggregate(tokens []token) (aggregate, int, error) {
	word := tokens[0].text
	a, n := aggregate{fn: aggregators[strings.ToLower(word)], as: word}, 1
	isOpen := len(tokens) > 1 && tokens[1].kind == openToken
	switch {
	case tokens[0].kind != wordToken || a.fn == "" || !isOpen && a.fn != "count":
		return a, 0, splErrorf("The argument '%s' is invalid.", word)
	case isOpen:
		if len(tokens) < 4 || tokens[3].kind != closeToken || tokens[2].kind != wordToken && tokens[2].kind != stringToken {
			return a, 0, splErrorf("The argument '%s' is invalid.", word)
		}
		a.field = unescape(tokens[2].text)
		a.as, n = word+"("+a.field+")", 4
	}
	if len(tokens) > n+1 && tokens[n].kind == wordToken && strings.EqualFold(tokens[n].text, "as") {
		a.as = unescape(tokens[n+1].text)
		n += 2
	}
	return a, n, nil
}

// A group is the rows that have the same values in the by fields.
type group struct {
	by  []string
	acc []accumulator
}

func (a aggregation) run(ctx context.Context, rs *rowset) error {
	g := grouping{aggregation: a, rs: rs, groups: map[string]*group{}}
	for _, name := range a.by {
		g.by = append(g.by, rs.field(name))
	}
	for _, of := range a.of {
		g.of = append(g.of, rs.field(of.field))
	}
	if len(a.by) == 0 {
		g.group(nil) // there is a row even of nothing
	}
	for i := range rs.rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := g.add(&rs.rows[i], nil); err != nil {
			return err
		}
	}
	rs.rows, rs.show = g.rows(), nil
	return nil
}

type grouping struct {
	aggregation
	rs     *rowset
	by, of []field
	groups map[string]*group
}

func (g *grouping) group(by []string) *group {
	key := ""
	for _, v := range by {
		key += strconv.Itoa(len(v)) + ":" + v
	}
	one := g.groups[key]
	if one == nil {
		one = &group{by: slices.Clone(by), acc: make([]accumulator, len(g.of))}
		g.groups[key] = one
	}
	return one
}

// add counts a row in; a row whose by field has several values is in as many
// groups.
func (g *grouping) add(r *record, by []string) error {
	if len(by) < len(g.by) {
		v := g.rs.get(r, &g.by[len(by)])
		for i := range v.len() {
			if err := g.add(r, append(slices.Clip(by), v.at(i))); err != nil {
				return err
			}
		}
		return nil
	}
	one := g.group(by)
	if len(g.groups) > maxGroups {
		return splErrorf("Error in 'stats' command: There are more than %d groups.", maxGroups)
	}
	at := int64(0)
	if r.ev != nil {
		at = r.ev.at
	}
	for i, of := range g.aggregation.of {
		if of.field == "" {
			one.acc[i].count++
			continue
		}
		v := g.rs.get(r, &g.of[i])
		for k := range v.len() {
			one.acc[i].add(v.at(k), of.fn, at)
		}
	}
	return nil
}

// rows returns a row for each group, in the order of the by fields.
func (g *grouping) rows() []record {
	all := slices.SortedFunc(maps.Values(g.groups), func(a, b *group) int {
		return slices.CompareFunc(a.by, b.by, compareTexts)
	})
	rows := make([]record, len(all))
	for i, one := range all {
		for k, name := range g.aggregation.by {
			rows[i].made = append(rows[i].made, madeField{name, []string{one.by[k]}})
		}
		for k, of := range g.aggregation.of {
			if vals := one.acc[k].result(of.fn); len(vals) > 0 {
				rows[i].made = append(rows[i].made, madeField{of.as, vals})
			}
		}
	}
	return rows
}

// An accumulator works out any one of the functions.
type accumulator struct {
	count     int
	sum       float64
	numbers   int
	least     string
	most      string
	distinct  map[string]struct{}
	list      []string
	at        int64
	atTheTime string
}

// maxList is how many values list() keeps, as Splunk does.
const maxList = 100

func (a *accumulator) add(v, fn string, at int64) {
	first := a.count == 0
	a.count++
	if n, ok := pipeline.ParseNumber(v); ok {
		a.sum += n
		a.numbers++
	}
	if first || compareTexts(v, a.least) < 0 {
		a.least = v
	}
	if first || compareTexts(v, a.most) > 0 {
		a.most = v
	}
	switch fn {
	case "dc", "values":
		if a.distinct == nil {
			a.distinct = map[string]struct{}{}
		}
		a.distinct[v] = struct{}{}
	case "list":
		if len(a.list) < maxList {
			a.list = append(a.list, v)
		}
	case "first":
		if first {
			a.atTheTime = v
		}
	case "last":
		a.atTheTime = v
	case "latest":
		if first || at > a.at {
			a.at, a.atTheTime = at, v
		}
	case "earliest":
		if first || at <= a.at {
			a.at, a.atTheTime = at, v
		}
	}
}

func (a *accumulator) result(fn string) []string {
	switch fn {
	case "count":
		return []string{strconv.Itoa(a.count)}
	case "dc":
		return []string{strconv.Itoa(len(a.distinct))}
	case "values":
		return slices.Sorted(maps.Keys(a.distinct))
	case "list":
		return a.list
	}
	if a.count == 0 {
		return nil
	}
	switch fn {
	case "min":
		return []string{a.least}
	case "max":
		return []string{a.most}
	case "first", "last", "latest", "earliest":
		return []string{a.atTheTime}
	}
	if a.numbers == 0 {
		return nil
	}
	if fn == "avg" {
		return []string{decimal(a.sum / float64(a.numbers))}
	}
	return []string{decimal(a.sum)}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
