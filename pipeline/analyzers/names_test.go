package analyzers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFileOwnsItsNames: what a stage's file declares begins with the stage's
// name, so that forty stages can share a package. Files without a stage hold
// what several share.
func TestFileOwnsItsNames(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	stages := 0
	for _, file := range files {
		name := strings.TrimSuffix(file, ".go")
		if !slices.Contains(Names(), name) {
			continue
		}
		stages++
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range declared(parsed) {
			// newBeacon and beaconConfig belong to beacon.
			own := strings.ReplaceAll(name, "_", "")
			if rest, isNew := strings.CutPrefix(d, "new"); isNew {
				d = rest
			}
			if !strings.HasPrefix(strings.ToLower(d), own) {
				t.Errorf("%s declares %s, which does not begin with %s", file, d, own)
			}
		}
	}
	if stages != len(Names()) {
		t.Errorf("%d files are named after one of the %d stages", stages, len(Names()))
	}
}

// declared lists the names that a file declares at its top level, methods and
// blanks apart.
func declared(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.Name != "_" {
							names = append(names, n.Name)
						}
					}
				}
			}
		}
	}
	return names
}
