package splunk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func records(p page) (all []string) {
	for _, b := range p.batches {
		for row := range b.Len() {
			all = append(all, string(b.AppendRecord(nil, row)))
		}
	}
	return all
}

func TestReadPage(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		check    func(page) bool
	}{
		{
			"whole", `{"preview":false,"init_offset":0,"messages":[{"type":"warn","text":"w"}],"fields":[{"name":"a","x":"]}"}],"results":[{"a":"1"},{"a":["1","2"],"b":""}],"highlighted":{}}`,
			[]string{`{"a":"1"}`, `{"a":["1","2"],"b":""}`},
			func(p page) bool { return p.found && len(p.messages) == 1 && p.messages[0].Type == "WARN" },
		},
		{"results first, blanks", " \n{ \"results\" : [ {\"a\":\"1\"} , {} ] , \"preview\" : true }\n", []string{`{"a":"1"}`, `{}`}, func(p page) bool { return p.preview }},
		{"none", `{"results":[]}`, nil, func(p page) bool { return p.found && p.rows == 0 }},
		{"no list", `{"messages":[]}`, nil, func(p page) bool { return !p.found }},
		{"empty", `{}`, nil, func(p page) bool { return !p.found }},
		{
			"time", `{"results":[{"_time":"2014-06-28T07:00:55.724-07:00"},{"_time":"1403964055.7240"},{"_time":"noon"},{"_time":["1","2"]},{}]}`,
			[]string{`{"_time":"1403964055.724"}`, `{"_time":"1403964055.724"}`, `{"_time":"noon"}`, `{"_time":["1","2"]}`, `{}`},
			func(page) bool { return true },
		},
		{
			"rows", `{"preview":false,"init_offset":0,"post_process_count":0,"messages":[],"fields":["a","_time"],"rows":[["1","1970-01-01T00:00:01Z"],[null,""],[["x","y"],{"b":1}]]}`,
			[]string{`{"a":"1","_time":"1"}`, `{"_time":""}`, `{"a":["x","y"],"_time.b":"1"}`},
			func(p page) bool { return p.found },
		},
		{"rows before fields with metadata", `{"rows":[ ["1" , 2 ] ],"init_offset":5,"fields":[{"name":"a","type_special":"x"},{"name":"b"}]}`, []string{`{"a":"1","b":"2"}`}, func(p page) bool { return p.offset == "5" }},
		{"rows without fields", `{"fields":[],"rows":[[],[]]}`, []string{`{}`, `{}`}, func(p page) bool { return p.found }},
		{"an object in a row names a member twice", `{"fields":["a","b"],"rows":[[{"c":1,"c":2},3]]}`, []string{`{"a.c":"2","b":"3"}`}, func(p page) bool { return p.found }},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []*inflow{whole(c.in), drops(c.in)} {
				p, err := readPage(in, pipeline.NewDecoder(pipeline.NewDict()))
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, records(p)); d != "" || p.rows != len(c.want) || !c.check(p) {
					t.Errorf("%+v %s", p, d)
				}
			}
		})
	}
	for _, bad := range []string{
		``, ` `, `[`, `[{"a":1}]`, `{`, `{"results"`, `{"results":`, `{"results":[`, `{"results":[{`, `{"results":[{}`, `{"results":[{},`,
		`{"results":[{}]`, `{"results":[{}],`, `{"results":[{}],}`, `{"results":[1]}`, `{"results":{}}`, `{"results":[{} {}]}`, `{"results":[{},]}`,
		`{"results":[{}]}x`, `{"results":[{}],"results":[{}]}`, `{"preview":"x"}`, `{1:2}`, `{null:2}`, `{"a":1 "b":2}`, `{,"a":1}`, `null`,
		`{"rows":[["1"]]}`, `{"fields":["a"],"rows":[["1","2"]]}`, `{"fields":["a","b"],"rows":[["1"]]}`, `{"fields":["a"],"rows":[{"a":1}]}`,
		`{"fields":["a","a"],"rows":[["1","2"]]}`, `{"fields":"a","rows":[["1"]]}`, `{"fields":["a"],"rows":[["1"]`, `{"fields":["a"],"rows":[["1"`,
		`{"fields":["a"],"rows":[["1"]],"results":[]}`, `{"results":[],"rows":[],"fields":[]}`, `{"fields":["a"],"rows":[["1",]]}`, `{"fields":[],"rows":[[1]]}`,
		"{}\x00", "\x00{}", "{\"results\":[]\x00}", "{\"results\":[{}\x00]}",
	} {
		p, err := readPage(whole(bad), pipeline.NewDecoder(pipeline.NewDict()))
		if !errors.Is(err, errCut) {
			t.Errorf("%s: %+v, %v", bad, p, err)
		}
		if p, again := readPage(drops(bad), pipeline.NewDecoder(pipeline.NewDict())); err != nil && (again == nil || again.Error() != err.Error()) {
			t.Errorf("%s, byte by byte: %+v, %v, want %v", bad, p, again, err)
		}
	}
}

// TestReadPageAfterABrokenOne: the rows of a page that broke off are in no other.
func TestReadPageAfterABrokenOne(t *testing.T) {
	rows := pipeline.NewDecoder(pipeline.NewDict())
	for _, bad := range []string{`{"results":[{"a":"1"},{"a":`, `{"results":[{"a":"1"}],"preview":0}`, `{"fields":["a"],"rows":[["1"],["2","3"]]}`} {
		if _, err := readPage(whole(bad), rows); err == nil {
			t.Fatal("no error:", bad)
		}
		p, err := readPage(whole(`{"results":[{"b":"2"}]}`), rows)
		if d := cmp.Diff([]string{`{"b":"2"}`}, records(p)); d != "" || err != nil {
			t.Errorf("after %s: %v %s", bad, err, d)
		}
	}
}

func TestReadPageMakesSmallBatches(t *testing.T) {
	var in bytes.Buffer
	in.WriteString(`{"results":[`)
	for i := range 2500 {
		if i > 0 {
			in.WriteByte(',')
		}
		fmt.Fprintf(&in, `{"n":"%d"}`, i)
	}
	for range 3 {
		fmt.Fprintf(&in, `,{"n":"%s"}`, strings.Repeat("x", batchBytes))
	}
	in.WriteString(`]}`)
	p, err := readPage(whole(in.String()), pipeline.NewDecoder(pipeline.NewDict()))
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, b := range p.batches {
		sizes = append(sizes, b.Len())
	}
	if d := cmp.Diff([]int{1000, 1000, 501, 1, 1}, sizes); d != "" || p.rows != 2503 {
		t.Error(p.rows, d)
	}
}

func FuzzReadPage(f *testing.F) {
	for _, s := range []string{
		`{"preview":false,"messages":[{"type":"DEBUG","text":"t"}],"fields":[],"results":[{"a":"1","b":["x","y"]}]}`,
		`{"results":[{"_time":"2026-11-23T10:00:00.000+00:00"}]}`, `{"messages":{"fatal":["x"]}}`, `{"a":{"b":[1,2,"]"]}}`, `{"results":null}`, `[]`,
		`{"fields":["a","b"],"rows":[["1",null],[["x","y"],{"c":{"d":2,"d":3}}]]}`, `{"rows":[[1]],"fields":[{"name":"a"}]}`,
		"{\"results\":[{\"a\":\"\\ud800\"}]}", `{"Results":[{}],"results":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readPage(&inflow{data: data}, pipeline.NewDecoder(pipeline.NewDict()))
		again, errAgain := readPage(drops(string(data)), pipeline.NewDecoder(pipeline.NewDict()))
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("%q: %v, byte by byte %v", data, err, errAgain)
		}
		if d := cmp.Diff(records(p), records(again)); d != "" || p.rows != again.rows || !cmp.Equal(p.messages, again.messages) {
			t.Fatalf("%q (-whole, +byte by byte):\n%s", data, d)
		}
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is no JSON", data)
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal(data, &whole); err != nil {
			t.Fatal(err)
		}
		var rows []json.RawMessage
		if p.found {
			list, ok := whole["results"]
			if !ok {
				list = whole["rows"]
			}
			if err := json.Unmarshal(list, &rows); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(records(p)); got != len(rows) || p.rows != got {
			t.Fatalf("%d records, %d counted, want %d: %q", got, p.rows, len(rows), data)
		}
		if _, cells := whole["rows"]; cells {
			want, err := readPage(&inflow{data: asResults(t, whole["fields"], rows)}, pipeline.NewDecoder(pipeline.NewDict()))
			if err != nil {
				t.Fatalf("%q: the same as results: %v", data, err)
			}
			if d := cmp.Diff(records(want), records(p)); d != "" {
				t.Fatalf("%q (-as results, +as rows):\n%s", data, d)
			}
		}
	})
}

// BenchmarkReadPage reads a page of 1,000 events of 30 fields in both forms,
// beside encoding/json into maps.
func BenchmarkReadPage(b *testing.B) {
	var names, rows, results []string
	for j := range 30 {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("Field%d", j)))
	}
	for i := range 1000 {
		var cells, members []string
		for j, name := range names {
			cell := fmt.Sprintf(`"value %d of \\Device\\HarddiskVolume%d and what is behind it: \"%d\""`, i*7, j, i)
			cells, members = append(cells, cell), append(members, name+":"+cell)
		}
		rows = append(rows, "["+strings.Join(cells, ",")+"]")
		results = append(results, "{"+strings.Join(members, ",")+"}")
	}
	pages := map[string]string{
		"json":      `{"preview":false,"init_offset":0,"fields":[],"results":[` + strings.Join(results, ",") + `]}`,
		"json_rows": `{"preview":false,"init_offset":0,"fields":[` + strings.Join(names, ",") + `],"rows":[` + strings.Join(rows, ",") + `]}`,
	}
	run := func(b *testing.B, text string, read func([]byte) (int, error)) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		data := []byte(text)
		for b.Loop() {
			if n, err := read(data); err != nil || n != 1000 {
				b.Fatal(n, err)
			}
		}
		b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "events/s")
	}
	for _, form := range []string{"json", "json_rows"} {
		b.Run(form, func(b *testing.B) {
			rows := pipeline.NewDecoder(pipeline.NewDict())
			run(b, pages[form], func(data []byte) (int, error) { p, err := readPage(&inflow{data: data}, rows); return p.rows, err })
		})
	}
	b.Run("encoding/json", func(b *testing.B) {
		run(b, pages["json"], func(data []byte) (int, error) {
			var whole struct{ Results []map[string]any }
			err := json.Unmarshal(data, &whole)
			return len(whole.Results), err
		})
	})
}

// asResults writes a page of rows as one of objects.
func asResults(t *testing.T, fields json.RawMessage, rows []json.RawMessage) []byte {
	t.Helper()
	var names []columnName
	if err := json.Unmarshal(fields, &names); err != nil {
		t.Fatal(err)
	}
	page := []byte(`{"results":[`)
	for i, row := range rows {
		var cells []json.RawMessage
		if err := json.Unmarshal(row, &cells); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			page = append(page, ',')
		}
		page = append(page, '{')
		for j, cell := range cells {
			if j > 0 {
				page = append(page, ',')
			}
			page = append(append(pipeline.AppendQuoted(page, string(names[j])), ':'), cell...)
		}
		page = append(page, '}')
	}
	return append(page, ']', '}')
}

func FuzzParseMessages(f *testing.F) {
	f.Add([]byte(`{"messages":[{"type":"ERROR","text":"Unauthorized"}]}`))
	f.Add([]byte(`<response><messages><msg type="FATAL">a &amp; b</msg></messages></response>`))
	f.Add([]byte(`{"messages":{"warn":["a","b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _ := parseMessages(data)
		if len(list) > maxMessages {
			t.Fatal("too many")
		}
		for _, m := range list {
			if strings.ContainsAny(m.Type+m.Text, "\n\r\t\x00\x1b\u202e") || len([]rune(m.Text)) > maxMessage+1 {
				t.Fatalf("%q does not fit a line", m)
			}
		}
	})
}
