package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/huntd/huntd/daemon"
)

// TestJournal: on the journal lines have a priority and no time; elsewhere it is
// the other way round.
func TestJournal(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		for _, journal := range []bool{true, false} {
			path := filepath.Join(t.TempDir(), "stderr")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			stream := ""
			if stat := info.Sys().(*syscall.Stat_t); journal {
				stream = fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
			}
			t.Setenv("JOURNAL_STREAM", stream)
			c := &cli{err: f}
			log, err := c.logger(daemon.LogConfig{Level: "info", Format: format})
			if err != nil {
				t.Fatal(err)
			}
			log.Warn("noted")
			tell(f, errors.New("one\ntwo"))
			f.Close()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(text), "\n")
			if got := strings.HasPrefix(lines[0], "<4>"); got != journal {
				t.Errorf("%s, on the journal %v: %q", format, journal, lines[0])
			}
			dated := strings.Contains(lines[0], `"ts"`)
			if format == "text" {
				dated = strings.HasPrefix(lines[0], "2")
			}
			if dated == journal {
				t.Errorf("%s, on the journal %v: with a time: %q", format, journal, lines[0])
			}
			want := "huntd: one\nhuntd: two\n"
			if journal {
				want = "<3>huntd: one\n<3>huntd: two\n"
			}
			if got := strings.Join(lines[1:], ""); got != want {
				t.Errorf("on the journal %v: told %q, want %q", journal, got, want)
			}
		}
	}
}
