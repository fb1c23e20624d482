package splunk

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/huntd/huntd/pipeline"
)

// The most that a body may hold: Splunk advises 1 MB, and rows of the ledger
// stay small.
const (
	maxRaw    = 1_000_000
	maxPacked = 512 << 10
)

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

// AppendEvent implements [pipeline.Format]. The envelope's keys come from the hunt
// alone; what was read from Splunk stands inside "event" and cannot reach them.
func (SIEM) AppendEvent(dst []byte, to pipeline.Envelope, e pipeline.Event) []byte {
	dst = append(dst, '{')
	if !e.Time.IsZero() {
		dst = append(dst, `"time":`...)
		dst = append(dst, pipeline.FormatEpoch(e.Time.Truncate(time.Microsecond))...)
		dst = append(dst, ',')
	}
	for _, p := range [...]struct{ name, value string }{
		{"host", to.Host}, {"source", to.Source}, {"sourcetype", to.Sourcetype}, {"index", to.Index},
	} {
		if p.value != "" {
			dst = append(append(append(dst, '"'), p.name...), `":`...)
			dst = append(pipeline.AppendQuoted(dst, p.value), ',')
		}
	}
	dst = append(append(dst, `"event":`...), e.Body...)
	dst = pipeline.AppendQuoted(append(dst, `,"fields":{"huntd_id":`...), e.ID)
	dst = pipeline.AppendQuoted(append(dst, `,"huntd_hunt":`...), to.Hunt)
	dst = pipeline.AppendQuoted(append(dst, `,"huntd_run":`...), e.Run)
	if e.Severity != "" {
		dst = pipeline.AppendQuoted(append(dst, `,"huntd_severity":`...), e.Severity)
	}
	return append(dst, "}}\n"...)
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
