package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and every hunt",
		Long: `Load the configuration and every hunt as the daemon would, and report each
mistake with its file and line. A secret that cannot be read by now, or a missing
folder of the state, is a warning: it may be there when the daemon starts. Secrets
that a program prints are not asked for. What in the hunts folder is not loaded, but
may have been meant as a hunt, is a warning, too: a name such as a.YAML or
a.yaml.txt, a folder. With --online, log in to every Splunk,
compare its clock, and ask its HTTP Event Collector for its health as well. With
--settings, print each setting of huntd.yaml that has a value, and where it came
from: a file and line, a variable, or the default. Secrets are shown as references.`,
		Args: noArgs,
	}
	config := configFlag(cmd)
	online := cmd.Flags().Bool("online", false, "ask Splunk as well")
	settings := cmd.Flags().Bool("settings", false, "print the settings, and where each came from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		setup, err := loadSetup(*config)
		if err != nil {
			return err
		}
		warnings := setup.Warnings(cmd.Context())
		for _, h := range setup.Hunts {
			warnings = append(warnings, h.Warnings()...)
		}
		for _, w := range warnings {
			fmt.Fprintf(c.err, "huntd: warning: %s\n", w)
		}
		if *settings {
			w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			for _, s := range setup.Settings() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Value, s.Place)
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if *online {
			log, err := c.logger(setup.Log)
			if err != nil {
				return asConfig(err)
			}
			err = daemon.CheckOnline(cmd.Context(), setup, log, func(line string) { fmt.Fprintln(c.out, line) })
			if err != nil {
				return err
			}
		}
		fmt.Fprintf(c.out, "%s is well: %s, %s\n", setup.Path, views.FormatCount(len(setup.Connections), "connection"), views.FormatCount(len(setup.Hunts), "hunt"))
		return nil
	}
	return cmd
}
