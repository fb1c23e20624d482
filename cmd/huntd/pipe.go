package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/jobs"
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
		h, err := jobs.LoadPipeline(args[0])
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

func (c *cli) pipe(cmd *cobra.Command, h *jobs.Hunt, r io.Reader, name string, findings bool) error {
	dict := pipeline.NewDict()
	steps, err := h.Steps(dict)
	if err != nil {
		return asConfig(err)
	}
	out := bufio.NewWriterSize(c.out, 64<<10)
	bad := 0
	records := pipeline.ReadRecords(cmd.Context(), r, name, dict, func(e *pipeline.LineError) {
		bad++
		fmt.Fprintf(c.err, "huntd: %v: this line is left out\n", e)
	})
	var span pipeline.Window
	finder := jobs.NewFinder(h, span)
	stats, err := pipeline.Run(cmd.Context(), watchSpan(records, dict, &span), span, steps, func(b *pipeline.Batch) error {
		defer b.Release()
		if findings {
			return finder.Add(b)
		}
		return writeRecords(out, b)
	})
	if err == nil && findings {
		err = writeFindings(out, finder.Findings(), span)
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	notes := stats.Notes()
	for _, what := range pipeline.NoteNames(notes) {
		fmt.Fprintf(c.err, "huntd: %s: %d\n", what, notes[what])
	}
	if bad > 0 {
		return fmt.Errorf("%s of %s left out: %w", views.FormatCount(bad, "line"), name, pipeline.ErrIncomplete)
	}
	return nil
}

// watchSpan widens span to hold the times of the records that pass.
func watchSpan(src iter.Seq2[*pipeline.Batch, error], dict *pipeline.Dict, span *pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	timeKey := dict.Key("_time")
	return func(yield func(*pipeline.Batch, error) bool) {
		for b, err := range src {
			for row := range b.Len() {
				t, ok := pipeline.ParseTime(b.Get(row, timeKey))
				if !ok {
					continue
				}
				if span.Empty() {
					*span = pipeline.Window{From: t.Unix(), To: t.Unix() + 1}
				}
				span.From, span.To = min(span.From, t.Unix()), max(span.To, t.Unix()+1)
			}
			if !yield(b, err) {
				return
			}
		}
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
