package main

import (
	"fmt"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
	"github.com/huntd/huntd/pipeline/ioc"
	"github.com/huntd/huntd/pipeline/unpack"
)

const batchRows = 1000

// decodeBatches decodes into batches, which go on from pass to pass, and gives
// each to use, unless that is nil.
func decodeBatches(use func(*ioc.Scanner, *pipeline.Batch) int) func(corpus) (pass, error) {
	return func(c corpus) (pass, error) {
		d, s, size := pipeline.NewDecoder(pipeline.NewDict()), ioc.New(ioc.All), c.bytes()
		end := func() {
			b := d.Batch()
			if use != nil {
				use(s, b)
			}
			b.Release()
		}
		return func() (work, error) {
			for _, line := range c.lines {
				if err := d.Object(line); err != nil {
					return work{}, err
				}
				if d.Len() == batchRows {
					end()
				}
			}
			return work{len(c.lines), size}, nil
		}, nil
	}
}

// scanBatch finds the indicators in all values of a batch.
func scanBatch(s *ioc.Scanner, b *pipeline.Batch) (found int) {
	count := func(ioc.Match) { found++ }
	for row := range b.Len() {
		for _, values := range b.Fields(row) {
			for v := range values.All() {
				s.Scan(v, count)
			}
		}
	}
	return found
}

// scan finds the indicators in the lines as they are.
func scan(types ioc.Set) func(corpus) (pass, error) {
	return func(c corpus) (pass, error) {
		s, size, found := ioc.New(types), c.bytes(), 0
		count := func(ioc.Match) { found++ }
		texts := textsOf(c)
		return func() (work, error) {
			for _, text := range texts {
				s.Scan(text, count)
			}
			if found == 0 {
				return work{}, fmt.Errorf("nothing found in %s", c.name)
			}
			return work{len(texts), size}, nil
		}, nil
	}
}

func textsOf(c corpus) []string {
	texts := make([]string, len(c.lines))
	for i, line := range c.lines {
		texts[i] = string(line)
	}
	return texts
}

// hold decodes n records, repeating the corpus.
func hold(c corpus, n int) (held []*pipeline.Batch, err error) {
	d := pipeline.NewDecoder(pipeline.NewDict())
	for i := range n {
		if err := d.Object(c.lines[i%len(c.lines)]); err != nil {
			return nil, err
		}
		if d.Len() == batchRows {
			held = append(held, d.Batch())
		}
	}
	if d.Len() > 0 {
		held = append(held, d.Batch())
	}
	return held, nil
}

func evaluate(source string) func(corpus) (pass, error) {
	return func(c corpus) (pass, error) {
		batches, err := hold(c, len(c.lines))
		if err != nil {
			return nil, err
		}
		e, err := expression.Condition(source, batches[0].Dict())
		if err != nil {
			return nil, err
		}
		return func() (work, error) {
			for _, b := range batches {
				for row := range b.Len() {
					if _, err := e.Holds(b, row); err != nil {
						return work{}, err
					}
				}
			}
			return work{records: len(c.lines)}, nil
		}, nil
	}
}

const heldRecords = 30_000

func holdBatches(c corpus) (pass, error) {
	held, err := hold(c, heldRecords)
	return collect(held), err
}

func holdNothing(corpus) (pass, error) { return collect(nil), nil }

func unpackAll(c corpus) (pass, error) {
	u, texts, size := unpack.New(unpack.Limits{}), textsOf(c), c.bytes()
	return func() (work, error) {
		for _, text := range texts {
			if len(u.Unpack(text)) == 0 {
				return work{}, fmt.Errorf("nothing in %s", text)
			}
		}
		return work{len(texts), size}, nil
	}, nil
}
