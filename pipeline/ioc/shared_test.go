package ioc

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared returns the path of a file that does not come with the project, and
// skips the test where it is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatalf("%s is absent", path)
		}
		t.Skipf("%s is absent", path)
	}
	return path
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// records calls each for the records of a recording.
func records(t testing.TB, path string, each func(map[string]any)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record map[string]any
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		each(record)
	}
	if lines.Err() != nil {
		t.Fatalf("%s: %v", path, lines.Err())
	}
}

// raw returns the raw events of all demo recordings, a line each.
func raw(t testing.TB) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared(t, "data", "demo"), "*.ndjson.gz"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var b strings.Builder
	for _, path := range paths {
		records(t, path, func(r map[string]any) {
			line, _ := r["_raw"].(string)
			b.WriteString(line)
			b.WriteByte('\n')
		})
	}
	return b.String()
}
