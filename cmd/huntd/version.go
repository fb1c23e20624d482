package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.out, version())
			return err
		},
	}
}

// version names the build as Go has noted it.
func version() string {
	number, goVersion := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		number, goVersion = info.Main.Version, info.GoVersion
	}
	return fmt.Sprintf("huntd %s (%s)", number, goVersion)
}
