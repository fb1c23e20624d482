package sandbox

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// parseMakeResults reads | makeresults [count=N].
func parseMakeResults(args string, now time.Time) (source, error) {
	n := 1
	if args != "" {
		text, ok := strings.CutPrefix(strings.ReplaceAll(args, " ", ""), "count=")
		count, err := strconv.Atoi(text)
		if !ok || err != nil || count < 0 || count > maxMade {
			return nil, splErrorf("Error in 'makeresults' command: The argument '%s' is invalid.", args)
		}
		n = count
	}
	return made{n, now}, nil
}

// maxMade bounds the rows that a command may make up.
const maxMade = 1_000_000

type made struct {
	count int
	now   time.Time
}

func (m made) rows(_ context.Context, snap snapshot, _ span) (*rowset, searched, error) {
	rs := &rowset{snapshot: snap, rows: make([]record, m.count)}
	for i := range rs.rows {
		rs.rows[i].made = []madeField{{"_time", []string{isoTime(m.now.Truncate(time.Second).UnixNano())}}}
	}
	return rs, searched{}, nil
}

// parseFilter reads search behind another command.
func parseFilter(args string, now time.Time) (step, error) {
	e, err := parseExpr(args, now)
	return step{run: func(_ context.Context, rs *rowset) error {
		match := rs.compile(e)
		var c candidate
		rs.rows = slices.DeleteFunc(rs.rows, func(r record) bool {
			c.rec, c.hasRaw = &r, false
			return !match(&c)
		})
		return nil
	}}, err
}

const errNoFields = splError("No fields were given.")

// fieldList reads names of fields, apart by commas or blanks.
func fieldList(tokens []token) ([]string, error) {
	var names []string
	for _, t := range tokens {
		switch t.kind {
		case wordToken, stringToken:
			names = append(names, unescape(t.text))
		case commaToken:
		default:
			return nil, splErrorf("Invalid argument: '%s'", t.text)
		}
	}
	if len(names) == 0 {
		return nil, errNoFields
	}
	return names, nil
}

// parseFields reads fields [+|-] a, b*.
func parseFields(args string) (step, error) {
	rest, drop := strings.CutPrefix(args, "-")
	if !drop {
		rest = strings.TrimPrefix(args, "+")
	}
	names, err := fieldList(tokenize(rest))
	return selecting(newSelection(names, drop, false)), err
}

func parseTable(args string) (step, error) {
	names, err := fieldList(tokenize(args))
	s := selecting(newSelection(names, false, true))
	s.transforming = true
	return s, err
}

func selecting(s selection) step {
	return step{run: func(_ context.Context, rs *rowset) error {
		rs.show = append(slices.Clip(rs.show), s)
		return nil
	}}
}

// parseHead reads head [N] and head limit=N.
func parseHead(args string) (step, error) {
	n := 10
	if args != "" {
		var err error
		if n, err = strconv.Atoi(strings.TrimPrefix(args, "limit=")); err != nil || n < 0 {
			return step{}, splErrorf("Invalid argument: '%s'", args)
		}
	}
	return step{run: func(_ context.Context, rs *rowset) error {
		rs.rows = rs.rows[:min(n, len(rs.rows))]
		return nil
	}}, nil
}

func reverse(_ context.Context, rs *rowset) error {
	slices.Reverse(rs.rows)
	return nil
}

// A sortKey is one field of sort and its direction.
type sortKey struct {
	name string
	down bool
}

// parseSort reads sort [N] [+|-]a, [+|-]b. N is 10000 if it is missing; with 0
// all rows are kept.
func parseSort(args string) (step, error) {
	keys, limit := []sortKey{}, 10_000
	down := false
	for i, t := range tokenize(args) {
		if n, err := strconv.Atoi(t.text); err == nil && n >= 0 && i == 0 && t.kind == wordToken {
			limit = n
			continue
		}
		name := t.text
		if t.kind == wordToken {
			if rest, ok := strings.CutPrefix(name, "-"); ok {
				name, down = rest, true
			} else {
				name = strings.TrimPrefix(name, "+")
			}
		}
		switch {
		case t.kind != wordToken && t.kind != stringToken && t.kind != commaToken:
			return step{}, splErrorf("Invalid argument: '%s'", t.text)
		case t.kind != commaToken && name != "":
			keys = append(keys, sortKey{unescape(name), down})
			down = false
		}
	}
	if len(keys) == 0 {
		return step{}, errNoFields
	}
	return step{run: func(_ context.Context, rs *rowset) error {
		rs.sort(keys)
		if limit > 0 {
			rs.rows = rs.rows[:min(limit, len(rs.rows))]
		}
		return nil
	}}, nil
}

func (rs *rowset) sort(keys []sortKey) {
	type keyed struct {
		rec  record
		vals []string
	}
	all := make([]keyed, len(rs.rows))
	for k, key := range keys {
		f := rs.field(key.name)
		for i := range all {
			if k == 0 {
				all[i] = keyed{rs.rows[i], make([]string, len(keys))}
			}
			all[i].vals[k] = rs.get(&rs.rows[i], &f).first()
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for k, key := range keys {
			if order := compareTexts(a.vals[k], b.vals[k]); order != 0 {
				if key.down {
					return -order
				}
				return order
			}
		}
		return 0
	})
	for i := range all {
		rs.rows[i] = all[i].rec
	}
}

// compareTexts orders numbers by value and before other text.
func compareTexts(a, b string) int {
	x, isX := pipeline.ParseNumber(a)
	y, isY := pipeline.ParseNumber(b)
	switch {
	case isX && isY:
		return cmp.Compare(x, y)
	case isX:
		return -1
	case isY:
		return 1
	}
	return strings.Compare(a, b)
}

// parseDedup reads dedup [N] a, b. Rows without one of the fields are dropped.
func parseDedup(args string) (step, error) {
	tokens, keep := tokenize(args), 1
	if len(tokens) > 1 {
		if n, err := strconv.Atoi(tokens[0].text); err == nil && n > 0 {
			tokens, keep = tokens[1:], n
		}
	}
	names, err := fieldList(tokens)
	return step{run: func(_ context.Context, rs *rowset) error {
		var fields []field
		for _, n := range names {
			fields = append(fields, rs.field(n))
		}
		seen := map[string]int{}
		rs.rows = slices.DeleteFunc(rs.rows, func(r record) bool {
			key := ""
			for i := range fields {
				v := rs.get(&r, &fields[i])
				if v.len() == 0 {
					return true
				}
				key += strconv.Quote(v.join("\n"))
			}
			seen[key]++
			return seen[key] > keep
		})
		return nil
	}}, err
}
