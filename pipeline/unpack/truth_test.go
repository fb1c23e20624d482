package unpack

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// An encodedField is what the truth says about one field of one event.
type encodedField struct {
	Line   int
	Field  string
	Layers []struct {
		Depth  int
		SHA256 string
		Length int
		URLs   []string
	}
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// TestTruth unpacks every field of the recordings of which the truth states
// the layers: each must be there, with its hash and its URLs, below the one
// before it, and nothing else that is text.
func TestTruth(t *testing.T) {
	for set, least := range map[string]int{"demo": 32, "dev": 2000} {
		t.Run(set, func(t *testing.T) {
			dir := recorded.Path(t, "data", set)
			files, err := filepath.Glob(filepath.Join(dir, "truth", "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			layers := 0
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".json")
				var truth any
				recorded.JSON(t, file, &truth)
				if m, ok := truth.(map[string]any); !ok || m["encoded"] == nil {
					continue
				}
				var stated struct{ Encoded []encodedField }
				recorded.JSON(t, file, &stated)
				if len(stated.Encoded) == 0 {
					continue
				}
				want := make(map[int][]encodedField)
				for _, e := range stated.Encoded {
					want[e.Line] = append(want[e.Line], e)
				}
				u := New(Limits{})
				for line, fields := range recorded.Events(t, filepath.Join(dir, name+".ndjson.gz")) {
					for _, e := range want[line] {
						layers += checkField(t, u, name, e, fields[e.Field])
					}
				}
			}
			if layers < least {
				t.Errorf("the truth states %d layers, at least %d are expected", layers, least)
			}
		})
	}
}

func checkField(t *testing.T, u *Unpacker, name string, e encodedField, values []string) int {
	t.Helper()
	found := make(map[string]Layer)
	var binary []int
	for _, v := range values {
		for _, l := range u.Unpack(v) {
			if l.Charset != "" {
				l.Text = strings.Clone(l.Text)
				found[sum(l.Text)] = l
			} else if l.Type == "binary" && strings.HasPrefix(l.Encoding, "base64") {
				binary = append(binary, len(l.Data))
			}
		}
	}
	depth := 0
	for _, want := range e.Layers {
		if want.SHA256 == "" { // bytes which the truth could not read as text
			if len(binary) != 1 || binary[0] != want.Length/4*3 {
				t.Errorf("%s:%d %s: binary layers of %d bytes, want one of %d", name, e.Line, e.Field, binary, want.Length/4*3)
			}
			continue
		}
		l, ok := found[want.SHA256]
		if !ok {
			t.Errorf("%s:%d %s: no layer with hash %s at depth %d", name, e.Line, e.Field, want.SHA256, want.Depth)
			continue
		}
		if want.Depth > 0 && l.Depth <= depth {
			t.Errorf("%s:%d %s: layer %s at depth %d, want it below %d", name, e.Line, e.Field, want.SHA256, l.Depth, depth)
		}
		depth = l.Depth
		for _, url := range want.URLs {
			if !strings.Contains(l.Text, url) {
				t.Errorf("%s:%d %s: no %s in layer %s", name, e.Line, e.Field, url, want.SHA256)
			}
		}
		delete(found, want.SHA256)
	}
	for _, l := range found {
		if l.Encoding == "join" || l.Encoding == "charcode" || l.Encoding == "hex" {
			continue // the truth states base64 only
		}
		t.Errorf("%s:%d %s: a layer that the truth does not state: %+q", name, e.Line, e.Field, l.Text)
	}
	return len(e.Layers)
}

// TestCorpus unpacks commands from the wild, of which others stated the text.
func TestCorpus(t *testing.T) {
	recordings := map[string]string{
		"demo": "10-encoded-powershell-in-the-wild",
		"dev":  "pscmd-corpus",
	}
	for set, recording := range recordings {
		t.Run(set, func(t *testing.T) {
			dir := recorded.Path(t, "data", set)
			var truth struct {
				Lines []struct {
					Line    int
					Corrupt bool
					SHA256  string   `json:"decoded_sha256"`
					Hosts   []string `json:"url_hosts"`
				}
			}
			recorded.JSON(t, filepath.Join(dir, "truth", "pscmd-corpus.json"), &truth)
			u, checked := New(Limits{}), 0
			for line, fields := range recorded.Events(t, filepath.Join(dir, recording+".ndjson.gz")) {
				want := truth.Lines[line-1]
				if want.Line != line {
					t.Fatalf("line %d stands where %d should", want.Line, line)
				}
				layers := u.Unpack(fields["CommandLine"][0])
				if want.Corrupt {
					continue
				}
				checked++
				if len(layers) == 0 || sum(layers[0].Text) != want.SHA256 {
					t.Errorf("line %d: the first of %d layers is not the one stated: %.300s", line, len(layers), fields["CommandLine"][0])
					continue
				}
				for _, host := range want.Hosts {
					if !mentions(layers, host) {
						t.Errorf("line %d: no layer names %s", line, host)
					}
				}
			}
			if checked < len(truth.Lines)-1 {
				t.Errorf("checked %d of %d lines", checked, len(truth.Lines))
			}
		})
	}
}

func mentions(layers []Layer, host string) bool {
	for _, l := range layers {
		if strings.Contains(strings.ToLower(l.Text), strings.ToLower(host)) {
			return true
		}
	}
	return false
}
