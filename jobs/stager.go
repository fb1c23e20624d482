package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

// A stager packs events into bodies and stores them as they fill up, but for the
// last, which the commit stores. While a lane warms up it counts and drops them.
type stager struct {
	ctx    context.Context
	runner *Runner
	hunt   *hunt.Hunt
	run    Run
	packer outbox.Packer
	staged int

	discard   bool
	discarded int
}

func newStager(ctx context.Context, r *Runner, h *hunt.Hunt, run Run, m Memory) *stager {
	return &stager{
		ctx: ctx, runner: r, hunt: h, run: run, packer: outbox.Packer{Format: h.Format()},
		discard: run.Lane.Kind().Tiles && run.Window.To <= m.ReportFrom,
	}
}

func (s *stager) addFindings(report []*pipeline.Finding) error {
	for _, f := range report {
		ev, err := event(f, s.run.ID)
		if err != nil {
			return pipeline.Permanent(err)
		}
		if err := s.add(s.hunt.AppendEvent(nil, ev)); err != nil {
			return err
		}
	}
	return nil
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
	if err := s.runner.Ledger.Stage(s.ctx, s.run, s.staged, bodies, time.Now()); err != nil {
		return fmt.Errorf("stage events: %w", err)
	}
	s.staged += len(bodies)
	s.runner.observer().Staged(s.run, bodies)
	return nil
}

// leave leaves what is packed, but not stored, to the commit. Of a window that warms
// up it notes what was dropped.
func (s *stager) leave(c *Commit) error {
	if s.discard {
		c.Result.Notes["warm_up.events"] = s.discarded
		c.Result.Findings = 0
		return nil
	}
	rest, err := s.packer.Flush()
	c.Bodies, c.Staged = s.bodies(rest), s.staged
	return err
}

func (s *stager) bodies(parts []outbox.Part) []Body {
	bodies := make([]Body, len(parts))
	for i, p := range parts {
		bodies[i] = Body{Dest: s.hunt.Deliver.Connection, Data: p.Body, Events: p.Events}
	}
	return bodies
}
