package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// spool is the cap of the outbox where it is to be full, in bytes.
const spool = 1 << 20

const configName = "huntd.yaml"

// searchOf returns the search of a hunt.
func searchOf(hunt string) string { return hunt + ".ndjson" }

// writeFiles writes the configuration of a case. Nobody dials its addresses.
func writeFiles(folder, state string, w workload) error {
	config := fmt.Sprintf(`connections:
  main:
    kind: file
    path: .
state: %q
workers: %d
`, state, w.Workers)
	switch w.Waits {
	case onSearch:
		config = strings.Replace(config, "    path:", "    max_searches: 1\n    path:", 1)
	case onSpool:
		config += "limits: { spool: 1MiB }\n" // as the constant spool
	}
	errs := []error{
		os.WriteFile(filepath.Join(folder, configName), []byte(config), 0o600),
		os.Mkdir(filepath.Join(folder, "hunts.d"), 0o700),
	}
	for i := range w.Hunts {
		name := fmt.Sprintf("hunt-%05d", i)
		hunt := fmt.Sprintf(`name: %s
schedule: { cron: %q, jitter: %s }
source: { connection: main, search: %s }
window: { lag: 0s, max: %s, first: %s }
deliver: { records: all }
`, name, w.Cron, w.Jitter, searchOf(name), w.Max, w.First)
		errs = append(errs, os.WriteFile(filepath.Join(folder, "hunts.d", fmt.Sprintf("%05d.yaml", i)), []byte(hunt), 0o600))
	}
	return errors.Join(errs...)
}
