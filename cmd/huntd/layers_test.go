package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/huntd/huntd/"

// layers says which packages of huntd a package may import. A package that is
// in no row is refused, and so is an import that is not in the row.
var layers = map[string]string{
	"cmd/huntd": "configs daemon jobs jobs/control jobs/hunt jobs/outbox jobs/state jobs/views pipeline pipeline/analyzers pipeline/splunk " +
		"pipeline/splunk/sandbox pipeline/story systemd",
	"daemon":                    "configs jobs jobs/hunt jobs/outbox jobs/state pipeline pipeline/files pipeline/splunk systemd",
	"daemon/internal/benchmark": "daemon jobs jobs/hunt jobs/state pipeline",
	"jobs":                      "configs jobs/hunt jobs/outbox pipeline",
	"jobs/hunt":                 "configs pipeline pipeline/analyzers",
	"jobs/control":              "jobs jobs/hunt jobs/state pipeline",
	"jobs/views":                "configs jobs jobs/hunt jobs/state pipeline",
	"jobs/state":                "jobs jobs/outbox jobs/state/dispatch pipeline",
	"jobs/state/dispatch":       "",
	"jobs/state/statetest":      "",
	"jobs/outbox":               "pipeline",
	"pipeline/splunk":           "configs pipeline",
	"pipeline/files":            "configs pipeline",
	"pipeline/splunk/sandbox":   "pipeline",
	"pipeline/analyzers": "configs pipeline pipeline/auditd pipeline/commandline pipeline/expression pipeline/ioc pipeline/ioc/msticpy " +
		"pipeline/netname pipeline/processes pipeline/recall pipeline/sessions pipeline/unpack",
	"pipeline/auditd":             "",
	"pipeline/commandline":        "",
	"pipeline/expression":         "configs pipeline",
	"pipeline/internal/benchmark": "pipeline pipeline/commandline pipeline/expression pipeline/ioc pipeline/story pipeline/unpack",
	"pipeline/internal/recorded":  "",
	"pipeline/ioc":                "",
	"pipeline/ioc/msticpy":        "pipeline/ioc",
	"pipeline/netname":            "",
	"pipeline/processes":          "",
	"pipeline/recall":             "",
	"pipeline/sessions":           "",
	"pipeline/unpack":             "",
	"pipeline/story":              "",
	"pipeline":                    "",
	"configs":                     "",
	"systemd":                     "",
}

// doors says through which packages alone a library may be reached.
var doors = map[string]string{
	"github.com/robfig/cron/v3":             "daemon jobs/hunt",
	"github.com/hashicorp/go-retryablehttp": "pipeline/splunk",
	"github.com/knadh/koanf":                "configs",
	"github.com/goccy/go-yaml":              "configs",
	"github.com/expr-lang/expr":             "pipeline/expression",
	"github.com/goccy/go-json":              "pipeline/internal/benchmark",
	"modernc.org/sqlite":                    "jobs/state",
	"github.com/jackc/pgx/v5":               "jobs/state jobs/state/dispatch jobs/state/statetest daemon/internal/benchmark",
	"github.com/riverqueue/river":           "jobs/state/dispatch",
	"log/slog":                              "jobs/state/dispatch",
	"database/sql":                          "jobs/state jobs/state/dispatch",
	"github.com/spf13/cobra":                "cmd/huntd",
	"testing":                               "jobs/state/statetest",
}

type listed struct {
	ImportPath string
	Imports    []string
	Doc        string
}

func TestLayers(t *testing.T) {
	for _, p := range goList(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		row, ok := layers[name]
		if !ok {
			t.Errorf("%s stands in no row of layers", name)
			continue
		}
		for _, imp := range p.Imports {
			if own, ok := strings.CutPrefix(imp, module); ok && !slices.Contains(strings.Fields(row), own) {
				t.Errorf("%s imports %s, which its row does not allow", name, own)
			}
			for lib, open := range doors {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !slices.Contains(strings.Fields(open), name) {
					t.Errorf("%s imports %s, whose doors are: %s", name, imp, open)
				}
			}
		}
	}
}

func TestEveryPackageIsExplained(t *testing.T) {
	for _, p := range goList(t) {
		if len(p.Doc) < 40 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func goList(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Doc", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}
