package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

const (
	// maxResultRows is how many rows one call gives at most, as Splunk is
	// shipped: maxresultrows.
	maxResultRows = 50_000
	defaultCount  = 100
)

// A resultPage is the rows of one reply.
type resultPage struct {
	*shape
	rows     []record
	offset   int
	columns  []string
	messages []message
	// postProcessed is how many rows a post-process search gave, -1 without.
	postProcessed int
}

// results answers with the results of a job, or its events.
func (a *api) results(c *call, j *job, what string) {
	write := resultWriter(c.form.Get("output_mode"))
	if write == nil {
		c.fail(http.StatusBadRequest, "FATAL", "Invalid output_mode: "+c.form.Get("output_mode"))
		return
	}
	j.mu.Lock()
	over, rs, messages := !j.doneAt.IsZero(), j.results, slices.Clone(j.messages)
	if what == "events" {
		rs = j.events
	}
	j.mu.Unlock()
	if !over || rs == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	page := resultPage{messages: messages, postProcessed: -1}
	if rs.store == nil { // the job failed before it had any
		rs = &rowset{snapshot: a.store.snapshot()}
	}
	if post := c.form.Get("search"); post != "" && post != j.search {
		var ok bool
		if rs, ok = a.postProcess(c, rs, post); !ok {
			return
		}
		page.postProcessed = len(rs.rows)
	}
	page.cut(c, rs)
	write(c, &page)
}

// postProcess runs a search on the results of a job.
func (a *api) postProcess(c *call, rs *rowset, spl string) (*rowset, bool) {
	steps, err := parsePostProcess(spl, a.cfg.Clock())
	own := &rowset{snapshot: rs.snapshot, rows: slices.Clone(rs.rows), show: rs.show}
	if err == nil {
		err = run(context.WithoutCancel(c.r.Context()), own, steps)
	}
	if err != nil {
		c.fail(http.StatusBadRequest, "FATAL", err.Error())
		return nil, false
	}
	return own, true
}

// cut takes the rows and fields that the call asks for.
func (p *resultPage) cut(c *call, rs *rowset) {
	count, offset := c.number("count", defaultCount), c.number("offset", 0)
	if count <= 0 || count > maxResultRows {
		count = maxResultRows
	}
	if offset < 0 {
		offset += len(rs.rows)
	}
	p.offset = min(max(offset, 0), len(rs.rows))
	p.rows = rs.rows[p.offset:min(p.offset+count, len(rs.rows))]
	var names []string
	names = append(names, c.form["f"]...)
	if list := c.form.Get("field_list"); list != "" {
		names = append(names, strings.Split(list, ",")...)
	}
	if len(names) > 0 {
		own := *rs
		own.show = append(slices.Clip(own.show), newSelection(names, false, true))
		rs = &own
	}
	p.shape = rs.shape()
	p.columns = p.shape.columns(p.rows)
}

// eachRow yields the fields of the i-th row.
func (p *resultPage) eachRow(i int, yield func(name string, v values)) {
	p.each(&p.rows[i], p.offset+i, yield)
}

// line returns the i-th row as the values of the columns; what it lacks is nil.
func (p *resultPage) line(i int) [][]string {
	byName := map[string][]string{}
	p.eachRow(i, func(name string, v values) { byName[name] = v.slice() })
	line := make([][]string, len(p.columns))
	for k, name := range p.columns {
		line[k] = byName[name]
	}
	return line
}

// resultWriter returns what writes results in an output mode, or nil.
func resultWriter(mode string) func(*call, *resultPage) {
	switch mode {
	case "", "xml", "atom":
		return (*call).resultsXML
	case "json":
		return (*call).resultsJSON
	case "json_rows":
		return (*call).resultsRows
	case "json_cols":
		return (*call).resultsColumns
	case "csv":
		return (*call).resultsCSV
	case "raw":
		return (*call).resultsRaw
	}
	return nil
}
