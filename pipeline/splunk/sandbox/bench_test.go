package sandbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func BenchmarkSearch(b *testing.B) {
	s := New(Config{})
	defer s.Close()
	path := filepath.Join(b.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, manyEvents(40_000), 0o600); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := s.LoadFile(path); err != nil {
		b.Fatal(err)
	}
	load := time.Since(start)
	for _, spl := range []string{
		`search index=windows EventCode=4688 (CommandLine="*powershell*" OR CommandLine="*pwsh*")`,
		`search index=windows encodedcommand`,
	} {
		b.Run(strings.Fields(spl)[2], func(b *testing.B) {
			for b.Loop() {
				if _, err := evaluate(s, spl); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(load.Seconds(), "load-s")
		})
	}
}

func evaluate(s *Sandbox, spl string) (int, error) {
	q, err := parseQuery(spl, time.Now())
	if err != nil {
		return 0, err
	}
	rs, _, err := q.source.rows(context.Background(), s.store.snapshot(), span{})
	if err != nil {
		return 0, err
	}
	return len(rs.rows), nil
}

// manyEvents makes events of about a kilobyte.
func manyEvents(n int) []byte {
	var all []byte
	filler := strings.Repeat("Filler Text ", 40)
	for i := range n {
		program := []string{"notepad.exe", "powershell.exe -EncodedCommand QQBB", "cmd.exe /c dir"}[i%3]
		all = fmt.Appendf(all, `{"_time":%d.%03d,"host":"pc%d","index":"windows","sourcetype":"xmlwineventlog","source":"sec","EventCode":"%d","user":"u%d",`+
			`"CommandLine":"C:\\Windows\\%s","ParentImage":"C:\\Windows\\explorer.exe","p1":"%d","p2":"b","p3":"c","p4":"d","p5":"e","_raw":"<Event>%s %s</Event>"}`+"\n",
			newest+i/10, i%1000, i%50, 4688-i%2, i%97, program, i, filler+filler[:200], program)
	}
	return slices.Clip(all)
}
