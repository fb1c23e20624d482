package analyzers

import (
	"context"
	"strconv"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/ioc"
)

var _ = define(Spec[extractIocsConfig]{
	Name:    "extract_iocs",
	Summary: "finds addresses, names, URLs, mail addresses and hashes in text",
	Adds:    []string{"ioc_<type>", "or ioc, ioc_type, ioc_field, ioc_offset"},
	Doc: `
Types: ipv4, ipv6, dns, url, email, md5, sha1, sha256. The profile strict reports
what is valid and meant as one: no versions or clock times as addresses, no file
names as domains, URLs without the punctuation behind them.

As fields, each type found adds a field ioc_<type> with the values, each once, in
order of appearance. As rows, each place where one stands gives a record with ioc,
ioc_type, ioc_field (the field it stands in) and ioc_offset (its first byte in
that field's value). A URL's host is reported beside the URL, as dns or as an
address.
`,
	Config: extractIocsConfig{As: asFields, Profile: "strict"},
	New:    newExtractIocs,
	Example: `
-- config.yaml --
extract_iocs: { fields: [CommandLine], types: [url, ipv4] }
-- in.ndjson --
{"_time":1767225600,"CommandLine":"curl http://203.0.113.7/a.ps1; ping 198.51.100.2"}
{"_time":1767225601,"CommandLine":"notepad.exe 1.2.3.4.5"}
-- out.ndjson --
{"_time":"1767225600","CommandLine":"curl http://203.0.113.7/a.ps1; ping 198.51.100.2","ioc_ipv4":["203.0.113.7","198.51.100.2"],"ioc_url":"http://203.0.113.7/a.ps1"}
{"_time":"1767225601","CommandLine":"notepad.exe 1.2.3.4.5"}
`,
})

type extractIocsConfig struct {
	Fields  []string `koanf:"fields" doc:"The fields to look into. Default: every field but _raw."`
	Types   []string `koanf:"types" enum:"ipv4,ipv6,dns,url,email,md5,sha1,sha256" doc:"The types to look for. Default: all."`
	As      string   `koanf:"as" enum:"fields,rows" doc:"Whether what is found adds fields to the record, or gives records of its own."`
	Profile string   `koanf:"profile" enum:"strict" doc:"What counts as one."`
}

type extractIocsStage struct {
	pipeline.Streaming
	dict    *pipeline.Dict
	fields  fieldSet
	scanner *ioc.Scanner
	rows    bool
	found   []valueSet // by type
}

func newExtractIocs(c extractIocsConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	want := ioc.All
	if len(c.Types) > 0 {
		want = 0
	}
	for _, name := range c.Types {
		t, err := ioc.ParseType(name)
		if err != nil {
			return nil, err
		}
		want |= ioc.SetOf(t)
	}
	return &extractIocsStage{
		dict: dict, fields: newFieldSet(c.Fields, dict), scanner: ioc.New(want), rows: c.As == asRows,
		found: make([]valueSet, len(ioc.Types())),
	}, nil
}

// Process implements [pipeline.Stage].
func (s *extractIocsStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if s.rows {
		return s.asRows(b), nil
	}
	columns := make([]*pipeline.NewColumn, len(s.found))
	for row := range b.Len() {
		for _, text := range s.fields.of(b, row) {
			s.scanner.Scan(text, func(m ioc.Match) { s.found[m.Type].add(m.Value) })
		}
		for t := range s.found {
			if len(s.found[t].list) == 0 {
				continue
			}
			if columns[t] == nil {
				columns[t] = b.NewColumn(s.dict.Key("ioc_" + ioc.Type(t).String()))
			}
			columns[t].Set(row, s.found[t].list...)
			s.found[t].reset()
		}
	}
	for _, c := range columns {
		if c != nil {
			b = b.With(c)
		}
	}
	return b, nil
}

func (s *extractIocsStage) asRows(b *pipeline.Batch) *pipeline.Batch {
	m := newRowMaker("ioc", "ioc_type", "ioc_field", "ioc_offset")
	for row := range b.Len() {
		for field, text := range s.fields.of(b, row) {
			s.scanner.Scan(text, func(f ioc.Match) {
				m.add(row, f.Value, f.Type.String(), s.dict.Name(field), strconv.Itoa(f.Start))
			})
		}
	}
	return m.batch(b, s.dict)
}
