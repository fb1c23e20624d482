package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline/splunk"
)

// A Config is what huntd.yaml says.
type Config struct {
	Connections map[string]splunk.Config `koanf:"connections" required:"true" doc:"The Splunks that hunts read from and report to, by name."`
	Hunts       configs.Path             `koanf:"hunts" doc:"The folder of hunt files (*.yaml, *.yml, *.json)."`
	State       string                   `koanf:"state" doc:"The ledger: sqlite: and the path of a file."`
	Workers     int                      `koanf:"workers" min:"1" max:"64" doc:"How many windows are examined at the same time."`
	Log         LogConfig                `koanf:"log" doc:"The log, on standard error."`
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
		Log: LogConfig{Level: "info", Format: "json"},
	}
}

// A Setup is a configuration that was loaded and checked, hunts and all.
type Setup struct {
	Config
	Path  string
	Hunts []*jobs.Hunt // by name
}

// ConnectionNames returns the names of the connections in order.
func (c Config) ConnectionNames() []string { return slices.Sorted(maps.Keys(c.Connections)) }

// Load reads huntd.yaml and its hunts. Every mistake in any of the files is
// reported, each with its place.
func Load(path string) (*Setup, error) {
	node, err := configs.Parse(path)
	if err != nil {
		return nil, err
	}
	s := &Setup{Config: DefaultConfig(), Path: path}
	if err := configs.DecodeAs("huntd.yaml", node, &s.Config); err != nil {
		return nil, err
	}
	if err := s.resolve(node); err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range s.ConnectionNames() {
		if err := s.Connections[name].Validate(); err != nil {
			errs = append(errs, configs.Errorf(at(node, "connections", name), "connection %s: %w", name, err))
		}
	}
	if err := state.Validate(s.State); err != nil {
		errs = append(errs, configs.Errorf(at(node, "state"), "%w", err))
	}
	if err := errors.Join(append(errs, s.loadHunts(at(node, "hunts")))...); err != nil {
		return nil, err
	}
	return s, nil
}

// resolve makes the paths absolute that are not yet: they begin at the file's
// folder.
func (s *Setup) resolve(node *configs.Node) error {
	hunts, err := node.Resolve(string(s.Config.Hunts))
	if err != nil {
		return err
	}
	s.Config.Hunts = configs.Path(hunts)
	if file, ok := strings.CutPrefix(s.State, "sqlite:"); ok {
		if file, err = node.Resolve(file); err != nil {
			return err
		}
		s.State = "sqlite:" + file
	}
	return nil
}

// at is the node at a path of keys, or the nearest one above it that is there.
func at(n *configs.Node, path ...string) *configs.Node {
	for _, key := range path {
		child := n.Child(key)
		if child == nil {
			break
		}
		n = child
	}
	return n
}

func (s *Setup) loadHunts(at *configs.Node) error {
	files, err := huntFiles(string(s.Config.Hunts))
	if errors.Is(err, fs.ErrNotExist) {
		return configs.Errorf(at, "no folder %s: make it, or name another as hunts:", s.Config.Hunts)
	}
	if err != nil {
		return configs.Errorf(at, "hunts: %w", err)
	}
	if len(files) == 0 {
		return configs.Errorf(at, "no hunt file (*.yaml) in %s", s.Config.Hunts)
	}
	var errs []error
	where := map[string]string{}
	for _, file := range files {
		h, err := jobs.Load(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if first, twice := where[h.Name]; twice {
			errs = append(errs, h.Errorf("name", "hunt %q is in %s already: give one of them another name", h.Name, first))
			continue
		}
		where[h.Name] = file
		errs = append(errs, s.checkConnections(h))
		s.Hunts = append(s.Hunts, h)
	}
	slices.SortFunc(s.Hunts, func(a, b *jobs.Hunt) int { return strings.Compare(a.Name, b.Name) })
	return errors.Join(errs...)
}

// huntFiles lists the hunt files of a folder, or the one file that it is.
func huntFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		switch ext := filepath.Ext(e.Name()); {
		case e.IsDir(), strings.HasPrefix(e.Name(), "."):
		case ext == ".yaml", ext == ".yml", ext == ".json":
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	return files, nil
}

// checkConnections makes sure that a hunt's connections are there and have the
// side that it needs.
func (s *Setup) checkConnections(h *jobs.Hunt) error {
	from, to := s.Connections[h.Source.Connection], s.Connections[h.Deliver.Connection]
	return errors.Join(
		s.checkConnection(h, "source.connection", h.Source.Connection, from.API.URL, "no api.url, so that nothing can be searched with it"),
		s.checkConnection(h, "deliver.connection", h.Deliver.Connection, to.HEC.URL, "no hec.url, so that nothing can be delivered to it"),
	)
}

func (s *Setup) checkConnection(h *jobs.Hunt, key, name, url, lack string) error {
	if _, ok := s.Connections[name]; ok {
		if url == "" {
			return h.Errorf(key, "connection %q in %s has %s", name, s.Path, lack)
		}
		return nil
	}
	if key == "deliver.connection" && name == h.Source.Connection {
		return nil // said once already
	}
	return h.Errorf(key, "no connection %q in %s: %s", name, s.Path, hint(name, s.ConnectionNames(), "connections"))
}

// hint helps with a name that is not there.
func hint(name string, known []string, what string) string {
	if near, ok := configs.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Sprintf("%s there: %s", what, strings.Join(known, ", "))
}

// Hunt returns the hunt of a name, or an error that tells the names there are.
func (s *Setup) Hunt(name string) (*jobs.Hunt, error) {
	names := make([]string, len(s.Hunts))
	for i, h := range s.Hunts {
		if h.Name == name {
			return h, nil
		}
		names[i] = h.Name
	}
	return nil, fmt.Errorf("no hunt %q in %s: %s", name, s.Config.Hunts, hint(name, names, "hunts"))
}
