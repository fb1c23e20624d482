package analyzers

import (
	"context"
	"strconv"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/ioc"
	"github.com/huntd/huntd/pipeline/ioc/msticpy"
)

var _ = define(Spec[extractIocsConfig]{
	Name:    "extract_iocs",
	Summary: "finds addresses, names, URLs, hashes, paths and other indicators in text",
	Adds:    []string{"ioc_<type>, ioc_original", "or ioc, ioc_type, ioc_field, ioc_offset, ioc_original"},
	Doc: `
As fields, each type found adds a field ioc_<type> with the values, each once, in
order of appearance. As rows, each place where one stands gives a record with ioc,
ioc_type, ioc_field (the field it stands in) and ioc_offset (its first byte in
that field's value). A URL's host is reported beside the URL, as dns or as an
address.

A value that is not written in the text as it is reported, above all a defanged
one (hxxp://evil[.]com), but also a path whose backslashes are doubled or a name
in another script, is kept as found in ioc_original: as rows beside its value, as
fields all of them together, each once.

The profile strict reports what is valid and meant as one: no versions or clock
times as addresses, no file names as domains, URLs without the punctuation behind
them.

- windows_path: from a drive, a variable (%TEMP%) or \Device\Harddisk on; blanks
  belong to it in quotes, where a folder follows, and where it is the whole value.
- linux_path: absolute, from one of the usual folders (/etc, /home, /tmp ...) or
  ~ on, with at least two names; not the path of a URL, no options such as /c.
- registry_key: from a hive (HKLM\, HKEY_..., HKCU:\, \REGISTRY\MACHINE\) on.
- bitcoin: addresses whose checksum is right.
- ja3: an MD5 behind the word ja3, or in a field whose name has it; it is not
  reported as md5.
- mitre_attack: techniques and tactics, T1059.001, TA0002. asn: AS15169.

As rows, all that are made of one record hold 128 MiB at most; what is in it beyond
is counted as extract_iocs.rows_over and noted on them.

The profile msticpy reports the sets of MSTICPy 3.0.2, its oddities included, of
the types ipv4, ipv6, dns, url, email, md5, sha1, sha256, windows_path and
linux_path. As rows each value comes once for each value of a field, at the first
place where it stands; what was found in a decoded URL stands where the URL does.
Defanged text stays as it was found, as MSTICPy leaves it.
`,
	Config: extractIocsConfig{As: asFields, Profile: extractIocsStrict},
	New:    newExtractIocs,
	Example: `
-- config.yaml --
extract_iocs: { fields: [CommandLine], types: [url, ipv4] }
-- in.ndjson --
{"_time":1767225600,"CommandLine":"curl hxxp://203.0.113[.]7/a.ps1; ping 198.51.100.2"}
{"_time":1767225601,"CommandLine":"notepad.exe 1.2.3.4.5"}
-- out.ndjson --
{"_time":"1767225600","CommandLine":"curl hxxp://203.0.113[.]7/a.ps1; ping 198.51.100.2","ioc_ipv4":["203.0.113.7","198.51.100.2"],"ioc_url":"http://203.0.113.7/a.ps1","ioc_original":["hxxp://203.0.113[.]7/a.ps1","203.0.113[.]7"]}
{"_time":"1767225601","CommandLine":"notepad.exe 1.2.3.4.5"}
`,
})

const (
	extractIocsStrict  = "strict"
	extractIocsMSTICPy = "msticpy"
)

type extractIocsConfig struct {
	Fields  []string `koanf:"fields" doc:"The fields to look into. Default: every field but _raw."`
	Types   []string `koanf:"types" enum:"ipv4,ipv6,dns,url,email,md5,sha1,sha256,sha512,windows_path,linux_path,unc,registry_key,cve,mitre_attack,mac,bitcoin,ja3,asn" doc:"The types to look for. Default: all."`
	As      string   `koanf:"as" enum:"fields,rows" doc:"Whether what is found adds fields to the record, or gives records of its own."`
	Profile string   `koanf:"profile" enum:"strict,msticpy" doc:"What counts as one."`
}

type extractIocsStage struct {
	pipeline.Streaming
	dict *pipeline.Dict
	text extractIocsText
	rows bool
	room rowRoom
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
	s := &extractIocsStage{dict: dict, rows: c.As == asRows}
	s.text = extractIocsText{fields: newFieldSet(c.Fields, dict), dict: dict, want: want, ja3: map[pipeline.Key]bool{}}
	if c.Profile == extractIocsMSTICPy {
		s.text.scanner, s.text.alone = msticpy.New(want), true
	} else {
		s.text.scanner = ioc.New(extractIocsLook(want))
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *extractIocsStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if s.rows {
		return s.asRows(b), nil
	}
	f := extractIocsFields{b: b, dict: s.dict, found: make([]valueSet, len(ioc.Types())+1)}
	f.columns = make([]*pipeline.NewColumn, len(f.found))
	s.text.each(b, f.add)
	return f.batch(), nil
}

func (s *extractIocsStage) asRows(b *pipeline.Batch) *pipeline.Batch {
	m := newRowMaker("extract_iocs", b, &s.room, "ioc", "ioc_type", "ioc_field", "ioc_offset", "ioc_original")
	s.text.each(b, func(f extractIocsFind) {
		m.add(f.row, f.Value, f.Type.String(), s.dict.Name(f.field), strconv.Itoa(f.Start), f.original)
	})
	return m.batch(b, s.dict)
}

// Counts implements [pipeline.Counter].
func (s *extractIocsStage) Counts() map[string]int { return map[string]int{"rows_over": s.room.over} }

// extractIocsFields gathers what is found in the rows of a batch, which come in
// order.
type extractIocsFields struct {
	b       *pipeline.Batch
	dict    *pipeline.Dict
	row     int
	found   []valueSet // of the row, by type; the last is the originals
	columns []*pipeline.NewColumn
}

func (f *extractIocsFields) add(find extractIocsFind) {
	if find.row != f.row {
		f.endRow()
		f.row = find.row
	}
	f.found[find.Type].add(find.Value)
	if find.original != "" {
		f.found[len(f.found)-1].add(find.original)
	}
}

func (f *extractIocsFields) endRow() {
	for t := range f.found {
		if len(f.found[t].list) == 0 {
			continue
		}
		if f.columns[t] == nil {
			name := "original"
			if t < len(f.found)-1 {
				name = ioc.Type(t).String()
			}
			f.columns[t] = f.b.NewColumn(f.dict.Key("ioc_" + name))
		}
		f.columns[t].Set(f.row, f.found[t].list...)
		f.found[t].reset()
	}
}

// batch returns the batch with the fields.
func (f *extractIocsFields) batch() *pipeline.Batch {
	f.endRow()
	b := f.b
	for _, c := range f.columns {
		if c != nil {
			b = b.With(c)
		}
	}
	return b
}
