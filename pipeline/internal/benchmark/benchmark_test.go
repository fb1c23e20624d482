package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestEveryRowRuns makes one short round of everything, so that it cannot rot.
func TestEveryRowRuns(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run([]string{"-time", "1ns", "-rounds", "1", "-bytes", "200000"}, &out, &errOut); code != 0 {
		t.Fatalf("%d: %s", code, errOut.String())
	}
	all, err := tables(200_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range all {
		if !strings.Contains(out.String(), "\n"+table.title+"\n") {
			t.Errorf("the table %q is missing", table.title)
		}
		for _, r := range table.rows {
			if !strings.Contains(out.String(), r.name+"\n") {
				t.Errorf("%s: the row %q is missing", table.title, r.name)
			}
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestWrongUsage(t *testing.T) {
	if code := run([]string{"-tables"}, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
}
