package daemon

import (
	"context"
	"errors"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/state"
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
