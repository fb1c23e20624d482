package daemon

import (
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state"
)

// maxNamed is how many names or ids a log line has at most.
const maxNamed = 20

// someOf is a field of names, cut with a count.
func someOf(key string, names []string) zap.Field {
	if more := len(names) - maxNamed; more > 0 {
		names = append(names[:maxNamed:maxNamed], fmt.Sprintf("and %d more", more))
	}
	return zap.Strings(key, names)
}

// startFields say with what the daemon starts, and which hunt is due next.
func (e *engine) startFields(now time.Time) []zap.Field {
	fields := []zap.Field{
		zap.String("version", Version()), zap.String("config", e.setup.Path), zap.String("state", state.Redact(e.setup.State)),
		zap.Int("connections", len(e.setup.Connections)), zap.Int("hunts", len(e.names)), zap.Int("workers", e.setup.Workers),
	}
	if hunt, at := e.nextFire(now); hunt != "" {
		fields = append(fields, zap.String("next_hunt", hunt), zap.Time("next_fire", at.UTC()))
	}
	return fields
}

// nextFire returns the hunt that starts next, and when; "" if none ever does.
func (e *engine) nextFire(now time.Time) (hunt string, at time.Time) {
	for _, h := range e.setup.Hunts {
		if next := (trigger{h}).Next(now); !next.IsZero() && (hunt == "" || next.Before(at)) {
			hunt, at = h.Name, next
		}
	}
	return hunt, at
}

// changeFields say what of the hunts differs from an older engine's.
func (e *engine) changeFields(old *engine) []zap.Field {
	var added, removed, changed []string
	for _, name := range e.names {
		switch before := old.hunts[name]; {
		case before == nil:
			added = append(added, name)
		case before.SpecHash != e.hunts[name].SpecHash:
			changed = append(changed, name)
		}
	}
	for _, name := range old.names {
		if e.hunts[name] == nil {
			removed = append(removed, name)
		}
	}
	return []zap.Field{
		zap.Int("hunts", len(e.names)),
		zap.Int("added", len(added)), zap.Int("removed", len(removed)), zap.Int("changed", len(changed)),
		someOf("added_hunts", added), someOf("removed_hunts", removed), someOf("changed_hunts", changed),
	}
}
