package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
)

// A Config is what huntd.yaml says.
type Config struct {
	Connections map[string]Connection `koanf:"connections" required:"true" doc:"What hunts search and report to, by name: Splunks, or folders of files."`
	Hunts       configs.Path          `koanf:"hunts" doc:"The folder of hunt files (*.yaml, *.yml, *.json; not *.test.yaml). What lies in a folder below it is not loaded, and no link may lead out of it. Or one hunt file."`
	State       string                `koanf:"state" doc:"The ledger: sqlite: and the path of a file, in a folder that is there, or a postgres:// URL, which several daemons may share."`
	Workers     int                   `koanf:"workers" min:"1" max:"64" doc:"How many windows are examined at the same time."`
	Limits      LimitsConfig          `koanf:"limits" doc:"What the state may hold, and for how long."`
	Log         LogConfig             `koanf:"log" doc:"The log, on standard error."`
}

// A LimitsConfig says what the state may hold.
type LimitsConfig struct {
	Spool       configs.Size  `koanf:"spool" min:"1MiB" doc:"How many bytes of events may wait for HEC. Above it no run begins, on any lane, until some have left; nothing is dropped."`
	History     time.Duration `koanf:"history" min:"1d" doc:"How long runs that have ended are kept, and what is remembered for the next windows of a hunt that no daemon has any more. What a hunt has covered and its gaps do not depend on it."`
	DeadLetters time.Duration `koanf:"dead_letters" min:"1d" doc:"How long events are kept that HEC will never take."`
	ClockSkew   time.Duration `koanf:"clock_skew" min:"1s" doc:"How much the host's clock may differ from Splunk's, and from that of the state's database. Beyond it no window is planned."`
}

// A LogConfig says how the daemon logs.
type LogConfig struct {
	Level  string `koanf:"level" enum:"debug,info,warn,error" doc:"The least severe message that is logged."`
	Format string `koanf:"format" enum:"json,text" doc:"One JSON object a line, or text for people."`
}

// DefaultConfig returns the settings of an empty file.
func DefaultConfig() Config {
	return Config{
		Hunts: "hunts.d", State: "sqlite:huntd.db", Workers: 4,
		Limits: LimitsConfig{Spool: 2 << 30, History: 90 * 24 * time.Hour, DeadLetters: 365 * 24 * time.Hour, ClockSkew: 30 * time.Second},
		Log:    LogConfig{Level: "info", Format: "json"},
	}
}

// A Setup is a configuration that was loaded and checked, hunts and all.
type Setup struct {
	Config
	Path  string
	Hunts []*hunt.Hunt // by name

	above []configs.Layer
	node  *configs.Node
	// overlooked are the entries of the hunts folder that are not loaded, but may
	// have been meant as hunts.
	overlooked []string
}

// ConnectionNames returns the names of the connections in order.
func (c Config) ConnectionNames() []string { return slices.Sorted(maps.Keys(c.Connections)) }

// Warnings returns, each with its place, what [Load] accepts because it may be
// repaired while the daemon runs, or before it starts: secrets and files of
// connections that cannot be read (secrets that a program prints are not asked for),
// and a state without a folder.
// Behind them it returns what in the hunts folder is not loaded.
func (s *Setup) Warnings(ctx context.Context) (warnings []string) {
	for _, name := range s.ConnectionNames() {
		for _, f := range s.Connections[name].Unusable(ctx) {
			warnings = append(warnings, configs.Errorf(s.placeOf(name, f), "%w", f).Error())
		}
	}
	if err := state.CheckFolder(s.State); err != nil {
		warnings = append(warnings, configs.Errorf(s.node.At("state"), "state: %w", err).Error())
	}
	return append(warnings, s.overlookedWarnings()...)
}

// Settings returns each setting that has a value, without passwords, and its origin.
func (s *Setup) Settings() []configs.Origin {
	c := s.Config
	if state.Shared(c.State) {
		c.State = state.Redact(c.State)
	}
	return configs.ListOrigins(c, s.node)
}

// hash tells sets of hunts apart: daemons that share a state should have the same.
func (s *Setup) hash() string {
	sum := sha256.New()
	for _, h := range s.Hunts {
		fmt.Fprintln(sum, h.Name, h.SpecHash)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Hunt returns the hunt of a name, or an error that tells the names there are.
func (s *Setup) Hunt(name string) (*hunt.Hunt, error) {
	names := make([]string, len(s.Hunts))
	for i, h := range s.Hunts {
		if h.Name == name {
			return h, nil
		}
		names[i] = h.Name
	}
	return nil, fmt.Errorf("no hunt %q in %s: %s", name, s.Config.Hunts, hint(name, names, "hunts"))
}
