package main

import (
	"encoding/json"

	"github.com/invopop/jsonschema"
	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline/analyzers"
)

// schemaBase is where the schemas' ids begin. They are names: nothing is
// fetched from there.
const schemaBase = "https://github.com/huntd/huntd/schema/"

func (c *cli) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [hunt|config]",
		Short: "Print the JSON Schema of hunt files or of huntd.yaml",
		Long: `Print the JSON Schema (draft 2020-12) of hunt files, or of huntd.yaml. An editor
with a YAML language server completes and checks a file whose first line is

  # yaml-language-server: $schema=hunt.schema.json`,
		Args: oneArgAtMost("hunt or config"),
		RunE: func(_ *cobra.Command, args []string) error {
			schema, err := schemaOf(append(args, "hunt")[0])
			if err != nil {
				return err
			}
			enc := json.NewEncoder(c.out)
			enc.SetIndent("", "  ")
			return enc.Encode(schema)
		},
	}
}

func schemaOf(what string) (*jsonschema.Schema, error) {
	switch what {
	case "hunt":
		return configs.Schema(hunt.DefaultSpec(), schemaBase+"hunt.json", func(name string) *jsonschema.Schema {
			if name == "pipeline" {
				return analyzers.Schema()
			}
			return nil
		}), nil
	case "config":
		return configs.Schema(daemon.DefaultConfig(), schemaBase+"config.json", nil), nil
	}
	return nil, usagef("there is a schema of hunt and of config, not of %q", what)
}
