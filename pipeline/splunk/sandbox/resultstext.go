package sandbox

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
)

func (c *call) resultsCSV(p *resultPage) {
	c.w.Header().Set("Content-Type", "text/csv; charset=UTF-8")
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if len(p.columns) > 0 {
		_ = w.Write(p.columns) // a Buffer takes everything
	}
	for i := range p.rows {
		line := make([]string, len(p.columns))
		for k, vals := range p.line(i) {
			line[k] = strings.Join(vals, "\n")
		}
		_ = w.Write(line)
	}
	w.Flush()
	_, _ = c.w.Write(b.Bytes())
}

// resultsRaw writes the text of the events alone.
func (c *call) resultsRaw(p *resultPage) {
	c.w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	var b bytes.Buffer
	for i := range p.rows {
		p.eachRow(i, func(name string, v values) {
			if name == "_raw" {
				b.WriteString(v.first() + "\n")
			}
		})
	}
	_, _ = c.w.Write(b.Bytes())
}

func (c *call) resultsXML(p *resultPage) {
	var b strings.Builder
	p.xml(&b)
	c.w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	_, _ = c.w.Write([]byte(b.String()))
}

// xml writes one document of results.
func (p *resultPage) xml(b *strings.Builder) {
	b.WriteString("<?xml version='1.0' encoding='UTF-8'?>\n<results preview='0'>\n<meta>\n<fieldOrder>\n")
	for _, name := range p.columns {
		b.WriteString("<field>" + escape(name) + "</field>\n")
	}
	b.WriteString("</fieldOrder>\n</meta>\n")
	if len(p.messages) > 0 {
		b.WriteString("<messages>")
		for _, m := range p.messages {
			b.WriteString("<msg type='" + m.Type + "'>" + escape(m.Text) + "</msg>\n")
		}
		b.WriteString("</messages>\n")
	}
	for i := range p.rows {
		b.WriteString("\t<result offset='" + strconv.Itoa(p.offset+i) + "'>\n")
		p.eachRow(i, func(name string, v values) { fieldXML(b, name, v) })
		b.WriteString("\t</result>\n")
	}
	b.WriteString("</results>\n")
}

func fieldXML(b *strings.Builder, name string, v values) {
	b.WriteString("\t\t<field k='" + escape(name) + "'>\n")
	if name == "_raw" {
		b.WriteString("<v xml:space='preserve' trunc='0'>" + escape(v.first()) + "</v>\n")
	} else {
		for k := range v.len() {
			b.WriteString("\t\t\t<value><text>" + escape(v.at(k)) + "</text></value>\n")
		}
	}
	b.WriteString("\t\t</field>\n")
}
