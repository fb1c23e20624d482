package analyzers

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
	"golang.org/x/tools/txtar"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// A Spec is all there is to know about a stage whose settings are a C.
type Spec[C any] struct {
	Name    string   // as hunts write it
	Summary string   // in half a sentence
	Doc     string   // what it does, what it misses, in Markdown
	Attack  []string // ATT&CK techniques that it shows, if it looks for any
	Needs   []string // fields that records must have, if it needs certain ones
	Adds    []string // fields that it adds
	// Config are the settings: its values are the defaults, its tags the
	// documentation (see package configs).
	Config C
	// New makes the stage for a run.
	New func(C, *pipeline.Dict) (pipeline.Stage, error)
	// Example is a txtar archive: config.yaml (the settings as in a hunt),
	// in.ndjson (records) and out.ndjson (what comes out).
	Example string
}

// A definition is a Spec without its type parameter.
type definition struct {
	name, summary, doc, example string
	attack, needs, adds         []string
	settings                    func() any // a pointer to settings that hold the defaults
	build                       func(n *configs.Node, dict *pipeline.Dict) (pipeline.Stage, error)
}

// registry holds the stages by name. It is filled by the initialisers of this
// package's files and only read from then on.
var registry = map[string]*definition{}

func definitions() []*definition {
	byName := func(a, b *definition) int { return strings.Compare(a.name, b.name) }
	return slices.SortedFunc(maps.Values(registry), byName)
}

// Names returns the names of all stages, in order.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

var (
	stageName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	attackID  = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
)

// define registers a stage. It panics if anything is missing, so that no test
// of any package passes with a stage that is half written.
func define[C any](s Spec[C]) *definition {
	d := &definition{
		name: s.Name, summary: s.Summary, doc: strings.TrimSpace(s.Doc), example: s.Example,
		attack: s.Attack, needs: s.Needs, adds: s.Adds,
		settings: func() any { c := s.Config; return &c },
		build: func(n *configs.Node, dict *pipeline.Dict) (pipeline.Stage, error) {
			c := s.Config
			if err := decodeSettings(s.Name, n, &c); err != nil {
				return nil, err
			}
			return s.New(c, dict)
		},
	}
	if s.New == nil {
		panic(fmt.Sprintf("analyzers: stage %s has no constructor", s.Name))
	}
	if err := d.check(); err != nil {
		panic(fmt.Sprintf("analyzers: stage %s: %v", s.Name, err))
	}
	if registry[s.Name] != nil {
		panic(fmt.Sprintf("analyzers: two stages are called %s", s.Name))
	}
	registry[s.Name] = d
	return d
}

func (d *definition) check() error {
	switch {
	case !stageName.MatchString(d.name):
		return fmt.Errorf("%q is no name: write lower-case words joined by underscores", d.name)
	case d.summary == "" || strings.HasSuffix(d.summary, "."):
		return fmt.Errorf("the summary %q should be half a sentence without a full stop", d.summary)
	case d.doc == "":
		return fmt.Errorf("there is no Doc")
	}
	for _, id := range d.attack {
		if !attackID.MatchString(id) {
			return fmt.Errorf("%q is no ATT&CK technique", id)
		}
	}
	if _, ok := d.settings().(configs.NodeUnmarshaler); !ok {
		for _, s := range configs.Describe(d.settings()) {
			if s.Doc == "" {
				return fmt.Errorf("the setting %s is not documented", s.Name)
			}
		}
	}
	_, err := parseExample([]byte(d.example))
	return err
}

// decodeSettings fills c from what stands behind a stage's name.
func decodeSettings(name string, n *configs.Node, c any) error {
	if own, ok := c.(configs.NodeUnmarshaler); ok {
		return own.UnmarshalNode(n)
	}
	return configs.DecodeAs(name, n, c)
}

// An example is a stage's worked example, taken apart.
type example struct{ config, in, out string }

func parseExample(text []byte) (example, error) {
	var e example
	parts := map[string]*string{"config.yaml": &e.config, "in.ndjson": &e.in, "out.ndjson": &e.out}
	for _, f := range txtar.Parse(text).Files {
		part, ok := parts[f.Name]
		if !ok {
			return e, fmt.Errorf("the example has a part %q: it wants config.yaml, in.ndjson and out.ndjson", f.Name)
		}
		*part = string(f.Data)
		delete(parts, f.Name)
	}
	if len(parts) > 0 {
		return e, fmt.Errorf("the example lacks %s", strings.Join(slices.Sorted(maps.Keys(parts)), ", "))
	}
	return e, nil
}

// schema describes the settings of a stage.
func (d *definition) schema() *jsonschema.Schema {
	settings := d.settings()
	if own, ok := settings.(interface{ JSONSchema() *jsonschema.Schema }); ok {
		return own.JSONSchema()
	}
	return configs.Schema(settings, "", nil)
}
