package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// export streams all results of a search, as they are when it is done: there
// are no previews. What fails once the search has begun is told with status
// 200.
func (a *api) export(c *call) {
	if !c.allow(http.MethodGet, http.MethodPost) {
		return
	}
	write := resultWriter(c.form.Get("output_mode"))
	if write == nil {
		c.fail(http.StatusBadRequest, "FATAL", "Invalid output_mode: "+c.form.Get("output_mode"))
		return
	}
	j := a.newJob(c)
	if j == nil {
		return
	}
	j.sid = ""
	if err := a.jobs.start(j, a.store); err != nil {
		c.fail(http.StatusBadRequest, "FATAL", err.Error())
		return
	}
	defer a.jobs.remove(j)
	if !c.await(j, 0) {
		return
	}
	j.mu.Lock()
	state, messages, rs := j.state, j.messages, j.results
	j.mu.Unlock()
	switch {
	case state != done && len(messages) > 0:
		c.reply(http.StatusOK, messages[0])
		return
	case rs == nil: // the sandbox is being closed
		panic(http.ErrAbortHandler)
	}
	page := resultPage{shape: rs.shape(), rows: rs.rows, messages: messages, postProcessed: -1}
	page.columns = page.shape.columns(page.rows)
	if c.form.Get("output_mode") == "json" {
		c.exportJSON(&page)
		return
	}
	write(c, &page)
}

// exportJSON writes an object a line, the last marked as such.
func (c *call) exportJSON(p *resultPage) {
	c.w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	var out []byte
	for _, m := range p.messages {
		if text, err := json.Marshal([]message{m}); err == nil { // texts always can be written
			out = append(append(append(out, `{"preview":false,"messages":`...), text...), "}\n"...)
		}
	}
	for i := range p.rows {
		out = append(out, `{"preview":false,"offset":`+strconv.Itoa(i)...)
		if i == len(p.rows)-1 {
			out = append(out, `,"lastrow":true`...)
		}
		out = append(p.appendRow(append(out, `,"result":`...), i), "}\n"...)
		if len(out) >= flushAt {
			if _, err := c.w.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
	if len(p.rows) == 0 {
		out = append(out, `{"preview":false,"lastrow":true}`+"\n"...)
	}
	_, _ = c.w.Write(out)
}
