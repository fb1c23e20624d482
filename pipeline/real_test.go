package pipeline_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// realFiles returns the recordings of real events, which are no part of the
// project. Where they are missing the test is skipped, unless they must be
// there.
func realFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "data", "*", "*.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatal("../shared/data holds no recordings, which are required here")
		}
		t.Skip("../shared/data holds no recordings")
	}
	return files
}

func unpack(t testing.TB, path string) []byte {
	t.Helper()
	r, err := pipeline.OpenRecords(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// realEvents returns lines of some of the recordings.
func realEvents(t testing.TB) (lines [][]byte) {
	t.Helper()
	size := 0
	for _, path := range realFiles(t) {
		for line := range bytes.Lines(unpack(t, path)) {
			if line = bytes.TrimSpace(line); len(line) > 0 && size < 64<<20 {
				lines, size = append(lines, line), size+len(line)
			}
		}
	}
	return lines
}
