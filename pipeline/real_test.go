package pipeline_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// realFiles returns the recordings of real events.
func realFiles(t testing.TB) []string {
	t.Helper()
	return append(recorded.Files(t, "demo"), recorded.Files(t, "dev")...)
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
