//go:build !linux

package state

import "os"

// lockByte leaves the file to FILE.lock alone: not every system has locks of open
// file descriptions, and a lock of another kind would get into SQLite's way.
func lockByte(*os.File) (free bool, err error) { return true, nil }
