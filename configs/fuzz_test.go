package configs

import (
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzDecode reads whatever strangers write: it must neither panic nor take
// long, and each mistake must have a place in the file.
func FuzzDecode(f *testing.F) {
	for _, m := range mistakes {
		if len(m.text) < 1000 {
			f.Add([]byte(m.text))
		}
	}
	for _, seed := range []string{
		huntYAML, huntJSON, "a: [b, {c: d}]\n", "- - a\n  - b\n", "a: >-\n  b\n\n c\n", "'a': \"b\\u00e9\"\r\n", "a:\n\n\n  # c\n  b: 1",
		"{a: {b: {c: [1, 2, {d: e}]}}}", "&a [*a]", "? - a\n: - b\n", "a: |2+\n    b\n\n", "--- |\n a\n...\n# c\n", "[\"\\ud800\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return // what takes long is held in TestLargeFilesAreReadInTime
		}
		begun := time.Now()
		n, err := ParseBytes("x.yaml", data)
		if err == nil {
			n.ToAny()
			err = Decode(n, &sample{})
		}
		for _, m := range Mistakes(err) {
			if m.File != "x.yaml" || m.Msg == "" || strings.ContainsAny(m.Msg, "\n\x1b") {
				t.Errorf("%q: %#v", data, m)
			}
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestLargeFilesAreReadInTime holds files that are made to take long within what a
// reload may take: files of the largest size if HUNTD_TEST_LONG is set, else of a
// quarter of it.
func TestLargeFilesAreReadInTime(t *testing.T) {
	size, most := maxSize/4, 20*time.Second
	if os.Getenv("HUNTD_TEST_LONG") == "1" {
		size, most = maxSize, time.Minute
	}
	for _, start := range []string{"", "- \""} {
		for _, piece := range []string{
			"a: b\n", "- a\n", "? a\n", "#c\n", "\"", "'", "x ", "[", "{", "[a],", "{a: b},", "- ", "&a ", "*a ", "!a ", "\n", "\r",
			"\r\n", "\n ", "\t", "- \t", "--- a\n", "a:\n- ", "|\n", "\\", "\"a\": ", "é", "- a: b\n  c: d\n", "<<: ", "%", ": ",
		} {
			text := start + strings.Repeat(piece, (size-len(start))/len(piece))
			begun := time.Now()
			n, err := ParseBytes("x.yaml", []byte(text))
			if err == nil {
				err = Decode(n, &sample{})
			}
			if took := time.Since(begun); took > most {
				t.Errorf("%q and many times %q: took %s (%v)", start, piece, took, err)
			}
		}
	}
}
