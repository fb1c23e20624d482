package splunk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

const opCount = "count late events"

// CheckCount implements [pipeline.Language].
func (SIEM) CheckCount(spl string) error {
	_, err := countSPL(spl)
	return err
}

// countSPL is a search for how many events the first command of another finds.
func countSPL(spl string) (string, error) {
	tokens, all, err := parse(spl)
	if err != nil {
		return "", err
	}
	if tokens[0].kind == pipeToken || all[0].name() != "search" {
		return "", splErrorf(tokens[0].at, "events that come late are counted by the search command that a hunt begins with: this one begins with another")
	}
	depth := 0
	for _, t := range tokens {
		switch {
		case t.kind == openToken:
			depth++
		case t.kind == closeToken:
			depth--
		case t.kind == pipeToken && depth == 0:
			return spl[:t.at] + "| stats count", nil
		}
	}
	return strings.TrimRight(spl, blanks) + " | stats count", nil
}

// CountLate implements [pipeline.Searcher]. It counts what the first command of the
// search finds, whatever the commands behind it make of that. It is one search of
// one row, and cheap, for Splunk looks at late events alone.
func (c *Client) CountLate(ctx context.Context, s pipeline.Search, w pipeline.Window) (int, error) {
	counting, err := countSPL(s.Query)
	if err != nil {
		return 0, pipeline.Permanent(err)
	}
	dict := pipeline.NewDict()
	spec := pipeline.Search{Query: counting, EventTime: true, IndexedFrom: max(s.IndexedFrom, 1), Dict: dict, OnJob: s.OnJob}
	count, rows := "", 0
	for b, err := range c.Search(spec).Fetch(ctx, w) {
		if err != nil {
			return 0, err
		}
		rows += b.Len()
		count = strings.Clone(b.Get(0, dict.Key("count")))
		b.Release()
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || rows != 1 {
		return 0, (&Error{Op: opCount}).with(fmt.Errorf("%w: %d rows, count %q", errCut, rows, brief(count)))
	}
	return n, nil
}
