package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/huntd/huntd/pipeline"
)

// flushAt is how many bytes of a reply are gathered before they are sent.
const flushAt = 256 << 10

// resultsJSON writes {"preview":false,…,"results":[{…},…]} in one line.
func (c *call) resultsJSON(p *resultPage) {
	out := p.envelope()
	out = append(out, `"fields":[`...)
	for i, name := range p.columns {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(pipeline.AppendQuoted(append(out, `{"name":`...), name), '}')
	}
	out = append(out, `],"results":[`...)
	c.w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	for i := range p.rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = p.appendRow(out, i)
		if len(out) >= flushAt {
			if _, err := c.w.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
	out = append(out, `],"highlighted":{}}`...)
	_, _ = c.w.Write(out)
}

// envelope begins a reply in JSON.
func (p *resultPage) envelope() []byte {
	out := []byte(`{"preview":false,"init_offset":` + strconv.Itoa(p.offset) + `,`)
	if p.postProcessed >= 0 {
		out = append(out, `"post_process_count":`+strconv.Itoa(p.postProcessed)+`,`...)
	}
	messages, err := json.Marshal(append([]message{}, p.messages...))
	if err == nil { // texts always can be written
		out = append(append(append(out, `"messages":`...), messages...), ',')
	}
	return out
}

// appendRow appends a row as an object: text for one value, a list for several.
func (p *resultPage) appendRow(out []byte, i int) []byte {
	out = append(out, '{')
	first := true
	p.eachRow(i, func(name string, v values) {
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(pipeline.AppendQuoted(out, name), ':')
		out = appendValue(out, v)
	})
	return append(out, '}')
}

func appendValue(out []byte, v values) []byte {
	if v.len() == 1 {
		return pipeline.AppendQuoted(out, v.at(0))
	}
	out = append(out, '[')
	for k := range v.len() {
		if k > 0 {
			out = append(out, ',')
		}
		out = pipeline.AppendQuoted(out, v.at(k))
	}
	return append(out, ']')
}

// cell is a value of json_rows and json_cols: null, a text, or a list.
func cell(vals []string) any {
	switch len(vals) {
	case 0:
		return nil
	case 1:
		return vals[0]
	}
	return vals
}

func (p *resultPage) head() dict {
	post := max(p.postProcessed, 0)
	return dict{
		{"preview", false},
		{"init_offset", p.offset},
		{"post_process_count", post},
		{"messages", append([]message{}, p.messages...)},
		{"fields", append([]string{}, p.columns...)},
	}
}

func (c *call) resultsRows(p *resultPage) {
	rows := make([][]any, len(p.rows))
	for i := range rows {
		rows[i] = []any{}
		for _, vals := range p.line(i) {
			rows[i] = append(rows[i], cell(vals))
		}
	}
	c.writeJSON(http.StatusOK, append(p.head(), pair{"rows", rows}))
}

func (c *call) resultsColumns(p *resultPage) {
	columns := make([][]any, len(p.columns))
	for i := range p.rows {
		for k, vals := range p.line(i) {
			columns[k] = append(columns[k], cell(vals))
		}
	}
	c.writeJSON(http.StatusOK, append(p.head(), pair{"columns", columns}))
}
