//go:build !unix

package main

import "time"

var start = time.Now()

// processorTime is the time that has passed, where the system does not tell the
// processor's.
func processorTime() time.Duration { return time.Since(start) }
