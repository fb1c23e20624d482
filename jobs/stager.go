package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/outbox"
)

// A stager packs events into bodies and stores them as they fill up. While a
// lane warms up it counts them and lets them go.
type stager struct {
	ctx    context.Context
	ledger RunLedger
	run    Run
	dest   string
	packer outbox.Packer
	seq    int

	discard   bool
	discarded int
}

func (s *stager) add(line []byte) error {
	if s.discard {
		s.discarded++
		return nil
	}
	full, err := s.packer.Add(line)
	if err != nil {
		return err
	}
	return s.store(full)
}

func (s *stager) flush() error {
	rest, err := s.packer.Flush()
	if err != nil {
		return err
	}
	return s.store(rest)
}

func (s *stager) store(parts []outbox.Part) error {
	if len(parts) == 0 {
		return nil
	}
	bodies := make([]Body, len(parts))
	for i, p := range parts {
		bodies[i] = Body{Dest: s.dest, Data: p.Body, Events: p.Events}
	}
	if err := s.ledger.Stage(s.ctx, s.run, s.seq, bodies, time.Now()); err != nil {
		return fmt.Errorf("stage events: %w", err)
	}
	s.seq += len(bodies)
	return nil
}
