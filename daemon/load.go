package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A HuntsError holds the mistakes of hunt files, where there are no others.
type HuntsError struct{ error }

// Load reads huntd.yaml, with the layers that override it, and its hunts. Every
// mistake in any of them is reported, each with its place. Beside a [*HuntsError]
// stands a Setup of the hunts that have no mistake, if there are any.
func Load(path string, above ...configs.Layer) (*Setup, error) {
	node, err := configs.Parse(path, above...)
	var mistake *configs.Error
	if err != nil && !errors.As(err, &mistake) {
		return nil, err // there is no such file, or it cannot be read
	}
	s := &Setup{Config: DefaultConfig(), Path: path, above: above, node: node}
	if err == nil {
		err = configs.DecodeAs("huntd.yaml", node, &s.Config)
	}
	err = errors.Join(err, s.resolve(), s.checkConfig())
	mistakes, failed := s.loadHunts()
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
func loadUntil(ctx context.Context, path string, above []configs.Layer) (*Setup, error) {
	loaded := make(chan struct{})
	var setup *Setup
	var failed error
	go func() {
		defer close(loaded)
		setup, failed = Load(path, above...)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-loaded:
		return setup, failed
	}
}

// resolve makes those paths absolute that [configs.Decode] does not: the default of
// hunts, and the file of the state.
func (s *Setup) resolve() error {
	hunts, err := configs.Beside(s.Path, string(s.Config.Hunts))
	if err != nil {
		return err
	}
	s.Config.Hunts = configs.Path(hunts)
	if file, ok := strings.CutPrefix(s.State, "sqlite:"); ok {
		if file, err = s.node.At("state").Resolve(file); err != nil {
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
	all := s.node.Child("connections")
	switch _, ok := s.Connections[name]; {
	case ok && url == "":
		return h.Errorf(key, "connection %q in %s has %s", name, s.Path, lack)
	case ok, all.Kind() != configs.Mapping, all.Child(name) != nil:
		return nil // a connection with mistakes is not in s.Connections
	case key == "deliver.connection" && name == h.Source.Connection:
		return nil // said once already
	}
	return h.Errorf(key, "no connection %q in %s: %s", name, s.Path, hint(name, slices.Sorted(slices.Values(all.Keys())), "connections"))
}

// hint helps with a name that is not there.
func hint(name string, known []string, what string) string {
	if near, ok := configs.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Sprintf("%s there: %s", what, strings.Join(known, ", "))
}
