package analyzers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[renameConfig]{
	Name:    "rename",
	Summary: "gives fields other names",
	Doc: `
The settings are the names that fields have, each with the one that it gets. A * in
both stands for any text, the same in both: "data.*": "*" takes a prefix off. All
are given at once, so that two fields may swap their names. A field keeps its
place in the record.

A field that has the new name already, and keeps it, is replaced, as in Splunk.
Where two fields would get one name, the one whose setting stands first gets it;
the other keeps its own, which is counted as rename.taken.
`,
	New: func(c renameConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
		return &renameStage{conf: c, dict: dict, out: pipeline.NewBuilder(dict), given: map[pipeline.Key]int{}}, nil
	},
	Example: `
-- config.yaml --
rename: { "SourceIp*": "src_*", User: user }
-- in.ndjson --
{"_time":1767225600,"SourceIp":"10.0.0.9","SourceIpv6":"false","User":"ann","user":"-"}
-- out.ndjson --
{"_time":"1767225600","src_":"10.0.0.9","src_v6":"false","user":"ann"}
`,
})

// A renameConfig is the list of names in the order of the file.
type renameConfig struct{ from, to []namePattern }

// UnmarshalNode implements [configs.NodeUnmarshaler].
func (c *renameConfig) UnmarshalNode(n *configs.Node) error {
	if n.Kind() != configs.Mapping || len(n.Keys()) == 0 {
		return configs.Errorf(n, `rename wants names of fields and what they become, such as rename: { User: user }`)
	}
	var errs []error
	for i, from := range n.Keys() {
		value := n.Items()[i]
		to := value.Text()
		switch {
		case value.Kind() != configs.Scalar || to == "" || from == "":
			errs = append(errs, configs.Errorf(n.Key(from), "rename: %q wants the name that the field gets, one text", from))
		case strings.Count(from, "*") > 1 || strings.Count(to, "*") != strings.Count(from, "*"):
			errs = append(errs, configs.Errorf(n.Key(from), "rename: %q and %q want one * each, or none", from, to))
		}
		c.from, c.to = append(c.from, newNamePattern(from)), append(c.to, newNamePattern(to))
	}
	return errors.Join(errs...)
}

// JSONSchema describes the settings for editors.
func (renameConfig) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{Type: "object", MinProperties: &one, AdditionalProperties: &jsonschema.Schema{Type: "string"}}
}

type renameStage struct {
	pipeline.Streaming
	conf  renameConfig
	dict  *pipeline.Dict
	out   *pipeline.Builder
	known []renameTo           // by key
	given map[pipeline.Key]int // in one record: the names that are given, and the rank of who gets them

	taken, namesOver int
}

// A renameTo is the name that a field gets. rank is the place of its setting, 0
// if its name was not looked at yet.
type renameTo struct {
	key  pipeline.Key
	rank int
}

// renameStays is the rank of a field that keeps its name: whoever is given the
// name comes before it.
const renameStays = 1 << 30

// Process implements [pipeline.Stage].
func (s *renameStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	var fields []renameField
	for row := range b.Len() {
		fields = fields[:0]
		for key, values := range b.Fields(row) {
			fields = append(fields, renameField{s.to(key), key, values})
		}
		s.settle(fields)
		s.out.Row()
		for _, f := range fields {
			if f.to.rank > 0 {
				setValues(s.out, f.to.key, f.values)
			}
		}
	}
	return s.out.Batch(), nil
}

type renameField struct {
	to     renameTo
	own    pipeline.Key
	values pipeline.Values
}

// settle sees to it that every name is given once.
func (s *renameStage) settle(fields []renameField) {
	clear(s.given)
	for _, f := range fields {
		if rank, ok := s.given[f.to.key]; f.to.rank != renameStays && (!ok || f.to.rank < rank) {
			s.given[f.to.key] = f.to.rank
		}
	}
	if len(s.given) == 0 {
		return
	}
	for i := range fields {
		f := &fields[i]
		if f.to.rank != renameStays && s.given[f.to.key] < f.to.rank {
			s.taken++
			f.to = renameTo{f.own, renameStays}
		}
		if _, ok := s.given[f.to.key]; ok && f.to.rank == renameStays {
			f.to.rank = 0
		}
	}
}

// to returns the name that a field gets.
func (s *renameStage) to(key pipeline.Key) renameTo {
	if n := int(key) + 1; n > len(s.known) {
		s.known = slices.Grow(s.known, n-len(s.known))[:n]
	}
	if s.known[key].rank == 0 {
		s.known[key] = s.look(key)
	}
	return s.known[key]
}

func (s *renameStage) look(key pipeline.Key) renameTo {
	name := s.dict.Name(key)
	for i, from := range s.conf.from {
		middle, ok := from.match(name)
		if !ok {
			continue
		}
		to := s.conf.to[i]
		// The name is made of data where a * stands for a part of it.
		k, err := s.dict.Intern(to.before + middle + to.after)
		if err != nil || to.before+middle+to.after == "" {
			s.namesOver++
			break
		}
		if k == key {
			break
		}
		return renameTo{k, i + 1}
	}
	return renameTo{key, renameStays}
}

// Counts implements [pipeline.Counter].
func (s *renameStage) Counts() map[string]int {
	return map[string]int{"taken": s.taken, "names_over": s.namesOver}
}
