package daemon

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

// connections are the ends of every Splunk of a setup. A connection may have
// only one: it is then missing among the others.
type connections struct {
	clients map[string]*splunk.Client
	sinks   map[string]*splunk.Collector
}

// connect makes the clients; none of them dials yet.
func connect(s *Setup, log *zap.Logger) (*connections, error) {
	c := &connections{clients: map[string]*splunk.Client{}, sinks: map[string]*splunk.Collector{}}
	for _, name := range s.ConnectionNames() {
		cfg, log := s.Connections[name], log.With(zap.String("connection", name))
		var err error
		if cfg.API.URL != "" {
			if c.clients[name], err = splunk.New(cfg, log); err != nil {
				return nil, fmt.Errorf("connection %s: %w", name, err)
			}
		}
		if cfg.HEC.URL != "" {
			if c.sinks[name], err = splunk.NewCollector(cfg, log); err != nil {
				return nil, fmt.Errorf("connection %s: %w", name, err)
			}
		}
	}
	return c, nil
}

// close lets go of idle connections; what is under way goes on.
func (c *connections) close() {
	for _, client := range c.clients {
		client.Close()
	}
	for _, sink := range c.sinks {
		sink.Close()
	}
}

// source opens the search of a hunt.
func (c *connections) source(h *jobs.Hunt, dict *pipeline.Dict, job func(sid string)) (pipeline.Source, error) {
	client, err := c.client(h)
	if err != nil {
		return nil, err
	}
	s := h.Search()
	s.Dict, s.OnJob = dict, job
	return client.Search(s), nil
}

// count asks how many events of a hunt's window were indexed at or after an
// instant.
func (c *connections) count(ctx context.Context, h *jobs.Hunt, w pipeline.Window, indexedFrom int64, job func(sid string)) (int, error) {
	client, err := c.client(h)
	if err != nil {
		return 0, err
	}
	s := h.Search()
	s.IndexedFrom, s.OnJob = indexedFrom, job
	return client.CountLate(ctx, s, w)
}

// cancel ends a search job of a hunt.
func (c *connections) cancel(ctx context.Context, h *jobs.Hunt, sid string) error {
	client, err := c.client(h)
	if err != nil {
		return err
	}
	return client.Cancel(ctx, sid)
}

func (c *connections) client(h *jobs.Hunt) (*splunk.Client, error) {
	client, ok := c.clients[h.Source.Connection]
	if !ok {
		return nil, pipeline.Permanent(fmt.Errorf("no connection %q to search with", h.Source.Connection))
	}
	return client, nil
}

// siem returns the kind of a connection.
func (s *Setup) siem(string) pipeline.SIEM { return splunk.SIEM{} }
