package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
)

const (
	configVariable  = "HUNTD_CONFIG"
	settingVariable = "HUNTD_CFG_" // and the path of a setting

	configHere = "huntd.yaml"
	configHost = "/etc/huntd/huntd.yaml"

	configUsage = "the configuration file (default HUNTD_CONFIG, ./huntd.yaml or /etc/huntd/huntd.yaml)"
)

// configFlag adds --config.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "", configUsage)
}

// findConfig returns the file that --config names, else the one that HUNTD_CONFIG
// names, else the first of configHere and configHost that exists.
func findConfig(named string) (string, error) {
	path := cmp.Or(named, os.Getenv(configVariable))
	places := []string{path}
	if path == "" {
		places = []string{configHere, configHost}
	}
	for _, place := range places {
		switch info, err := os.Stat(place); {
		case errors.Is(err, fs.ErrNotExist):
		case err == nil && info.IsDir():
			return "", fmt.Errorf("%s is a folder: name the file with --config", place)
		default:
			return place, nil
		}
	}
	switch {
	case path == "":
		return "", fmt.Errorf("there is no configuration: --config and %s are not set, and neither ./%s nor %s exists",
			configVariable, configHere, configHost)
	case named == "":
		return "", fmt.Errorf("there is no file %s, which %s names: write one, or name another with --config", path, configVariable)
	}
	return "", fmt.Errorf("there is no file %s: write one, or name another with --config", path)
}

// loadSetup loads the configuration. Environment variables override it, and flags
// override both.
func loadSetup(named string, flags ...configs.Layer) (*daemon.Setup, error) {
	path, err := findConfig(named)
	if err != nil {
		return nil, asConfig(err)
	}
	setup, err := daemon.Load(path, append([]configs.Layer{configs.Environment(settingVariable, os.Environ())}, flags...)...)
	return setup, asConfig(err)
}

// loadDespiteMistakes is [loadSetup] for commands beside a daemon, which hunt files
// with mistakes do not concern: it warns of these, and leaves their hunts out.
func loadDespiteMistakes(cmd *cobra.Command, named string, flags ...configs.Layer) (*daemon.Setup, error) {
	setup, err := loadSetup(named, flags...)
	var mistakes *daemon.HuntsError
	if setup == nil || !errors.As(err, &mistakes) {
		return setup, err
	}
	for line := range strings.Lines(mistakes.Error()) {
		fmt.Fprintf(cmd.ErrOrStderr(), "huntd: warning: %s\n", strings.TrimSuffix(line, "\n"))
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "huntd: warning: hunts with mistakes are left out here; a daemon at work keeps them as it loaded them")
	return setup, nil
}
