package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOverlooked: what may have been meant as a hunt is named; what belongs to
// tests and tables, or to another program, is not.
func TestOverlooked(t *testing.T) {
	files := map[string]string{"huntd.yaml": goodConfig, "hunts.d/a.yaml": huntText("a"), "hunts.d/b.YAML": huntText("b"), "hunts.d/team/c.yaml": huntText("c")}
	silent := []string{
		"a.test.yaml", "a.test.yml", "a.test.json", "README.md", "table.csv", "table.json.gz", "events.ndjson", ".b.yaml.swp", ".git/config",
		"fixtures/01.yaml", "golden/01.json", "tables/t.yaml", "yaml", "a.yamllint",
	}
	named := []string{"b.Yml", "b.JSON", "b.yaml.txt", "b.yaml.bak", "b.yaml~", "b.yml.rpmnew", "#b.yaml#", "b.json.orig"}
	for _, name := range append(silent, named...) {
		files["hunts.d/"+name] = "no hunt"
	}
	path := write(t, files)
	folder := filepath.Join(filepath.Dir(path), "hunts.d")
	for link, target := range map[string]string{"linked": filepath.Dir(path), "linked-tables.csv": "table.csv", "gone": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := load(t, path)
	if len(s.Hunts) != 1 || s.Hunts[0].Name != "a" {
		t.Errorf("%d hunts were loaded, want a alone", len(s.Hunts))
	}
	want := []string{"#b.yaml#", "b.JSON", "b.YAML", "b.Yml", "b.json.orig", "b.yaml.bak", "b.yaml.txt", "b.yaml~", "b.yml.rpmnew", "linked", "team"}
	if diff := cmp.Diff(want, s.overlooked); diff != "" {
		t.Errorf("overlooked (-want +got):\n%s", diff)
	}
	said := strings.Join(s.overlookedWarnings(), "\n")
	for _, want := range []string{
		folder + "/b.YAML is not loaded: the name of a hunt file ends in .yaml, .yml or .json",
		folder + "/linked is not loaded: hunt files lie in the hunts folder itself, not in a folder below it",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no warning %q in:\n%s", want, said)
		}
	}
}

func TestOnlyOverlookedHunts(t *testing.T) {
	got := mistakes(t, map[string]string{"huntd.yaml": goodConfig, "hunts.d/a.YAML": huntText("a"), "hunts.d/team/b.yaml": huntText("b")})
	want := "huntd.yaml:1: no hunt file (*.yaml) in hunts.d, but a.YAML, team: a hunt's name ends in .yaml, .yml or .json, and it lies in the folder itself"
	if len(got) != 1 || got[0] != want {
		t.Errorf("Load: %q, want %q", got, want)
	}
}

// TestFilesThatAreNoHunts: what else may lie in the folder under the name of a hunt
// is refused, unread.
func TestFilesThatAreNoHunts(t *testing.T) {
	path := write(t, map[string]string{"huntd.yaml": goodConfig, "hunts.d/a.yaml": huntText("a"), "secret": "root:canary:1:::"})
	folder := filepath.Join(filepath.Dir(path), "hunts.d")
	for link, target := range map[string]string{"b.yaml": "../secret", "c.yaml": "/dev/zero"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "d.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	if err == nil {
		t.Fatal("the folder was loaded")
	}
	for _, want := range []string{"b.yaml links to ", "c.yaml links to /dev/zero", "d.yaml is a FIFO"} {
		if !strings.Contains(err.Error(), filepath.Join(folder, want)) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a file outside of the folder was read:\n%v", err)
	}
	put(t, path, goodConfig+"hunts: secret\n")
	for text, want := range map[string]string{
		"root:canary:1:::": "secret:1: has no key of the hunt: it takes name, ", "canary": "secret:1: the hunt wants a mapping, got text",
	} {
		put(t, filepath.Join(filepath.Dir(path), "secret"), text)
		if _, err := Load(path); err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), want) {
			t.Errorf("a file that is no hunt: %v, want %q", err, want)
		}
	}
}
