package analyzers

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// TestHostileRecords: no stage takes more than linear time for records that
// somebody made to slow it down. Four times the text may take ten times as long,
// and a moment.
func TestHostileRecords(t *testing.T) {
	many := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	records := map[string]func(n int) string{
		"many fields": func(n int) string { return `{"_time":1,` + many(n/10, `"x.f%d":"v"`) + `}` },
		"many values": func(n int) string {
			return `{"_time":1,"v":[` + many(n/8, `"u%d"`) + `],"w":[` + many(n/8, `"w%d"`) + `]}`
		},
		"long value": func(n int) string {
			return `{"_time":1,"v":"` + strings.Repeat("ab", n/2) + `","w":"http://` + strings.Repeat("a.", n/2) + `"}`
		},
		"many records": func(n int) string { return strings.Repeat(`{"_time":1,"v":["a","b"],"w":"c"}`+"\n", n/30) },
		"addresses":    func(n int) string { return `{"_time":1,"v":"` + strings.Repeat("a@b.com,1.2.3.4 ", n/16) + `"}` },
		"times back": func(n int) string {
			return strings.ReplaceAll(many(n/40, `{"_time":-%d,"v":"a","w":"b"}`), "},{", "}\n{")
		},
	}
	for _, settings := range []string{
		`sort: [v, -w]`, `dedup: [v]`, `dedup: { keep: last }`, `rename: { "x.*": "*", v: w }`, `select: { keep: [w, "x.*", v], remove: [_*] }`,
		`sample: { records: 10 }`, `group: { by: [v, w], stats: [count, dc(v), list(w), p50(w)] }`, `group: { stats: [values(v), dc(w), min(v)] }`,
		`join: { by: [v, w], rows: [{ v: a, w: b, x: c }] }`, `join: { by: [v], match: { v: wildcard }, rows: [{ v: "*a*b*?c*", x: c }, { v: "b*a", x: c }] }`,
		`first_seen: [v, w]`, `rare: { of: [v], per: [w] }`, `ip_type: {}`, `domain: { fields: [v, w] }`, `url: { fields: [v, w] }`, `defang: { fields: [v, w] }`,
		`mask: { how: redact, find: [email, dns, url, ipv4], pattern: "(a+)+b" }`, `mask: { how: partial, fields: [v, w] }`,
	} {
		for name, record := range records {
			work := func(n int) time.Duration {
				text := record(n)
				dict := pipeline.NewDict()
				steps := buildSteps(t, "- "+settings+"\n", dict)
				start := time.Now()
				src := pipeline.ReadRecords(context.Background(), strings.NewReader(text), "in", dict, func(e *pipeline.LineError) { t.Error(e) })
				if _, err := pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(*pipeline.Batch) error { return nil }); err != nil {
					t.Error(err)
				}
				return time.Since(start)
			}
			const n = 16 << 10
			slow := func(short, long time.Duration) bool { return long > 10*short+100*time.Millisecond }
			short, long := min(work(n), work(n)), min(work(4*n), work(4*n))
			for tries := 0; slow(short, long) && tries < 5; tries++ { // a loaded machine is no proof
				short, long = min(short, work(n)), min(long, work(4*n))
			}
			if slow(short, long) {
				t.Errorf("%s, %s: %s for %d bytes, %s for four times as many", settings, name, short, n, long)
			}
		}
	}
}

// TestCombinationsOver: a record is in two hundred groups at most.
func TestCombinationsOver(t *testing.T) {
	list := `["` + strings.Join(strings.Fields(strings.Repeat("a ", 40)), `","`) + `"]`
	in := `{"_time":1,"v":` + list + `,"w":` + list + "}\n"
	for stage, settings := range map[string]string{
		"count_by": "{ by: [v, w] }", "group": "{ by: [v, w] }", "first_seen": "[v, w]", "rare": "{ of: [v, w] }", "beacon": "{ by: [v, w] }",
		"join": "{ by: [v, w], rows: [{ v: a, w: b }] }",
	} {
		if _, notes := runCounted(t, "- "+stage+": "+settings+"\n", in); notes[stage+".combinations_over"] != 1 {
			t.Errorf("%s counted %v", stage, notes)
		}
	}
}

// TestRowsOver: a megabyte of things does not become a record of a megabyte for
// each; what is left out is counted, and noted on the records that there are.
func TestRowsOver(t *testing.T) {
	packed := base64.StdEncoding.EncodeToString([]byte("write-host hello there, world")) + " "
	for stage, text := range map[string]string{
		"extract_iocs": "192.0.2.1 ", "ip_type": "192.0.2.1", "url": "http://a.example/", "domain": "www.example.com",
		"unpack_base64": packed, "command_line": `powershell -w hidden iex x`,
	} {
		list := `"` + strings.Repeat(text, 4<<20/len(text)) + `"`
		switch stage {
		case "ip_type", "url", "domain":
			list = "[" + strings.TrimSuffix(strings.Repeat(`"`+text+`",`, 4<<20/len(text)), ",") + "]"
		case "command_line":
			list = `["` + strings.Repeat("x", 4<<20) + `"` + strings.Repeat(`,"`+text+`"`, 200) + "]"
		}
		dict := pipeline.NewDict()
		steps := buildSteps(t, "- "+stage+": { as: rows, fields: [v] }\n", dict)
		src := pipeline.ReadRecords(context.Background(), strings.NewReader(`{"v":`+list+"}"), "in", dict, func(e *pipeline.LineError) { t.Error(e) })
		rows, noted, note := 0, 0, dict.Key(noteField)
		stats, err := pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(b *pipeline.Batch) error {
			rows += b.Len()
			for row := range b.Len() {
				noted += b.Values(row, note).Len()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if over := stats.Notes()[stage+".rows_over"]; rows == 0 || rows > rowsBytes/(4<<20)+8 || noted < rows || over == 0 {
			t.Errorf("%s: %d records, %d notes, %d left out", stage, rows, noted, over)
		}
	}
}
