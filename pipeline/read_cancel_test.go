package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// repeated repeats a text, and never ends.
type repeated string

func (e repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// TestReadRecordsIsCancelled: reading ends with its context also where no line is a record.
func TestReadRecordsIsCancelled(t *testing.T) {
	for _, text := range []string{"x\n", "\n", "\x00"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		ended := make(chan error, 1)
		go func() {
			var last error
			for _, err := range pipeline.ReadRecords(ctx, repeated(text), "f", pipeline.NewDict(), func(*pipeline.LineError) {}) {
				last = err
			}
			ended <- last
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%q: ended with %v", text, err)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%q: still read 30 s after the context ended", text)
		}
		cancel()
	}
}
