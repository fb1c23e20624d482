package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/views"
	"github.com/huntd/huntd/pipeline"
)

func (c *cli) pipeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pipe HUNT.yaml",
		Short: "Run a hunt's pipeline over records from a file or a pipe",
		Long: `Read records as NDJSON (plain, gzip or zstd), run the hunt's pipeline over them
and print the records that come out as NDJSON, without Splunk and without state.
Of the hunt file only name and pipeline are needed, and findings for --findings. It
may be a pipe that the command was started with: huntd pipe <(…), or /dev/stdin.

A line that is no record is reported with its number; the others are still
processed, and the exit code is 4.`,
		Args: oneArg("a hunt file"),
	}
	in := cmd.Flags().String("in", "-", "the file to read, - for standard input")
	findings := cmd.Flags().Bool("findings", false, "print the findings instead of the records")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		h, err := hunt.LoadPipeline(args[0])
		if err != nil {
			return asConfig(err)
		}
		if *findings && h.Findings == nil {
			return asConfig(fmt.Errorf("%s has no findings block, which --findings needs", args[0]))
		}
		r, err := c.open(*in)
		if err != nil {
			return err
		}
		return errors.Join(c.pipe(cmd, h, r, *in, *findings), r.Close())
	}
	return cmd
}

// open opens a file of records, or standard input.
func (c *cli) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return pipeline.Unpack(io.NopCloser(c.in))
	}
	return pipeline.OpenRecords(path)
}

func (c *cli) pipe(cmd *cobra.Command, h *hunt.Hunt, r io.Reader, name string, findings bool) error {
	src := &recordFile{Reader: r, name: name, dict: pipeline.NewDict(), errors: c.err}
	a, err := jobs.NewAnalysis(h, pipeline.Window{}, src.dict)
	if err != nil {
		return asConfig(err)
	}
	out := bufio.NewWriterSize(c.out, 64<<10)
	records := func(b *pipeline.Batch) error { return writeRecords(out, b) }
	if findings {
		records = nil
	}
	if err = a.Run(cmd.Context(), src, records); err == nil {
		err = writeFindings(out, a.Findings(), src.span)
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	notes := a.Notes()
	for _, what := range pipeline.NoteNames(notes) {
		fmt.Fprintf(c.err, "huntd: %s: %d\n", what, notes[what])
	}
	if src.bad > 0 {
		return fmt.Errorf("%s of %s left out: %w", views.FormatCount(src.bad, "line"), name, pipeline.ErrIncomplete)
	}
	return nil
}

// A recordFile is a file, or a pipe, of records as a source.
type recordFile struct {
	io.Reader
	name   string
	dict   *pipeline.Dict
	errors io.Writer

	bad  int             // lines that are no records
	span pipeline.Window // holds the times of all records that were read
}

// Fetch implements [pipeline.Source]: all records lie in the window.
func (f *recordFile) Fetch(ctx context.Context, _ pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	records := pipeline.ReadRecords(ctx, f.Reader, f.name, f.dict, func(e *pipeline.LineError) {
		f.bad++
		fmt.Fprintf(f.errors, "huntd: %v: this line is left out\n", e)
	})
	return func(yield func(*pipeline.Batch, error) bool) {
		for b, err := range records {
			f.widen(b)
			if !yield(b, err) {
				return
			}
		}
	}
}

// widen widens the span by the times of a batch.
func (f *recordFile) widen(b *pipeline.Batch) {
	timeKey := f.dict.Key("_time")
	for row := range b.Len() {
		t, ok := pipeline.ParseTime(b.Get(row, timeKey))
		if !ok {
			continue
		}
		if f.span.Empty() {
			f.span = pipeline.Window{From: t.Unix(), To: t.Unix() + 1}
		}
		f.span.From, f.span.To = min(f.span.From, t.Unix()), max(f.span.To, t.Unix()+1)
	}
}

func writeRecords(w io.Writer, b *pipeline.Batch) error {
	var line []byte
	for row := range b.Len() {
		line = append(b.AppendRecord(line[:0], row), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func writeFindings(w io.Writer, found []*pipeline.Finding, span pipeline.Window) error {
	enc := json.NewEncoder(w)
	for _, f := range found {
		f.Window = span
		if err := enc.Encode(f); err != nil {
			return err
		}
	}
	return nil
}
