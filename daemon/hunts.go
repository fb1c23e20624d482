package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/hunt"
)

// loadHunts reads the hunts, and returns the mistakes in their files. It reports no
// missing folder if the configuration has a mistake in hunts.
func (s *Setup) loadHunts() (mistakes, err error) {
	var errs []error
	where := map[string]string{}
	err = s.readHunts(func(file string, data []byte, err error) {
		var h *hunt.Hunt
		if err == nil {
			h, err = hunt.Parse(file, data, s.siem)
		}
		if err != nil {
			errs = append(errs, err)
			return
		}
		if first, twice := where[h.Name]; twice {
			errs = append(errs, h.Errorf("name", "hunt %q is in %s already: give one of them another name", h.Name, first))
			return
		}
		where[h.Name] = file
		if err := s.checkConnections(h); err != nil {
			errs = append(errs, err)
			return
		}
		s.Hunts = append(s.Hunts, h)
	})
	if at := s.node.At("hunts"); err != nil && (at.Kind() == configs.Scalar || at == s.node && at != nil) {
		return nil, configs.Errorf(at, "%w", err)
	}
	slices.SortFunc(s.Hunts, func(a, b *hunt.Hunt) int { return strings.Compare(a.Name, b.Name) })
	return errors.Join(errs...), nil
}

// readHunts reads each hunt file of the folder, or the one file that it is.
func (s *Setup) readHunts(take func(file string, data []byte, err error)) (err error) {
	path := string(s.Config.Hunts)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no folder %s: make it, or name another as hunts", path)
	case err != nil:
		return fmt.Errorf("hunts: %w", err)
	case !info.IsDir():
		data, err := configs.ReadFile(path)
		take(path, data, err)
		return nil
	}
	folder, err := os.OpenRoot(path)
	if err != nil {
		return fmt.Errorf("hunts: %w", err)
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	entries, err := fs.ReadDir(folder.FS(), ".")
	if err != nil {
		return fmt.Errorf("hunts: %w", err)
	}
	read := 0
	for _, e := range entries {
		switch name := e.Name(); {
		case isHuntFile(e):
			data, err := configs.ReadFileIn(folder, name)
			take(filepath.Join(path, name), data, err)
			read++
		case isOverlooked(path, e):
			s.overlooked = append(s.overlooked, name)
		}
	}
	if read == 0 {
		return noHunts(path, s.overlooked)
	}
	return nil
}

func noHunts(path string, overlooked []string) error {
	if len(overlooked) == 0 {
		return fmt.Errorf("no hunt file (*.yaml) in %s", path)
	}
	return fmt.Errorf("no hunt file (*.yaml) in %s, but %s: a hunt's name ends in .yaml, .yml or .json, and it lies in the folder itself",
		path, strings.Join(overlooked, ", "))
}

// huntExtensions are those of hunt files.
var huntExtensions = [...]string{".yaml", ".yml", ".json"}

// isHuntFile reports whether an entry of the hunts folder is to be loaded: neither
// hidden, nor a folder, nor a hunt's test.
func isHuntFile(e fs.DirEntry) bool {
	name := e.Name()
	ext := filepath.Ext(name)
	return slices.Contains(huntExtensions[:], ext) && !e.IsDir() && name[0] != '.' && !isTestFile(name)
}

// isTestFile reports whether a file holds the tests of a hunt, as in a.test.yaml.
func isTestFile(name string) bool {
	return strings.HasSuffix(strings.TrimSuffix(name, filepath.Ext(name)), ".test")
}

// isOverlooked reports whether an entry that is not loaded may have been meant as
// a hunt: a folder, but for those that tests and tables lie in, or a name such as
// a.YAML, a.yaml.txt or a.yml~.
func isOverlooked(path string, e fs.DirEntry) bool {
	name := e.Name()
	if name[0] == '.' || isTestFile(name) {
		return false
	}
	info, err := os.Stat(filepath.Join(path, name)) // of a link, what it leads to
	if err == nil && info.IsDir() {
		return !slices.Contains([]string{"fixtures", "golden", "tables"}, name)
	}
	lower := strings.ToLower(name)
	if ext := filepath.Ext(lower); ext == ".gz" || ext == ".zst" {
		return false // a table
	}
	return slices.ContainsFunc(huntExtensions[:], func(ext string) bool {
		_, after, found := strings.Cut(lower, ext)
		return found && (after == "" || !isAlphanumeric(after[0]))
	})
}

func isAlphanumeric(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// overlookedWarnings says of each entry of the hunts folder that was passed over,
// and may have been meant as a hunt, why it was.
func (s *Setup) overlookedWarnings() (warnings []string) {
	for _, name := range s.overlooked {
		path := filepath.Join(string(s.Config.Hunts), name)
		why := "the name of a hunt file ends in .yaml, .yml or .json"
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			why = "hunt files lie in the hunts folder itself, not in a folder below it"
		}
		warnings = append(warnings, fmt.Sprintf("%s is not loaded: %s", path, why))
	}
	return warnings
}

// logOverlooked warns of what may have been meant as a hunt.
func (s *Setup) logOverlooked(log *zap.Logger) {
	if len(s.overlooked) > 0 {
		log.Warn("entries of the hunts folder are not loaded: a hunt file ends in .yaml, .yml or .json, and lies in the folder itself",
			zap.String("folder", string(s.Config.Hunts)), zap.Strings("entries", s.overlooked))
	}
}
