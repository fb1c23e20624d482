package daemon

import (
	"fmt"
	"runtime/debug"
)

// Version names the build as Go has noted it.
func Version() string {
	number, goVersion := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		number, goVersion = info.Main.Version, info.GoVersion
	}
	return fmt.Sprintf("huntd %s (%s)", number, goVersion)
}
