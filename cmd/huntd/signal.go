package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/huntd/huntd/daemon"
)

const (
	// endTime is how long a command may take to end after the first signal, unless
	// it drains.
	endTime = 2 * time.Second
	// sameRequest is how soon after the first a signal is a copy of it: timeout(1)
	// signals its child, and then the group that the child is in.
	sameRequest = time.Second
)

// interruptible runs a command. SIGINT or SIGTERM ends its context; a command that
// does not end in time, or a second signal, is left behind with
// [context.Canceled]: reading a pipe, say, cannot be interrupted otherwise.
func (c *cli) interruptible(command func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	done := make(chan error, 1)
	go func() { done <- command(ctx) }()
	select {
	case err := <-done:
		return err
	case <-signals:
		cancel()
	}
	first := time.Now()
	late := time.NewTimer(max(endTime, time.Duration(c.drainTime.Load())))
	defer late.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-late.C:
			return context.Canceled
		case <-signals:
			if time.Since(first) > sameRequest {
				return context.Canceled
			}
		}
	}
}

// drains says that the command has work under way that it may end, or give back.
func (c *cli) drains() { c.drainTime.Store(int64(daemon.StopTime)) }
