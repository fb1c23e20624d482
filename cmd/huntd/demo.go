package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
	"github.com/huntd/huntd/pipeline/story"
)

func (c *cli) demoCommand() *cobra.Command {
	d := &demo{cli: c}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Hunt through a made-up working day in a Splunk of its own",
		Long: `Start a small Splunk inside this process, fill it with a made-up working day in
which three attacks are hidden, and run the shipped hunts on it as the daemon
would: login, search, pipeline, ledger, HTTP Event Collector. Nothing outside a
temporary folder and loopback is touched.

The exit code is 0 only if every attack was found and delivered, and nothing
else was.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context()) },
	}
	cmd.Flags().Uint64Var(&d.seed, "seed", 1, "another seed makes another day")
	d.output = outputFlag(cmd)
	cmd.Flags().StringVar(&d.keep, "keep", "", "keep data, configuration, state and received events in this folder")
	return cmd
}

// demoTimeout bounds the demo: what has not come about by then never will.
const demoTimeout = 2 * time.Minute

// A demo is one run of the demo.
type demo struct {
	jobs.NopObserver
	*cli
	seed   uint64
	output *string
	keep   string

	dir     string
	start   time.Time
	story   *story.Story
	splunk  *sandbox.Sandbox
	events  int
	read    atomic.Int64
	windows atomic.Int64
	failed  chan error
	changed chan struct{}
	mu      sync.Mutex // guards what is printed
}

func (d *demo) run(ctx context.Context) error {
	if err := checkOutput(*d.output); err != nil {
		return err
	}
	d.drains()
	d.start, d.failed, d.changed = time.Now(), make(chan error, 1), make(chan struct{}, 1)
	ctx, cancel := context.WithTimeout(ctx, demoTimeout)
	defer cancel()
	if err := d.folder(); err != nil {
		return err
	}
	if d.keep == "" {
		defer func() { _ = os.RemoveAll(d.dir) }() // a temporary folder; nothing depends on it
	}
	received, err := os.Create(filepath.Join(d.dir, "received.ndjson"))
	if err != nil {
		return err
	}
	defer received.Close()
	if err := d.tell(); err != nil {
		return err
	}
	if err := d.serve(received); err != nil {
		return err
	}
	defer d.splunk.Close()
	setup, err := d.configure()
	if err != nil {
		return err
	}
	if err := d.hunt(ctx, setup); err != nil {
		return err
	}
	return d.judge(setup)
}

// folder makes the demo's folder. A folder to keep must be new or empty: the
// demo overwrites nothing.
func (d *demo) folder() (err error) {
	if d.keep == "" {
		d.dir, err = os.MkdirTemp("", "huntd-demo-")
		return err
	}
	if d.dir, err = filepath.Abs(d.keep); err != nil {
		return err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.dir)
	if err == nil && len(entries) > 0 {
		return usagef("--keep %s: the folder is not empty; name a new one", d.keep)
	}
	return err
}

// progress tells a person what is going on.
func (d *demo) progress(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.err, "%5.1fs  %s\n", time.Since(d.start).Seconds(), fmt.Sprintf(format, args...))
}

// tell makes up the day and writes it down.
func (d *demo) tell() (err error) {
	d.story, err = story.New(d.seed, story.Options{End: d.start.Truncate(time.Second)})
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(d.dir, "events.ndjson.gz"))
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := d.story.WriteTo(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	d.events = d.story.Len()
	d.progress("made up a working day (seed %d): %d events, %d attacks hidden in it", d.seed, d.events, len(d.story.Planted()))
	return nil
}

// serve starts the sandbox on the day's events.
func (d *demo) serve(received io.Writer) (err error) {
	d.splunk, err = sandbox.Start(sandbox.Config{Received: received})
	if err != nil {
		return err
	}
	if err := d.splunk.LoadFile(filepath.Join(d.dir, "events.ndjson.gz")); err != nil {
		return err
	}
	ready := d.splunk.Ready()
	d.progress("a small Splunk answers at %s, its event collector at %s", ready.API, ready.HEC)
	return nil
}

// configure writes a configuration as a user would, with the secrets in files
// of their own, and loads it.
func (d *demo) configure() (*daemon.Setup, error) {
	ready := d.splunk.Ready()
	huntd := map[string]any{
		"connections": map[string]any{"main": map[string]any{
			"api": map[string]any{"url": ready.API, "user": ready.User, "password": "file:password"},
			"hec": map[string]any{"url": ready.HEC, "token": "file:hec-token"},
		}},
		"hunts": "hunts.d",
		"state": "sqlite:huntd.db",
	}
	text, err := json.MarshalIndent(huntd, "", "  ")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(d.dir, "huntd.yaml")
	for path, content := range map[string][]byte{
		config: text, filepath.Join(d.dir, "password"): []byte(ready.Password), filepath.Join(d.dir, "hec-token"): []byte(ready.HECToken),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.CopyFS(filepath.Join(d.dir, "hunts.d"), configs.ShippedHunts()); err != nil {
		return nil, err
	}
	return daemon.Load(config)
}

// hunt runs the daemon until every hunt has covered what is due and every
// event is confirmed.
func (d *demo) hunt(ctx context.Context, setup *daemon.Setup) error {
	log, err := d.logger(daemon.LogConfig{Level: "warn", Format: "text"})
	if err != nil {
		return err
	}
	hunter, err := daemon.Open(ctx, setup, log, daemon.WithObserver(d))
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- hunter.Run(running, nil) }()
	err = d.wait(ctx, hunter)
	stop()
	return errors.Join(err, <-done, hunter.Close())
}

func (d *demo) wait(ctx context.Context, hunter *daemon.Daemon) error {
	for {
		idle, err := hunter.Idle(ctx)
		if err != nil || idle {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the demo did not end within %s: %w", demoTimeout, ctx.Err())
		case err := <-d.failed:
			return err
		case <-d.changed:
		}
	}
}

// Failed implements [jobs.Observer].
func (d *demo) Failed(run jobs.Run, err error) {
	select {
	case d.failed <- fmt.Errorf("hunt %s: %w", run.Hunt, err):
	default:
	}
}

// Retried implements [jobs.Observer]. Nothing fails for a moment in a demo.
func (d *demo) Retried(run jobs.Run, _ time.Duration, err error) { d.Failed(run, err) }

// Committed implements [jobs.Observer].
func (d *demo) Committed(c jobs.Commit, _ time.Duration) {
	run, res := c.Run, c.Result
	d.windows.Add(1)
	d.read.Add(int64(res.RecordsIn))
	d.progress("%-18s %s: %d events read, %d findings", run.Hunt, run.Window, res.RecordsIn, res.Findings)
	d.poke()
}

func (d *demo) poke() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// Confirmed implements [outbox.Observer]: it prints the findings of a body.
func (d *demo) Confirmed(it outbox.Item) {
	defer d.poke()
	events, err := splunk.SIEM{}.Split(it.Body)
	if err != nil {
		d.progress("%v", err)
		return
	}
	for _, line := range events {
		var e receivedEvent
		if err := json.Unmarshal(line, &e); err == nil && *d.output == "text" {
			d.mu.Lock()
			fmt.Fprintf(d.out, "FOUND  [%s] %s\n", e.Event.Severity, e.Event.Title)
			d.mu.Unlock()
		}
	}
}
