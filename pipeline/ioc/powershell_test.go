package ioc

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// layers returns the base64 text in s, decoded, as often as there is any.
func layers(s string) (all []string) {
	for _, b64 := range regexp.MustCompile(`[A-Za-z0-9+/]{20,}={0,2}`).FindAllString(s, -1) {
		data, err := base64.StdEncoding.DecodeString(b64)
		if err != nil {
			continue
		}
		text := string(data)
		if len(data) > 1 && data[1] == 0 {
			units := make([]uint16, len(data)/2)
			for i := range units {
				units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
			}
			text = string(utf16.Decode(units))
		} else if wide := wideInner(data); wide != "" {
			text = wide
		}
		all = append(append(all, text), layers(text)...)
	}
	return all
}

// wideInner returns text whose every second byte is zero, "" if data is none.
func wideInner(data []byte) string {
	if strings.Count(string(data), "\x00") < len(data)/3 {
		return ""
	}
	return strings.ReplaceAll(string(data), "\x00", "")
}

// TestWildPowerShell: of each sample caught in the wild, the hosts of its URLs.
func TestWildPowerShell(t *testing.T) {
	var truth struct {
		Lines []struct {
			Line     int
			Corrupt  bool
			URLHosts []string `json:"url_hosts"`
		}
	}
	recorded.JSON(t, recorded.Path(t, "data", "demo", "truth", "pscmd-corpus.json"), &truth)
	var commands []string
	for _, fields := range recorded.Events(t, recorded.Path(t, "data", "demo", "10-encoded-powershell-in-the-wild.ndjson.gz")) {
		commands = append(commands, fields["CommandLine"][0])
	}
	s, checked := New(All), 0
	for _, want := range truth.Lines {
		if want.Corrupt {
			continue
		}
		found := make(map[string]bool)
		for _, text := range append(layers(commands[want.Line-1]), commands[want.Line-1]) {
			for _, m := range scan(t, s, text) {
				found[m.Value] = true
				if m.Type == URL && strings.ContainsAny(m.Value, "'\"(),; ") {
					t.Errorf("line %d: %s runs on", want.Line, m.Value)
				}
			}
		}
		for _, host := range want.URLHosts {
			checked++
			if !found[host] {
				t.Errorf("line %d: %s is missing", want.Line, host)
			}
		}
	}
	if checked == 0 {
		t.Error("no hosts to look for")
	}
}

// TestRecordedPowerShell: the URLs in each layer of the recorded attacks, to
// the byte.
func TestRecordedPowerShell(t *testing.T) {
	type event struct {
		Line   int
		Field  string
		Layers []struct{ URLs []string }
	}
	checked, s := 0, New(SetOf(URL))
	for _, name := range []string{"01-initial-access-vbs-encoded-powershell", "02-credential-theft-and-beacon", "03-lateral-movement-psexec"} {
		var truth struct{ Encoded []event }
		recorded.JSON(t, recorded.Path(t, "data", "demo", "truth", name+".json"), &truth)
		var all []map[string][]string
		for _, fields := range recorded.Events(t, recorded.Path(t, "data", "demo", name+".ndjson.gz")) {
			all = append(all, fields)
		}
		for _, e := range truth.Encoded {
			var got []string
			for _, layer := range layers(strings.Join(all[e.Line-1][e.Field], "\n")) {
				for _, m := range scan(t, s, layer) {
					got = append(got, m.Value)
				}
			}
			for _, layer := range e.Layers {
				for _, url := range layer.URLs {
					checked++
					if !slices.Contains(got, url) {
						t.Errorf("%s, line %d, %s: %s is missing in %q", name, e.Line, e.Field, url, got)
					}
				}
			}
			for _, url := range got {
				if !slices.ContainsFunc(e.Layers, func(l struct{ URLs []string }) bool { return slices.Contains(l.URLs, url) }) {
					t.Errorf("%s, line %d, %s: %s is too many", name, e.Line, e.Field, url)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no URLs to look for")
	}
}
