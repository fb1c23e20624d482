// Command benchmark prints what huntd's inner parts cost, beside others doing
// the same work on the same text:
//
//	go run ./pipeline/internal/benchmark
//
// Every row of the table is a line in rows.go; there a new one is added. A row
// goes over a corpus, again and again, on one processor; of some rounds the best
// counts. What is given is processor time, the collector's included, since
// machines that measure are seldom alone: rows that stand together under one
// heading were measured in turns, one round each, so that a busy moment is borne
// by all of them.
//
// The corpora are made by the project's generator, pipeline/story, and where the
// real recordings lie beside the source tree, out of those too. Of what is slow
// only as much of a corpus is read as a second or so takes, which the table
// leaves out, since figures are per byte and per record.
//
// Nothing of this is in the huntd binary, nor are the libraries it is measured
// by.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) int {
	flags := flag.NewFlagSet("benchmark", flag.ContinueOnError)
	flags.SetOutput(errOut)
	spend := flags.Duration("time", 300*time.Millisecond, "the processor time of a round")
	rounds := flags.Int("rounds", 3, "of how many rounds the best counts")
	only := flags.String("only", "", "the tables whose heading has this in it")
	size := flags.Int("bytes", 8<<20, "the size of a corpus")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	runtime.GOMAXPROCS(1)
	fmt.Fprintf(out, "%s, %s/%s, one processor of %d, best of %d rounds\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *rounds)
	tables, err := tables(*size)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	for _, t := range tables {
		if !strings.Contains(t.title, *only) {
			continue
		}
		if err := t.print(out, *spend, *rounds); err != nil {
			fmt.Fprintf(errOut, "%s: %v\n", t.title, err)
			return 1
		}
	}
	return 0
}
