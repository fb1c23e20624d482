package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// A table compares ways to do one thing.
type table struct {
	title string
	rows  []row
	// alone: what a row readies is dropped before the next one is begun.
	alone bool
}

// A row is one way on one corpus.
type row struct {
	name   string
	corpus corpus
	// begin readies what is not measured and returns what is: it goes over the
	// corpus once and says how much of it it did.
	begin func(corpus) (pass, error)
}

// A pass does its work once, over so many records and bytes.
type pass func() (work, error)

type work struct{ records, bytes int }

// A cost is what some work took.
type cost struct {
	work
	cpu           time.Duration
	allocs, alloc uint64
}

func (c cost) perRecord() float64 { return float64(c.cpu.Nanoseconds()) / float64(max(c.records, 1)) }

// measure makes passes until they have taken the time.
func measure(p pass, spend time.Duration) (cost, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var c cost
	for begin := processorTime(); ; {
		done, err := p()
		if err != nil {
			return c, err
		}
		c.records += done.records
		c.bytes += done.bytes
		if c.cpu = processorTime() - begin; c.cpu >= spend {
			break
		}
	}
	runtime.ReadMemStats(&after)
	c.allocs, c.alloc = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	if c.records == 0 {
		return c, fmt.Errorf("no record was worked on")
	}
	return c, nil
}

// measure returns the best of some rounds for each row, a round of all in turns.
func (t table) measure(spend time.Duration, rounds int) ([]cost, error) {
	if t.alone {
		return t.measureAlone(spend, rounds)
	}
	best, passes := make([]cost, len(t.rows)), make([]pass, len(t.rows))
	for i, r := range t.rows {
		var err error
		if passes[i], err = r.begin(r.corpus); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	for range rounds {
		for i, r := range t.rows {
			c, err := measure(passes[i], spend)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.name, err)
			}
			best[i] = better(best[i], c)
		}
	}
	return best, nil
}

// measureAlone is measure with one row after the other.
func (t table) measureAlone(spend time.Duration, rounds int) ([]cost, error) {
	best := make([]cost, len(t.rows))
	for i, r := range t.rows {
		p, err := r.begin(r.corpus)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		for range rounds {
			c, err := measure(p, spend)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.name, err)
			}
			best[i] = better(best[i], c)
		}
	}
	return best, nil
}

func better(a, b cost) cost {
	if a.records == 0 || b.perRecord() < a.perRecord() {
		return b
	}
	return a
}

// print measures the rows and writes the table.
func (t table) print(out io.Writer, spend time.Duration, rounds int) error {
	costs, err := t.measure(spend, rounds)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", t.title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "corpus\tbytes/record\tCPU/record\trecords/s\tMB/s\tallocs/record\tB/record\t  \n")
	for i, r := range t.rows {
		c, n := costs[i], float64(costs[i].records)
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%s\t%.1f\t%.0f\t  %s\n", r.corpus.name, float64(c.bytes)/n, time.Duration(c.perRecord()),
			grouped(n/c.cpu.Seconds()), megabytes(c), float64(c.allocs)/n, float64(c.alloc)/n, r.name)
	}
	return w.Flush()
}

func megabytes(c cost) string {
	if c.bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4g", float64(c.bytes)/c.cpu.Seconds()/1e6)
}

// grouped writes a count with commas between thousands.
func grouped(n float64) string {
	s := fmt.Sprintf("%.0f", n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
