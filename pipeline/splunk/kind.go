package splunk

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// SIEM returns what all Splunks have in common.
func (*Config) SIEM() pipeline.SIEM { return SIEM{} }

// CheckSearcher returns why the connection cannot be searched, nil if it can.
func (c *Config) CheckSearcher() error {
	if c.API.URL == "" {
		return errors.New("no api.url, so that nothing can be searched with it")
	}
	return nil
}

// CheckSink returns why the connection cannot be delivered to, nil if it can.
func (c *Config) CheckSink() error {
	if c.HEC.URL == "" {
		return errors.New("no hec.url, so that nothing can be delivered to it")
	}
	return nil
}

// SearchLimit returns max_searches.
func (c *Config) SearchLimit() int { return c.MaxSearches }

// NewSearcher returns the searching side of the connection. It opens no connection
// yet.
func (c *Config) NewSearcher(log *zap.Logger) (pipeline.Searcher, error) { return New(*c, log) }

// NewSink returns the delivering side of the connection. It opens no connection
// yet.
func (c *Config) NewSink(log *zap.Logger) (pipeline.Sink, error) { return NewCollector(*c, log) }

var _ pipeline.Searcher = (*Client)(nil)

// CheckOnline logs in, and returns who huntd is to Splunk.
func (c *Client) CheckOnline(ctx context.Context) (string, error) {
	who, err := c.Check(ctx)
	if err != nil {
		return "", fmt.Errorf("api: %w", err)
	}
	return "api: logged in as " + who.User, nil
}

// Address returns the URL of the management port.
func (c *Client) Address() string { return c.cfg.API.URL }

// CheckOnline asks for the health of HEC, and proves the token.
func (c *Collector) CheckOnline(ctx context.Context) (string, error) {
	for _, check := range []func(context.Context) error{c.Health, c.Check} {
		if err := check(ctx); err != nil {
			return "", fmt.Errorf("hec: %w", err)
		}
	}
	return "hec: healthy, the token is accepted", nil
}
