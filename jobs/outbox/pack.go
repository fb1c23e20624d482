package outbox

import (
	"bytes"

	"github.com/huntd/huntd/pipeline"
)

// A Packer gathers events into bodies of the size that a format allows. An event
// that is larger gets a body of its own.
type Packer struct {
	Format pipeline.Format

	raw    []byte
	events int
}

// Add adds an event, a line, and returns the bodies that are full.
func (p *Packer) Add(line []byte) ([]Part, error) {
	var full []Part
	if most, _ := p.Format.MaxBody(); p.events > 0 && len(p.raw)+len(line) > most {
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
	body, err := p.Format.Join(p.raw)
	if err != nil {
		return nil, err
	}
	whole := Part{body, p.events}
	raw, events := p.raw, p.events
	p.raw, p.events = p.raw[:0], 0
	if _, most := p.Format.MaxBody(); len(body) <= most || events == 1 {
		return []Part{whole}, nil
	}
	first, second := halve(raw)
	var parts []Part
	for _, half := range [][]byte{first, second} {
		sub, err := (&Packer{Format: p.Format, raw: half, events: bytes.Count(half, []byte("\n"))}).Flush()
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
