package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// TestFilesThatMove: a search that may have missed records, or read some twice, since
// files were moved or cut meanwhile, fails.
func TestFilesThatMove(t *testing.T) {
	record := func(n string) string { return `{"n":"` + n + `","_time":1500}` + "\n" }
	for name, change := range map[string]func(dir string) error{
		"renamed": func(dir string) error {
			return os.Rename(filepath.Join(dir, "b/y.ndjson"), filepath.Join(dir, "b/z.ndjson"))
		},
		"rotated": func(dir string) error {
			file := filepath.Join(dir, "b/y.ndjson")
			return errors.Join(os.Rename(file, file+".1"), os.WriteFile(file, nil, 0o600))
		},
		"folder renamed": func(dir string) error { return os.Rename(filepath.Join(dir, "b"), filepath.Join(dir, "c")) },
		"replaced by a link": func(dir string) error {
			file := filepath.Join(dir, "b/y.ndjson")
			return errors.Join(os.Remove(file), os.Symlink("../a/x.ndjson", file))
		},
		"cut": func(dir string) error { return os.Truncate(filepath.Join(dir, "a/x.ndjson"), 100) },
	} {
		c := folder(t, map[string]string{"a/x.ndjson": strings.Repeat(record("a"), 20_000), "b/y.ndjson": record("b")})
		searcher, err := c.NewSearcher(zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		read, changed := 0, false
		for b, berr := range searcher.Search(pipeline.Search{Query: "*.ndjson"}).Fetch(t.Context(), window) {
			if err = berr; err != nil {
				break
			}
			if read += b.Len(); !changed {
				changed = true
				if err := change(string(c.Path)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !errors.Is(err, errMoved) || errors.Is(err, pipeline.ErrPermanent) {
			t.Errorf("%s: %d records, %v: want an error after which the search is tried again", name, read, err)
		}
	}
}
