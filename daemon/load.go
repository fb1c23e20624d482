package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A HuntsError holds the mistakes of hunt files, where there are no others.
type HuntsError struct{ error }

// Load reads huntd.yaml and its hunts. Every mistake in any of the files is
// reported, each with its place. Beside a [*HuntsError] stands a Setup of the hunts
// that have no mistake, if there are any.
func Load(path string) (*Setup, error) {
	node, err := configs.Parse(path)
	var mistake *configs.Error
	if err != nil && !errors.As(err, &mistake) {
		return nil, err // there is no such file, or it cannot be read
	}
	s := &Setup{Config: DefaultConfig(), Path: path, node: node}
	known := err == nil
	if known {
		if err = configs.DecodeAs("huntd.yaml", node, &s.Config); err != nil {
			known = false
			s.salvage()
		}
	}
	err = errors.Join(err, s.resolve(), s.checkConfig())
	mistakes, failed := s.loadHunts(known)
	if err = errors.Join(err, failed); err != nil || len(s.Hunts) == 0 {
		return nil, errors.Join(err, mistakes)
	}
	if mistakes != nil {
		return s, &HuntsError{mistakes}
	}
	return s, nil
}

// loadUntil is [Load] until ctx ends. Reading a file, or trying a title's template,
// cannot be interrupted: it is then left behind.
func loadUntil(ctx context.Context, path string) (*Setup, error) {
	loaded := make(chan struct{})
	var setup *Setup
	var failed error
	go func() {
		defer close(loaded)
		setup, failed = Load(path)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-loaded:
		return setup, failed
	}
}

// salvage takes from a file with mistakes what is right in it, so that the rest
// can be checked in the same go.
func (s *Setup) salvage() {
	if n := s.node.Child("hunts"); n.Kind() == configs.Scalar {
		s.Config.Hunts = configs.Path(n.Text())
	}
	if n := s.node.Child("state"); n.Kind() == configs.Scalar {
		s.State = n.Text()
	}
	s.Connections = map[string]splunk.Config{}
	all := s.node.Child("connections")
	for _, name := range all.Keys() {
		var c splunk.Config
		c.SetDefaults()
		if n := all.Child(name); n.Kind() == configs.Mapping && configs.Decode(n, &c) == nil {
			s.Connections[name] = c
		}
	}
}

// resolve makes the paths in huntd.yaml absolute.
func (s *Setup) resolve() error {
	hunts, err := configs.Beside(s.Path, string(s.Config.Hunts))
	if err != nil {
		return err
	}
	s.Config.Hunts = configs.Path(hunts)
	if file, ok := strings.CutPrefix(s.State, "sqlite:"); ok {
		if file, err = configs.Beside(s.Path, file); err != nil {
			return err
		}
		s.State = "sqlite:" + file
	}
	return nil
}

// checkConfig reports what is wrong with settings that can be read.
func (s *Setup) checkConfig() error {
	var errs []error
	for _, name := range s.ConnectionNames() {
		for _, f := range s.Connections[name].Faults() {
			errs = append(errs, configs.Errorf(s.placeOf(name, f), "connection %s: %w", name, f))
		}
	}
	if err := state.Validate(s.State); err != nil {
		errs = append(errs, configs.Errorf(s.node.At("state"), "%w", err))
	}
	return errors.Join(errs...)
}

// placeOf is where a fault of a connection stands.
func (s *Setup) placeOf(connection string, f *splunk.ConfigError) *configs.Node {
	return s.node.At(append([]string{"connections", connection}, strings.Split(f.Key, ".")...)...)
}

// checkConnections makes sure that a hunt's connections are there and have the
// side that it needs.
func (s *Setup) checkConnections(h *jobs.Hunt) error {
	from, to := s.Connections[h.Source.Connection], s.Connections[h.Deliver.Connection]
	return errors.Join(
		s.checkConnection(h, "source.connection", h.Source.Connection, from.API.URL, "no api.url, so that nothing can be searched with it"),
		s.checkConnection(h, "deliver.connection", h.Deliver.Connection, to.HEC.URL, "no hec.url, so that nothing can be delivered to it"),
	)
}

func (s *Setup) checkConnection(h *jobs.Hunt, key, name, url, lack string) error {
	if _, ok := s.Connections[name]; ok {
		if url == "" {
			return h.Errorf(key, "connection %q in %s has %s", name, s.Path, lack)
		}
		return nil
	}
	if key == "deliver.connection" && name == h.Source.Connection {
		return nil // said once already
	}
	return h.Errorf(key, "no connection %q in %s: %s", name, s.Path, hint(name, s.ConnectionNames(), "connections"))
}

// hint helps with a name that is not there.
func hint(name string, known []string, what string) string {
	if near, ok := configs.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Sprintf("%s there: %s", what, strings.Join(known, ", "))
}
