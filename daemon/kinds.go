package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/files"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A ConnectionKind is the settings of a connection of one kind.
type ConnectionKind interface {
	// SIEM returns what the connections of the kind have in common.
	SIEM() pipeline.SIEM
	// Faults returns what is wrong with the settings, one sentence each. It opens
	// no connection and reads no secret.
	Faults() []*configs.SettingError
	// Unusable returns what cannot be used by now, but may be later: secrets, files.
	Unusable(ctx context.Context) []*configs.SettingError
	// CheckSearcher and CheckSink return nil if the connection can be searched and
	// delivered to, or why not: "no api.url, so that …".
	CheckSearcher() error
	CheckSink() error
	// SearchLimit is how many hunts may search at a time, 0 for no limit.
	SearchLimit() int
	NewSearcher(log *zap.Logger) (pipeline.Searcher, error)
	NewSink(log *zap.Logger) (pipeline.Sink, error)
}

// connectionKinds returns the kinds with their defaults. The first is that of a
// connection that names none.
func connectionKinds() []configs.Variant {
	return []configs.Variant{{Kind: "splunk", Settings: splunk.DefaultConfig()}, {Kind: "file", Settings: &files.Config{}}}
}

// A Connection is a place to search and to deliver to.
type Connection struct{ ConnectionKind }

var _ configs.Union = (*Connection)(nil)

// Variants implements [configs.Union].
func (*Connection) Variants() []configs.Variant { return connectionKinds() }

// Choose implements [configs.Union].
func (c *Connection) Choose(settings any) { c.ConnectionKind = settings.(ConnectionKind) }

// Chosen implements [configs.Union].
func (c *Connection) Chosen() any { return c.ConnectionKind }

// siem returns the kind of a connection, nil if it is not known or has mistakes.
func (s *Setup) siem(connection string) pipeline.SIEM {
	if c, ok := s.Connections[connection]; ok {
		return c.SIEM()
	}
	return nil
}

// checkConnections makes sure that a hunt's connections are there and have the
// side that it needs.
func (s *Setup) checkConnections(h *hunt.Hunt) error {
	return errors.Join(
		s.checkConnection(h, "source.connection", h.Source.Connection, ConnectionKind.CheckSearcher),
		s.checkConnection(h, "deliver.connection", h.Deliver.Connection, ConnectionKind.CheckSink),
	)
}

func (s *Setup) checkConnection(h *hunt.Hunt, key, name string, check func(ConnectionKind) error) error {
	if c, ok := s.Connections[name]; ok {
		if err := check(c.ConnectionKind); err != nil {
			return h.Errorf(key, "connection %q in %s has %w", name, s.Path, err)
		}
		return nil
	}
	all := s.node.Child("connections")
	switch {
	case all.Kind() != configs.Mapping, all.Child(name) != nil:
		return nil // a connection with mistakes is not in s.Connections
	case key == "deliver.connection" && name == h.Source.Connection:
		return nil // said once already
	}
	return h.Errorf(key, "no connection %q in %s: %s", name, s.Path, hint(name, slices.Sorted(slices.Values(all.Keys())), "connections"))
}

// placeOf is where a fault of a connection stands.
func (s *Setup) placeOf(connection string, f *configs.SettingError) *configs.Node {
	return s.node.At(append([]string{"connections", connection}, strings.Split(f.Key, ".")...)...)
}

// hint helps with a name that is not there.
func hint(name string, known []string, what string) string {
	if near, ok := configs.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Sprintf("%s there: %s", what, strings.Join(known, ", "))
}
