package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// A dict is an object whose keys keep their order. Its values are texts, bools,
// numbers, lists of texts, dicts, and nil.
type dict []pair

type pair struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (d dict) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, p := range d {
		if i > 0 {
			out = append(out, ',')
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		out = append(pipeline.AppendQuoted(out, p.key), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

// xml appends the dict as Splunk's Atom feeds have it: text alone, booleans as
// 0 and 1.
func (d dict) xml(b *strings.Builder) {
	b.WriteString("<s:dict>")
	for _, p := range d {
		b.WriteString(`<s:key name="` + escape(p.key) + `">`)
		xmlValue(b, p.value)
		b.WriteString("</s:key>\n")
	}
	b.WriteString("</s:dict>")
}

func xmlValue(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
	case dict:
		v.xml(b)
	case []string:
		b.WriteString("<s:list>")
		for _, item := range v {
			b.WriteString("<s:item>" + escape(item) + "</s:item>")
		}
		b.WriteString("</s:list>")
	case []message:
		messagesXML(b, v)
	case bool:
		if v {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'f', 5, 64))
	default:
		b.WriteString(escape(fmt.Sprint(v)))
	}
}

func messagesXML(b *strings.Builder, list []message) {
	b.WriteString("<s:dict>")
	for _, m := range list {
		b.WriteString(`<s:key name="` + strings.ToLower(m.Type) + `"><s:list><s:item>` + escape(m.Text) + "</s:item></s:list></s:key>")
	}
	b.WriteString("</s:dict>")
}

// escape makes text fit for XML; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// A message is what Splunk says of a call or a job.
type message struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Help string `json:"help"`
	Code string `json:"code,omitempty"`
}

func (c *call) json() bool { return strings.HasPrefix(c.form.Get("output_mode"), "json") }

func (c *call) fail(status int, kind, text string) { c.reply(status, message{Type: kind, Text: text}) }

// reply answers with a message alone.
func (c *call) reply(status int, m message) {
	if c.json() {
		c.writeJSON(status, dict{{"messages", []message{m}}})
		return
	}
	c.writeXML(status, "<response>\n  <messages>\n    <msg type=\""+m.Type+"\">"+escape(m.Text)+"</msg>\n  </messages>\n</response>\n")
}

func (c *call) writeJSON(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // all of it is ours
		http.Error(c.w, err.Error(), http.StatusInternalServerError)
		return
	}
	c.w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

func (c *call) writeXML(status int, body string) {
	c.w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write([]byte(xmlHead + body))
}

// An entry is one thing of a feed.
type entry struct {
	name    string
	path    string // "" is the feed's and the name
	author  string
	acl     dict
	links   []pair
	content dict
}

// A feed is a collection.
type feed struct {
	title   string
	entries []entry
	total   int // 0: as many as there are entries
	offset  int
	perPage int
	quiet   bool // without messages
}

func defaultACL() dict {
	return dict{
		{"app", "search"},
		{"can_list", true},
		{"can_write", true},
		{"modifiable", true},
		{"owner", "nobody"},
		{"perms", dict{{"read", []string{"*"}}, {"write", []string{"admin"}}}},
		{"removable", false},
		{"sharing", "app"},
	}
}

func (c *call) origin() string {
	scheme := "http://"
	if c.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + c.r.Host
}

func (c *call) base() string { return c.root + "/" + strings.Join(c.path, "/") }

// complete fills in what entries have in common.
func (c *call) complete(entries []entry) {
	for i := range entries {
		e := &entries[i]
		if e.path == "" {
			e.path = strings.TrimSuffix(c.base(), "/") + "/" + e.name
		}
		if e.author == "" {
			e.author = "nobody"
		}
		if e.acl == nil {
			e.acl = defaultACL()
		}
		if e.links == nil {
			e.links = []pair{{"alternate", e.path}, {"list", e.path}}
		}
	}
}

func now3339() string { return time.Now().UTC().Format("2006-01-02T15:04:05-07:00") }

func (c *call) feed(f feed) {
	if f.total == 0 {
		f.total = len(f.entries)
	}
	if f.perPage == 0 {
		f.perPage = 30
	}
	c.complete(f.entries)
	if c.json() {
		c.feedJSON(f)
		return
	}
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">` + "\n")
	fmt.Fprintf(&b, "  <title>%s</title>\n  <id>%s</id>\n  <updated>%s</updated>\n  <generator build=\"%s\" version=\"%s\"/>\n"+
		"  <author><name>Splunk</name></author>\n  <opensearch:totalResults>%d</opensearch:totalResults>\n"+
		"  <opensearch:itemsPerPage>%d</opensearch:itemsPerPage>\n  <opensearch:startIndex>%d</opensearch:startIndex>\n  <s:messages/>\n",
		escape(f.title), escape(c.origin()+c.base()), now3339(), build, version, f.total, f.perPage, f.offset)
	for i := range f.entries {
		c.entryXML(&b, &f.entries[i], "<entry>")
	}
	b.WriteString("</feed>\n")
	c.writeXML(http.StatusOK, b.String())
}

func (c *call) entryXML(b *strings.Builder, e *entry, start string) {
	fmt.Fprintf(b, "%s\n  <title>%s</title>\n  <id>%s</id>\n  <updated>%s</updated>\n", start, escape(e.name), escape(c.origin()+e.path), now3339())
	for _, l := range e.links {
		fmt.Fprintf(b, "  <link href=\"%s\" rel=\"%s\"/>\n", escape(fmt.Sprint(l.value)), l.key)
	}
	fmt.Fprintf(b, "  <author><name>%s</name></author>\n  <content type=\"text/xml\">", escape(e.author))
	append(e.content[:len(e.content):len(e.content)], pair{"eai:acl", e.acl}).xml(b)
	b.WriteString("</content>\n</entry>\n")
}

func (c *call) feedJSON(f feed) {
	list := make([]dict, len(f.entries))
	for i := range f.entries {
		list[i] = c.entryJSON(&f.entries[i])
	}
	d := dict{
		{"links", dict{}},
		{"origin", c.origin() + c.base()},
		{"updated", now3339()},
		{"generator", dict{{"build", build}, {"version", version}}},
		{"entry", list},
		{"paging", dict{{"total", f.total}, {"perPage", f.perPage}, {"offset", f.offset}}},
	}
	if !f.quiet {
		d = append(d, pair{"messages", []message{}})
	}
	c.writeJSON(http.StatusOK, d)
}

func (c *call) entryJSON(e *entry) dict {
	return dict{
		{"name", e.name},
		{"id", c.origin() + e.path},
		{"updated", now3339()},
		{"links", dict(e.links)},
		{"author", e.author},
		{"acl", e.acl},
		{"fields", dict{{"required", []string{}}, {"optional", []string{}}, {"wildcard", []string{}}}},
		{"content", e.content},
	}
}
