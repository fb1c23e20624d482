package main

import (
	"os"
	"testing"
)

// skip leaves a test out that cannot be run here, unless it must be.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}
