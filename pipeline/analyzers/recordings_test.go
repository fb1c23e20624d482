package analyzers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// A truth says what is packed in a recording.
type truth struct {
	Encoded []struct {
		Line   int
		Field  string
		Layers []struct {
			Kind   string
			SHA256 string // of the text as UTF-8; "" where it is none
			URLs   []string
			Length int
		}
	}
}

func recordedLines(t *testing.T, file string) []string {
	t.Helper()
	var lines []string
	for _, line := range recorded.Lines(t, file) {
		lines = append(lines, string(line))
	}
	return lines
}

// unpackedIn runs a record through unpack_base64 and extract_iocs and returns
// the hashes of the layers' texts and the URLs in them.
func unpackedIn(t *testing.T, field, line string) (hashes, urls map[string]bool) {
	t.Helper()
	out, err := runPipeline(t, fmt.Sprintf("- unpack_base64: { fields: [%q], as: rows }\n- extract_iocs: { fields: [decoded], types: [url] }\n", field), line+"\n")
	if err != nil {
		t.Fatal(err)
	}
	hashes, urls = map[string]bool{}, map[string]bool{}
	for row := range strings.Lines(out) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(row), &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"decoded_sha256", "decoded_text_sha256"} {
			if h, ok := fields[name].(string); ok {
				hashes[h] = true
			}
		}
		switch u := fields["ioc_url"].(type) {
		case string:
			urls[u] = true
		case []any:
			for _, v := range u {
				urls[v.(string)] = true
			}
		}
	}
	return hashes, urls
}

// TestRecordedLayers: every layer that the truths state is unpacked to the
// byte, and the addresses in them are those that are stated.
func TestRecordedLayers(t *testing.T) {
	for _, set := range []string{"demo", "dev"} {
		dir := recorded.Path(t, "data", set)
		truths, err := filepath.Glob(filepath.Join(dir, "truth", "*.json"))
		if err != nil || len(truths) == 0 {
			t.Fatalf("no truths in %s: %v", dir, err)
		}
		layers := 0
		for _, file := range truths {
			if base := filepath.Base(file); !strings.Contains(base, "-") || base == "encoded-summary.json" || base == "ti-matches.json" || base == "pscmd-corpus.json" {
				continue
			}
			recording := filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".json")+".ndjson.gz")
			if _, err := os.Stat(recording); err != nil {
				continue // a truth about several recordings
			}
			var stated truth
			recorded.JSON(t, file, &stated)
			lines := recordedLines(t, recording)
			for _, e := range stated.Encoded {
				hashes, urls := unpackedIn(t, e.Field, lines[e.Line-1])
				want := map[string]bool{}
				for _, l := range e.Layers {
					layers++
					if l.SHA256 != "" && !hashes[l.SHA256] || len(hashes) < len(e.Layers) {
						t.Errorf("%s:%d: %s: a layer of %d characters (%s) is not unpacked", recording, e.Line, e.Field, l.Length, l.Kind)
					}
					for _, u := range l.URLs {
						want[u] = true
					}
				}
				if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(urls))); diff != "" {
					t.Errorf("%s:%d: %s (- stated, + found):\n%s", recording, e.Line, e.Field, diff)
				}
			}
		}
		t.Logf("%s: %d layers", set, layers)
		if layers < 20 {
			t.Errorf("%s: only %d layers are stated", set, layers)
		}
	}
}

// TestCommandsInTheWild: encoded commands of real intruders decode as stated,
// but for the damaged ones, and the first of the decoded texts is the stated one.
func TestCommandsInTheWild(t *testing.T) {
	for set, recording := range map[string]string{"demo": "10-encoded-powershell-in-the-wild", "dev": "pscmd-corpus"} {
		t.Run(set, func(t *testing.T) {
			dir := recorded.Path(t, "data", set)
			var stated struct {
				Lines []struct {
					Line     int
					SHA256   string `json:"decoded_sha256"`
					Corrupt  bool
					URLHosts []string `json:"url_hosts"`
				}
			}
			recorded.JSON(t, filepath.Join(dir, "truth", "pscmd-corpus.json"), &stated)
			lines := recordedLines(t, filepath.Join(dir, recording+".ndjson.gz"))
			if len(stated.Lines) == 0 || len(stated.Lines) != len(lines) {
				t.Fatalf("%d lines, %d stated", len(lines), len(stated.Lines))
			}
			for _, s := range stated.Lines {
				hashes, urls := unpackedIn(t, "CommandLine", lines[s.Line-1])
				if !s.Corrupt && (!hashes[s.SHA256] || firstDecoded(t, lines[s.Line-1]) != s.SHA256) {
					t.Errorf("line %d is not decoded as stated", s.Line)
				}
				for _, host := range s.URLHosts {
					if s.Corrupt || host == "10.10.01.10" { // 01 is no number of an address
						continue
					}
					if !slices.ContainsFunc(slices.Collect(maps.Keys(urls)), func(u string) bool { return strings.Contains(strings.ToLower(u), "://"+strings.ToLower(host)) }) {
						t.Errorf("line %d: no URL of %s among %v", s.Line, host, slices.Sorted(maps.Keys(urls)))
					}
				}
			}
		})
	}
}

// firstDecoded returns the hash of the first text that unpack_base64 adds as a
// field.
func firstDecoded(t *testing.T, line string) string {
	t.Helper()
	out, err := runPipeline(t, "- unpack_base64: { fields: [CommandLine] }\n", line+"\n")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(out), &fields); err != nil {
		t.Fatal(err)
	}
	text, _ := fields["decoded"].(string)
	if all, ok := fields["decoded"].([]any); ok {
		text, _ = all[0].(string)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
