package configs

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed hunts.d/*.yaml
var shipped embed.FS

// ShippedHunts are the hunt files that come with huntd, for the demo and as a
// start for one's own.
func ShippedHunts() fs.FS {
	hunts, err := fs.Sub(shipped, "hunts.d")
	if err != nil {
		panic(fmt.Sprintf("configs: %v", err)) // unreachable: the name is a constant
	}
	return hunts
}
