package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/outbox"
)

// A stager packs events into bodies and stores them as they fill up, but for the
// last, which the commit stores. While a lane warms up it counts them and lets them
// go.
type stager struct {
	ctx    context.Context
	ledger RunLedger
	run    Run
	dest   string
	packer outbox.Packer
	staged int

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
	if len(full) == 0 {
		return nil
	}
	bodies := s.bodies(full)
	if err := s.ledger.Stage(s.ctx, s.run, s.staged, bodies, time.Now()); err != nil {
		return fmt.Errorf("stage events: %w", err)
	}
	s.staged += len(bodies)
	return nil
}

// leave leaves what is packed, but not stored, to the commit.
func (s *stager) leave(c *Commit) error {
	rest, err := s.packer.Flush()
	c.Bodies, c.Staged = s.bodies(rest), s.staged
	return err
}

func (s *stager) bodies(parts []outbox.Part) []Body {
	bodies := make([]Body, len(parts))
	for i, p := range parts {
		bodies[i] = Body{Dest: s.dest, Data: p.Body, Events: p.Events}
	}
	return bodies
}
