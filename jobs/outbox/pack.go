package outbox

import (
	"bytes"

	"github.com/klauspost/compress/gzip"
)

// The most that a body may hold: Splunk advises 1 MB, and rows of the ledger
// stay small.
const (
	MaxRaw    = 1_000_000
	MaxPacked = 512 << 10
)

// A Packer gathers events into bodies of at most [MaxRaw] bytes before and
// [MaxPacked] after compression. An event that is larger gets a body of its
// own.
type Packer struct {
	raw    []byte
	events int
}

// Add takes an event, a line of JSON, and returns the bodies that are full.
func (p *Packer) Add(line []byte) ([]Part, error) {
	var full []Part
	if p.events > 0 && len(p.raw)+len(line) > MaxRaw {
		var err error
		if full, err = p.Flush(); err != nil {
			return nil, err
		}
	}
	p.raw = append(p.raw, line...)
	p.events++
	return full, nil
}

// Flush returns what is left, as one body, or as more where it does not
// compress well.
func (p *Packer) Flush() ([]Part, error) {
	if p.events == 0 {
		return nil, nil
	}
	body, err := p.compress()
	if err != nil {
		return nil, err
	}
	whole := Part{body, p.events}
	raw, events := p.raw, p.events
	p.raw, p.events = p.raw[:0], 0
	if len(body) <= MaxPacked || events == 1 {
		return []Part{whole}, nil
	}
	first, second := halve(raw)
	var parts []Part
	for _, half := range [][]byte{first, second} {
		sub, err := (&Packer{raw: half, events: bytes.Count(half, []byte("\n"))}).Flush()
		if err != nil {
			return nil, err
		}
		parts = append(parts, sub...)
	}
	return parts, nil
}

// halve cuts lines near the middle; both halves have at least one.
func halve(raw []byte) (first, second []byte) {
	cut := bytes.LastIndexByte(raw[:len(raw)/2], '\n') + 1
	if cut == 0 {
		cut = bytes.IndexByte(raw, '\n') + 1
	}
	return raw[:cut], raw[cut:]
}

func (p *Packer) compress() ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(p.raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
