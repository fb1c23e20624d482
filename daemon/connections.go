package daemon

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// connections are the ends of all connections of a setup. A connection may have
// only one: it is then missing among the others.
type connections struct {
	searchers map[string]pipeline.Searcher
	sinks     map[string]pipeline.Sink
}

// A clocked searcher can tell the clock of its server.
type clocked interface {
	// Address tells servers apart.
	Address() string
	// Clock returns the newest reading, false if there is none that still holds.
	Clock(now time.Time) (pipeline.ClockReading, bool)
	// AskClock makes the server send a reply.
	AskClock(ctx context.Context) error
	// Refused reports whether the server refuses the credentials.
	Refused() bool
}

// connect makes the ends; none of them dials yet.
func connect(s *Setup, log *zap.Logger) (*connections, error) {
	c := &connections{searchers: map[string]pipeline.Searcher{}, sinks: map[string]pipeline.Sink{}}
	for _, name := range s.ConnectionNames() {
		cfg, log := s.Connections[name], log.With(zap.String("connection", name))
		var err error
		if cfg.CheckSearcher() == nil {
			if c.searchers[name], err = cfg.NewSearcher(log); err != nil {
				return nil, fmt.Errorf("connection %s: %w", name, err)
			}
		}
		if cfg.CheckSink() == nil {
			if c.sinks[name], err = cfg.NewSink(log); err != nil {
				return nil, fmt.Errorf("connection %s: %w", name, err)
			}
		}
	}
	return c, nil
}

// close closes idle connections; what is under way goes on.
func (c *connections) close() {
	for _, searcher := range c.searchers {
		closeIdle(searcher)
	}
	for _, sink := range c.sinks {
		closeIdle(sink)
	}
}

func closeIdle(end any) {
	if e, ok := end.(interface{ Close() }); ok {
		e.Close()
	}
}

// source opens the search of a hunt.
func (c *connections) source(h *hunt.Hunt, dict *pipeline.Dict, job func(id string)) (pipeline.Source, error) {
	searcher, err := c.searcher(h)
	if err != nil {
		return nil, err
	}
	s := h.Search()
	s.Dict, s.OnJob = dict, job
	return searcher.Search(s), nil
}

// count asks how many events of a hunt's window were indexed at or after an
// instant.
func (c *connections) count(ctx context.Context, h *hunt.Hunt, w pipeline.Window, indexedFrom int64, job func(id string)) (int, error) {
	searcher, err := c.searcher(h)
	if err != nil {
		return 0, err
	}
	s := h.Search()
	s.IndexedFrom, s.OnJob = indexedFrom, job
	return searcher.CountLate(ctx, s, w)
}

// cancel ends a search job of a hunt.
func (c *connections) cancel(ctx context.Context, h *hunt.Hunt, job string) error {
	searcher, err := c.searcher(h)
	if err != nil {
		return err
	}
	return searcher.Cancel(ctx, job)
}

func (c *connections) searcher(h *hunt.Hunt) (pipeline.Searcher, error) {
	searcher, ok := c.searchers[h.Source.Connection]
	if !ok {
		return nil, pipeline.Permanent(fmt.Errorf("no connection %q to search with", h.Source.Connection))
	}
	return searcher, nil
}

// addresses are those of the servers whose clock is compared, "" of a connection
// without one.
func (c *connections) addresses() map[string]string {
	addresses := map[string]string{}
	for name, searcher := range c.searchers {
		addresses[name] = ""
		if s, ok := searcher.(clocked); ok {
			addresses[name] = s.Address()
		}
	}
	return addresses
}
