package analyzers

import (
	"errors"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// Build makes the stages of a pipeline for one run, whose records use dict. The
// node is what stands behind a hunt's pipeline: a list of stages, each a name,
// or a name and its settings. Every mistake is reported, with its place.
func Build(list *configs.Node, dict *pipeline.Dict) ([]pipeline.Step, error) {
	if list.Kind() == configs.Null {
		return nil, nil
	}
	if list.Kind() != configs.Sequence {
		return nil, configs.Errorf(list, `"pipeline" wants a list of stages, got %s`, list.Kind())
	}
	var steps []pipeline.Step
	var errs []error
	for _, item := range list.Items() {
		step, err := buildStep(item, dict)
		steps, errs = append(steps, step), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return steps, nil
}

func buildStep(item *configs.Node, dict *pipeline.Dict) (pipeline.Step, error) {
	name, settings := item.Text(), (*configs.Node)(nil)
	place := item
	switch {
	case item.Kind() == configs.Mapping && len(item.Keys()) == 1:
		name, settings = item.Keys()[0], item.Items()[0]
		place = item.Key(name)
	case item.Kind() == configs.Mapping && len(item.Keys()) > 1:
		return pipeline.Step{}, configs.Errorf(item, "a stage is one name and its settings, got the names %s: "+
			"begin each stage with a dash, and indent its settings", strings.Join(item.Keys(), ", "))
	case item.Kind() != configs.Scalar:
		return pipeline.Step{}, configs.Errorf(item, "a stage wants a name, got %s", item.Kind())
	}
	d, ok := registry[name]
	if !ok {
		hint := "huntd docs stages lists them"
		if near, ok := configs.Nearest(name, Names()); ok {
			hint = "did you mean " + near + "?"
		}
		return pipeline.Step{}, configs.Errorf(place, "no stage is called %q: %s", name, hint)
	}
	stage, err := d.build(settings, dict)
	if err != nil {
		return pipeline.Step{}, placed(err, place, name)
	}
	return pipeline.Step{Name: name, Stage: stage}, nil
}

// placed gives an error of a stage's constructor the place of the stage.
func placed(err error, place *configs.Node, name string) error {
	for _, m := range configs.Mistakes(err) {
		if m.Line > 0 {
			return err
		}
	}
	return configs.Errorf(place, "%s: %w", name, err)
}
