package splunk

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/huntd/huntd/pipeline"
)

// The most that a body may hold: Splunk advises 1 MB, and rows of the ledger
// stay small.
const (
	maxRaw    = 1_000_000
	maxPacked = 512 << 10
)

// gzipMagic is how bodies begin.
var gzipMagic = []byte{0x1f, 0x8b}

// SIEM is Splunk as a kind of connection: its searches are SPL, its bodies
// requests to HEC.
type SIEM struct{}

var _ pipeline.SIEM = SIEM{}

// CheckSearch implements [pipeline.Language].
func (SIEM) CheckSearch(spl string, eventTime bool) error {
	if err := lint(spl); err != nil || eventTime {
		return err
	}
	return checkIndexTime(spl)
}

// CheckIndex implements [pipeline.Format].
func (SIEM) CheckIndex(name string) error { return checkIndex(name) }

// AppendEvent implements [pipeline.Format].
func (SIEM) AppendEvent(dst []byte, to pipeline.Envelope, e pipeline.Event) []byte {
	return to.Append(dst, e)
}

// Join implements [pipeline.Format] by gzip.
func (SIEM) Join(lines []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(lines); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Split implements [pipeline.Format].
func (SIEM) Split(body []byte) (lines [][]byte, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("body of a HEC request: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("body of a HEC request: %w", err)
	}
	for line := range bytes.Lines(text) {
		lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return lines, nil
}

// MaxBody implements [pipeline.Format].
func (SIEM) MaxBody() (raw, joined int) { return maxRaw, maxPacked }
