//go:build !unix

package main

import "time"

// processorTime is zero where the system does not tell.
func processorTime() time.Duration { return 0 }
