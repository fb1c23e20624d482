package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline/analyzers"
)

//go:generate sh -c "go run . docs stages > ../../pipeline/analyzers/README.md"
//go:generate sh -c "go run . docs settings > ../../configs/README.md"
//go:generate sh -c "go run . docs commands > README.md"

func (c *cli) docsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "docs stages|settings|commands",
		Short: "Print a reference, in Markdown",
		Long: `Print a reference, in Markdown: of the stages of a pipeline, of the settings of
huntd.yaml and of hunt files, or of the commands. They are made out of the program
itself, so that they are those of this version.`,
		Args: oneArg("stages, settings or commands"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := reference(cmd.Root(), args[0])
			if err != nil {
				return err
			}
			_, err = io.WriteString(c.out, text)
			return err
		},
	}
}

func reference(root *cobra.Command, what string) (string, error) {
	switch what {
	case "stages":
		return analyzers.Reference(), nil
	case "settings":
		return settingsReference(), nil
	case "commands":
		return commandsReference(root), nil
	}
	return "", usagef("there are references of stages, settings and commands, not of %q", what)
}

const settingsIntro = `# Settings

Made by ` + "`huntd docs settings`" + ` out of the program itself.

Settings stand in regular files of at most 1 MiB. Paths are relative to the file that
they stand in, or to the working directory if that is a pipe (/dev/stdin). A duration
is a number and a unit, such as 90s, 1h30m or 7d. JSON is YAML: a file written as
JSON loads the same.

huntd.yaml is the file that ` + "`--config`" + ` names, else HUNTD_CONFIG, else ./huntd.yaml,
else /etc/huntd/huntd.yaml. Environment variables override it. A name is HUNTD_CFG_ and
the path of a setting, with two underscores between levels: ` + "`HUNTD_CFG_LOG__LEVEL=debug`" + `,
` + "`HUNTD_CFG_CONNECTIONS__MAIN__TIMEOUT=30s`" + `. Values are written as in the file, lists in
brackets; paths begin at the working directory. Flags override variables.
` + "`huntd check --settings`" + ` prints each setting, its value and where it came from.

A secret is never written into a file or such a variable; its setting says where it is kept:

| reference | where the secret is |
| --- | --- |
` + "| `credential:NAME` | in the file NAME that systemd passes to the service (`LoadCredential=`) |\n" +
	"| `file:PATH` | in a file that others can neither read nor change: mode 0640 or less |\n" +
	"| `env:NAME` | in a variable of the environment |\n" +
	"| `exec:[PROGRAM, ARG, …]` | a program prints it, or prints JSON with it as `token` |\n"

func settingsReference() string {
	var w strings.Builder
	w.WriteString(settingsIntro)
	for _, file := range []struct {
		title string
		of    any
	}{{"huntd.yaml", daemon.DefaultConfig()}, {"A hunt file", hunt.DefaultSpec()}} {
		fmt.Fprintf(&w, "\n## %s\n\n| setting | type | default | meaning |\n| --- | --- | --- | --- |\n", file.title)
		for _, s := range configs.Describe(file.of) {
			w.WriteString(configs.TableRow(s))
		}
	}
	return w.String()
}

func commandsReference(root *cobra.Command) string {
	var w strings.Builder
	w.WriteString("# Commands\n\nMade by `huntd docs commands` out of the program itself.\n\n| command | what it does |\n| --- | --- |\n")
	commands := listedCommands(root)
	for _, cmd := range commands {
		name := fullName(cmd)
		fmt.Fprintf(&w, "| [%s](#%s) | %s |\n", name, strings.ReplaceAll(name, " ", "-"), cmd.Short)
	}
	for _, cmd := range commands {
		describeCommand(&w, cmd)
	}
	w.WriteString("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n")
	for _, e := range exitTable {
		fmt.Fprintf(&w, "| %d | %s |\n", e.code, e.meaning)
	}
	return w.String()
}

// listedCommands are those below a command, each group's behind the group.
func listedCommands(of *cobra.Command) (all []*cobra.Command) {
	for _, cmd := range of.Commands() {
		if !cmd.Hidden {
			all = append(append(all, cmd), listedCommands(cmd)...)
		}
	}
	return all
}

// fullName is a command as it is typed, without the program.
func fullName(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

func describeCommand(w io.Writer, cmd *cobra.Command) {
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	typed := strings.TrimSuffix(cmd.CommandPath(), cmd.Name()) + cmd.Use
	fmt.Fprintf(w, "\n## %s\n\n    %s\n\n%s\n", fullName(cmd), typed, long)
	rows := 0
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		if rows++; rows == 1 {
			fmt.Fprint(w, "\n| flag | default | meaning |\n| --- | --- | --- |\n")
		}
		name := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		value := ""
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			value = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", name, value, f.Usage)
	})
}
