package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestAppendQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"":                            `""`,
		"plain text, é 日本 \U0001F600": "\"plain text, é 日本 \U0001F600\"",
		`C:\a "b" /c`:                 `"C:\\a \"b\" /c"`,
		"\n\r\t\b\f\x00\x1f":          `"\n\r\t\u0008\u000c\u0000\u001f"`,
		"<a>&'\x7f":                   "\"<a>&'\x7f\"",
		"a\xffb\xc3":                  `"a\ufffdb\ufffd"`,
		"\xed\xa0\x80":                `"\ufffd\ufffd\ufffd"`,
		"\ufffd":                      "\"\ufffd\"",
		"a\u2028b\u2029":              `"a\u2028b\u2029"`,
	} {
		if got := string(pipeline.AppendQuoted([]byte("before "), in)); got != "before "+want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestAppendRecord(t *testing.T) {
	b := decode(t, `{"b":["1","2",""],"a \"n\"":"x","c":{"d":1}}`, `{}`)
	for row, want := range []string{`{"b":["1","2",""],"a \"n\"":"x","c.d":"1"}`, `{}`} {
		if got := string(b.AppendRecord([]byte("before "), row)); got != "before "+want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestRealEventsSurviveBeingWritten writes real events and reads them again.
func TestRealEventsSurviveBeingWritten(t *testing.T) {
	n := 0
	for _, path := range realFiles(t) {
		var lines, again []string
		for line := range strings.Lines(string(unpack(t, path))) {
			if lines = append(lines, line); len(lines) == 50 {
				break
			}
		}
		b := decode(t, lines...)
		for row := range b.Len() {
			again = append(again, string(b.AppendRecord(nil, row)))
		}
		if diff := cmp.Diff(records(b), records(decode(t, again...))); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		n += b.Len()
	}
	if n < 1000 {
		t.Errorf("only %d events", n)
	}
}

func FuzzAppendQuoted(f *testing.F) {
	f.Add("a\"\\\n\x00\x7f\xff\u2028\ud7ff\U0010ffff")
	f.Fuzz(func(t *testing.T, s string) {
		quoted := pipeline.AppendQuoted(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil {
			t.Fatalf("%q was written as %q: %v", s, quoted, err)
		}
		want := strings.Map(func(r rune) rune { return r }, s) // what is not UTF-8 becomes U+FFFD, byte by byte
		if back != want || !utf8.Valid(quoted) || strings.ContainsAny(string(quoted), "\n\r\u2028\u2029") {
			t.Fatalf("%q was written as %q", s, quoted)
		}
	})
}
