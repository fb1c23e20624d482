package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

// sandboxOptions are the flags of huntd sandbox.
type sandboxOptions struct {
	load     []string
	received string
	shiftTo  string
	offset   string
	config   sandbox.Config
}

func (c *cli) sandboxCommand() *cobra.Command {
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox [--load FILE…]",
		Short: "Run a small Splunk to try hunts on",
		Long: `Run a small Splunk in this process: the search part of the REST API and the HTTP
Event Collector, with the events of some files in it. Its HEC token may write to
any index. Nothing is kept: what it knows is gone when it ends.

The files hold NDJSON, plain, gzip or zstd, an object a line, with _time (epoch
seconds or RFC 3339) and, if you like, _indextime, index, host, source,
sourcetype, _raw and any other fields.

When it is ready it prints one line of JSON with its addresses and credentials:
api, hec, user, password, token, hec_token and, with --tls, ca_file. It ends on
SIGTERM or SIGINT.`,
		Example: `  huntd sandbox --load events/*.ndjson.gz --shift-to now --received out.ndjson`,
		Args:    cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.load, "load", nil, "load the events of a file; may be repeated, and more files may follow")
	f.StringVar(&o.config.API, "api", "127.0.0.1:0", "the address of the REST API, HOST:PORT; port 0 is a free one")
	f.StringVar(&o.config.HEC, "hec", "127.0.0.1:0", "the address of the HTTP Event Collector")
	f.StringVar(&o.received, "received", "", "append a line of JSON to this file for each event that HEC accepts, before it says so")
	f.BoolVar(&o.config.TLS, "tls", false, "serve https, with an authority made for it")
	f.StringVar(&o.shiftTo, "shift-to", "", "move the newest event to this time, and all others by as much: now, RFC 3339 or epoch seconds")
	f.StringVar(&o.offset, "clock-offset", "0s", "by how much its clock is ahead of this host's, such as 10m or -10m")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.load = append(o.load, args...)
		return c.sandbox(cmd, o)
	}
	return cmd
}

// sandbox serves until it is told to stop.
func (c *cli) sandbox(cmd *cobra.Command, o sandboxOptions) (err error) {
	if _, err := shiftTime(o.shiftTo); err != nil {
		return err
	}
	for flag, addr := range map[string]string{"api": o.config.API, "hec": o.config.HEC} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return usagef("--%s is HOST:PORT, such as 127.0.0.1:8089, got %q", flag, addr)
		}
	}
	if o.config.Clock, err = offsetClock(o.offset); err != nil {
		return err
	}
	received, err := openReceived(o.received)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, received.Close()) }()
	o.config.Received = received
	s, err := sandbox.Start(o.config)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, path := range o.load {
		if cmd.Context().Err() != nil {
			return nil // told to stop before it was ready
		}
		if err := s.LoadFile(path); err != nil {
			return err
		}
	}
	if o.shiftTo != "" {
		t, err := shiftTime(o.shiftTo) // now is when all is loaded
		if err != nil {
			return err
		}
		s.ShiftTo(t)
	}
	if err := json.NewEncoder(c.out).Encode(s.Ready()); err != nil {
		return err
	}
	<-cmd.Context().Done()
	return nil
}

// shiftTime reads --shift-to.
func shiftTime(text string) (time.Time, error) {
	if text == "" || text == "now" {
		return time.Now().Truncate(time.Microsecond), nil
	}
	t, ok := pipeline.ParseTime(text)
	if !ok {
		return t, usagef("--shift-to is now, RFC 3339 or epoch seconds, got %q", text)
	}
	return t, nil
}

// offsetClock returns the clock that --clock-offset describes.
func offsetClock(text string) (func() time.Time, error) {
	size, behind := strings.CutPrefix(text, "-")
	offset, err := configs.ParseDuration(size)
	if err != nil {
		return nil, usagef("--clock-offset: %v", err)
	}
	if behind {
		offset = -offset
	}
	return func() time.Time { return time.Now().Add(offset) }, nil
}

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

func openReceived(path string) (io.WriteCloser, error) {
	if path == "" {
		return nowhere{io.Discard}, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--received: %w", err)
	}
	return f, nil
}
