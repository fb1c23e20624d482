package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
)

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.out, daemon.Version())
			return err
		},
	}
}
