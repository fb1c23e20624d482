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

// writeFiles writes the configuration of a case. Nobody dials its addresses.
func writeFiles(folder, state string, w workload) error {
	config := fmt.Sprintf(`connections:
  main:
    api: { url: "http://127.0.0.1:1", user: nobody, password: "env:HUNTD_BENCHMARK" }
    hec: { url: "http://127.0.0.1:1", token: "env:HUNTD_BENCHMARK" }
state: %q
workers: %d
`, state, w.Workers)
	switch w.Waits {
	case onSearch:
		config = strings.Replace(config, "    hec:", "    max_searches: 1\n    hec:", 1)
	case onSpool:
		config += "limits: { spool: 1MiB }\n" // as the constant spool
	}
	errs := []error{
		os.WriteFile(filepath.Join(folder, configName), []byte(config), 0o600),
		os.Mkdir(filepath.Join(folder, "hunts.d"), 0o700),
	}
	for i := range w.Hunts {
		hunt := fmt.Sprintf(`name: hunt-%05d
schedule: { cron: %q, jitter: %s }
source: { connection: main, search: search index=windows EventCode=4688 }
window: { lag: 0s, max: %s, first: %s }
findings: { title: "a finding on {{.host}}" }
`, i, w.Cron, w.Jitter, w.Max, w.First)
		errs = append(errs, os.WriteFile(filepath.Join(folder, "hunts.d", fmt.Sprintf("%05d.yaml", i)), []byte(hunt), 0o600))
	}
	return errors.Join(errs...)
}
