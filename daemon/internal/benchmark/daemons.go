package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// measure runs the daemons of a case on a new state and returns what each found.
func measure(ctx context.Context, o options, w workload) (results []result, err error) {
	if o.short && w.Kind != lateness {
		w.Measure = min(w.Measure, shortTime)
	}
	folder, err := os.MkdirTemp(o.folder, "huntd-benchmark-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	url := "sqlite:" + filepath.Join(folder, "huntd.db")
	if w.postgres {
		var drop func() error
		if url, drop, err = newDatabase(ctx, o.postgres); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, drop()) }()
	}
	if err := writeFiles(folder, url, w); err != nil {
		return nil, err
	}
	return together(ctx, o, folder, url, w)
}

// together starts the daemons, lets them measure at the same time, and ends
// them when all have.
func together(ctx context.Context, o options, folder, url string, w workload) ([]result, error) {
	ctx, cancel := context.WithCancel(ctx)
	var children []*child
	defer func() {
		cancel()
		for _, c := range children {
			_ = c.wait() // what matters of it was said before
		}
	}()
	for i := range w.Daemons {
		if o.profile != "" {
			w.Profile = filepath.Join(o.profile, fmt.Sprintf("%s %d %d.pprof", w.Name, w.Hunts, i))
		}
		c, err := startChild(ctx, folder, w)
		if err != nil {
			return nil, err
		}
		children = append(children, c)
	}
	if err := throughSteps(ctx, children, url, w); err != nil {
		return nil, err
	}
	results := make([]result, len(children))
	for i, c := range children {
		results[i] = c.last.Result
		if err := errors.Join(c.say(), c.wait()); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// throughSteps waits until all children are ready, lets them measure, and waits
// until all have.
func throughSteps(ctx context.Context, children []*child, url string, w workload) error {
	for _, c := range children {
		if err := c.hear(ready); err != nil {
			return err
		}
	}
	if w.postgres { // the server would do it by itself a minute later
		if err := statement(ctx, url, "ANALYZE"); err != nil {
			return err
		}
	}
	for _, c := range children {
		if err := c.say(); err != nil {
			return err
		}
	}
	for _, c := range children {
		if err := c.hear(measured); err != nil {
			return err
		}
	}
	return nil
}

// The steps that a daemon tells of, each in a line of JSON. It goes on when it
// is sent a line.
const (
	ready    = "ready"
	measured = "measured"
)

// A message is a daemon's.
type message struct {
	Step   string
	Result result
}

// A child is a daemon in a process of its own.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	last message

	wait func() error
}

func startChild(ctx context.Context, folder string, w workload) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	spec, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "-daemon", string(spec))}
	c.cmd.Dir, c.cmd.Stderr = folder, os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	c.wait = sync.OnceValue(c.cmd.Wait)
	return c, c.cmd.Start()
}

func (c *child) hear(step string) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("a daemon ended before it was %s: %w", step, errors.Join(err, c.wait()))
	}
	if err := json.Unmarshal(line, &c.last); err != nil {
		return fmt.Errorf("a daemon said %q: %w", line, err)
	}
	if c.last.Step != step {
		return fmt.Errorf("a daemon is %s, and not %s", c.last.Step, step)
	}
	return nil
}

func (c *child) say() error {
	_, err := io.WriteString(c.in, "go on\n")
	return err
}
