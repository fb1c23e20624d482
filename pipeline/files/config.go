package files

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// A Config describes one folder.
type Config struct {
	Path        configs.Path `koanf:"path" required:"true" doc:"The folder. Hunts search the NDJSON files below it; their events are appended to its file delivered.ndjson, which no hunt reads."`
	MaxSearches int          `koanf:"max_searches" min:"0" max:"1000" doc:"How many hunts may search at a time, of all daemons that share the state. Default: no bound but each daemon's workers."`
}

// Faults returns that no folder is named. What else can be wrong with a path may be
// mended while the daemon runs.
func (c *Config) Faults() []*configs.SettingError {
	if c.Path == "" {
		return []*configs.SettingError{{Key: "path", Err: errors.New("it names no folder")}}
	}
	return nil
}

// Unusable returns why the folder cannot be used by now.
func (c *Config) Unusable(context.Context) []*configs.SettingError {
	info, err := os.Stat(string(c.Path))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", c.Path)
	}
	if err != nil {
		return []*configs.SettingError{{Key: "path", Err: err}}
	}
	return nil
}

// SearchLimit returns max_searches.
func (c *Config) SearchLimit() int { return c.MaxSearches }

// SIEM returns what all folders have in common.
func (*Config) SIEM() pipeline.SIEM { return SIEM{} }

// CheckSearcher returns nil: any folder can be searched.
func (*Config) CheckSearcher() error { return nil }

// CheckSink returns nil: events can be appended in any folder.
func (*Config) CheckSink() error { return nil }

// NewSearcher returns a searcher of the folder.
func (c *Config) NewSearcher(log *zap.Logger) (pipeline.Searcher, error) {
	return &searcher{path: string(c.Path), log: log}, nil
}

// NewSink returns a sink that appends to the file of events in the folder.
func (c *Config) NewSink(*zap.Logger) (pipeline.Sink, error) { return newSink(string(c.Path)), nil }

// openFolder opens a folder from which no path leads out.
func openFolder(path string) (*os.Root, error) {
	folder, err := os.OpenRoot(path)
	if err != nil {
		return nil, errors.Join(pipeline.ErrUnreachable, err)
	}
	return folder, nil
}
