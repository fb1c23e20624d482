// Package recorded gives tests the real recordings and the outputs of other
// programs that stand beside the source tree, in ../shared as seen from its
// root. They do not come with the project: where they are absent a test that
// needs them is skipped, unless HUNTD_TEST_REQUIRE=1 says that they must be
// there.
package recorded

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// A T is what is needed of a *testing.T or *testing.B. The package does not
// import testing, for it is no test itself.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Path returns the path of something in the folder.
func Path(t T, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root(t), "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatalf("it is required: %v", err)
		}
		t.Skipf("nothing recorded here: %v", err)
	}
	return path
}

// root is the folder of go.mod, above the one that a test runs in.
func root(t T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("%v", err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatalf("there is no go.mod above this test")
	return ""
}

// Files returns the recordings of a set, such as demo.
func Files(t T, set string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Path(t, "data", set), "*.ndjson.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", set, err)
	}
	return files
}

// Lines yields the lines of a gzip'd recording, counted from 1. A line is only
// valid until the next.
func Lines(t T, path string) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		lines := bufio.NewScanner(z)
		lines.Buffer(nil, 64<<20)
		for n := 1; lines.Scan(); n++ {
			if !yield(n, lines.Bytes()) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
}

// JSON reads a file of JSON.
func JSON(t T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// Events yields the events of a recording, counted from 1, with the values of
// each field.
func Events(t T, path string) iter.Seq2[int, map[string][]string] {
	return func(yield func(int, map[string][]string) bool) {
		t.Helper()
		for n, line := range Lines(t, path) {
			var event map[string]any
			if err := json.Unmarshal(line, &event); err != nil {
				t.Fatalf("%s:%d: %v", path, n, err)
			}
			fields := make(map[string][]string, len(event))
			for name, value := range event {
				fields[name] = texts(value)
			}
			if !yield(n, fields) {
				return
			}
		}
	}
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, texts(one)...)
		}
		return all
	}
	return nil
}

// Raw returns the raw events of all recordings of a set, a line each.
func Raw(t T, set string) string {
	t.Helper()
	var b strings.Builder
	for _, path := range Files(t, set) {
		for _, fields := range Events(t, path) {
			for _, raw := range fields["_raw"] {
				b.WriteString(raw)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
