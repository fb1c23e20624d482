package sandbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// A query is a search, read: a row source and the commands behind it.
type query struct {
	source source
	steps  []step
}

// A source makes the first row set of a search.
type source interface {
	rows(ctx context.Context, snap snapshot, span span) (*rowset, searched, error)
}

// searched is what a source tells of its work.
type searched struct{ scanned, found int }

// A step is one command behind the first.
type step struct {
	run func(ctx context.Context, rs *rowset) error
	// transforming commands make rows that are no events.
	transforming bool
}

// A span is the bounds of a search that its parameters give; nil is none.
type span struct {
	earliest, latest           *time.Time
	indexEarliest, indexLatest *time.Time
}

// parseQuery reads a search. An error is one that Splunk finds before there is
// a job; a command whose arguments are wrong fails the job instead.
func parseQuery(spl string, now time.Time) (*query, error) {
	commands, err := splitCommands(spl)
	if err != nil {
		return nil, err
	}
	q := &query{}
	for i, c := range commands {
		if i == 0 {
			q.source, err = parseSource(c, now)
		} else {
			var s step
			s, err = parseStep(c, now)
			q.steps = append(q.steps, s)
		}
		if err != nil {
			return nil, err
		}
	}
	return q, nil
}

// parsePostProcess reads commands that are to work on the results of a job.
func parsePostProcess(spl string, now time.Time) ([]step, error) {
	commands, err := splitCommands(spl)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, c := range commands {
		s, err := parseStep(c, now)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func parseSource(c rawCommand, now time.Time) (source, error) {
	switch c.name {
	case "search":
		e, err := parseExpr(c.args, now)
		return searchSource{e}, err
	case "makeresults":
		return parseMakeResults(c.args, now)
	}
	if _, err := parseStep(c, now); err != nil {
		return nil, err
	}
	return nil, splErrorf("Error in '%s' command: This command cannot be the first of a search.", c.name)
}

func parseStep(c rawCommand, now time.Time) (step, error) {
	var s step
	var err error
	switch c.name {
	case "search":
		return parseFilter(c.args, now)
	case "fields":
		s, err = parseFields(c.args)
	case "table":
		s, err = parseTable(c.args)
	case "head":
		s, err = parseHead(c.args)
	case "reverse":
		s = step{run: reverse}
	case "sort":
		s, err = parseSort(c.args)
	case "dedup":
		s, err = parseDedup(c.args)
	case "stats":
		s, err = parseStats(c.args)
	case "makeresults":
		return step{}, splErrorf("Error in '%s' command: This command must be the first command of a search.", c.name)
	default:
		return step{}, splErrorf("Unknown search command '%s'.", c.name)
	}
	if err != nil {
		err := splErrorf("Error in '%s' command: %v", c.name, err)
		s = step{run: func(context.Context, *rowset) error { return err }}
	}
	return s, nil
}

// run carries out commands on rows.
func run(ctx context.Context, rs *rowset, steps []step) error {
	for _, s := range steps {
		if err := s.run(ctx, rs); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// A searchSource finds events, newest first.
type searchSource struct{ expr expr }

func (s searchSource) rows(ctx context.Context, snap snapshot, sp span) (*rowset, searched, error) {
	rs := &rowset{snapshot: snap}
	from, to := s.bounds(sp)
	indexFrom, indexTo := seconds(sp.indexEarliest, -farthest), seconds(sp.indexLatest, farthest)
	match, visible := rs.compile(s.expr), s.visible(snap)
	var done searched
	var found []int32
	var at record
	c := candidate{rec: &at}
	for i := len(snap.events) - 1; i >= 0; i-- {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, done, ctx.Err()
		}
		ev := &snap.events[i]
		if ev.at < from || ev.at >= to || !visible[ev.index] {
			continue
		}
		if sec := ev.indexSecond(); sec < indexFrom || sec >= indexTo {
			continue
		}
		done.scanned++
		if at.ev, c.hasRaw = ev, false; match(&c) {
			found = append(found, int32(i))
		}
	}
	slices.SortStableFunc(found, func(a, b int32) int { return cmp.Compare(snap.events[b].at, snap.events[a].at) })
	rs.rows = make([]record, len(found))
	for i, n := range found {
		rs.rows[i].ev = &snap.events[n]
	}
	done.found = len(found)
	return rs, done, nil
}

// bounds returns the bounds of the event time. What the search says itself
// stands above the parameters.
func (s searchSource) bounds(sp span) (from, to int64) {
	none := func(string) {}
	from, to = -farthest*int64(time.Second), farthest*int64(time.Second)
	if sp.earliest != nil && !mentions(s.expr, "earliest", none) {
		from = nanos(*sp.earliest)
	}
	if sp.latest != nil && !mentions(s.expr, "latest", none) {
		to = nanos(*sp.latest)
	}
	return from, to
}

func seconds(t *time.Time, without int64) int64 {
	if t == nil {
		return without
	}
	return t.Unix()
}

// visible says which indexes the search looks into. Those whose names begin
// with _ are Splunk's own and must be asked for.
func (s searchSource) visible(snap snapshot) []bool {
	internal := false
	mentions(s.expr, "index", func(value string) { internal = internal || strings.HasPrefix(value, "_") })
	all := make([]bool, len(snap.indexes))
	for i, ix := range snap.indexes {
		all[i] = internal || !strings.HasPrefix(ix.name, "_")
	}
	return all
}
