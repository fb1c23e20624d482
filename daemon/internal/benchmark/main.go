package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options are the command's flags.
type options struct {
	short    bool
	time     time.Duration
	only     string
	postgres string
	folder   string
	profile  string
	daemon   string // a case, in a process of its own
}

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	var o options
	flags := flag.NewFlagSet("benchmark", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.BoolVar(&o.short, "short", false, "seconds only: whether everything works")
	flags.DurationVar(&o.time, "time", time.Minute, "how long each measurement takes; lateness takes whole minutes")
	flags.StringVar(&o.only, "only", "", "the measurements whose name has this in it")
	flags.StringVar(&o.postgres, "postgres", os.Getenv("HUNTD_TEST_POSTGRES"), "the URL of a PostgreSQL server to make databases on")
	flags.StringVar(&o.folder, "dir", "", "where the SQLite files are written (default the system's folder for temporary files)")
	flags.StringVar(&o.profile, "profile", "", "a folder for the daemons' CPU profiles")
	flags.StringVar(&o.daemon, "daemon", "", "for the command's own use")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	work := func() error { return measureAll(ctx, o, out) }
	if o.daemon != "" {
		work = func() error { return serve(ctx, o.daemon, in, out) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	return 0
}

// measureAll prints the conditions, and a row for each measurement when it is
// done.
func measureAll(ctx context.Context, o options, out io.Writer) error {
	server, err := serverVersion(ctx, o.postgres)
	if err != nil {
		return err
	}
	conditions(out, o, server)
	for _, t := range tables(o) {
		heading := t.heading()
		for _, c := range t.cases {
			if !strings.Contains(c.Name, o.only) || c.postgres && o.postgres == "" {
				continue
			}
			fmt.Fprint(out, heading)
			heading = ""
			load := loadAverage()
			results, err := measure(ctx, o, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(append(t.row(c, results), load), " | "))
		}
	}
	return nil
}
