package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"unicode/utf16"

	goccyjson "github.com/goccy/go-json"
)

type record = map[string]any

func standard(line []byte, r *record) error { return json.Unmarshal(line, r) }

func goccy(line []byte, r *record) error { return goccyjson.Unmarshal(line, r) }

func decodeMaps(decode func([]byte, *record) error) func(corpus) (pass, error) {
	return func(c corpus) (pass, error) {
		size := c.bytes()
		return func() (work, error) {
			for _, line := range c.lines {
				var r record
				if err := decode(line, &r); err != nil {
					return work{}, err
				}
			}
			return work{len(c.lines), size}, nil
		}, nil
	}
}

// naivePatterns are what one would write for the types at first, none of them
// validated.
func naivePatterns() []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, p := range []string{
		`\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b`,
		`(?i)\b(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}\b`,
		`(?i)\b(?:https?|ftp)://[^\s"'<>]+`,
		`(?i)\b(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,24}\b`,
		`(?i)\b[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,24}\b`,
		`(?i)\b[0-9a-f]{32}\b`, `(?i)\b[0-9a-f]{40}\b`, `(?i)\b[0-9a-f]{64}\b`,
	} {
		all = append(all, regexp.MustCompile(p))
	}
	return all
}

func scanNaively(c corpus) (pass, error) {
	patterns, size := naivePatterns(), c.bytes()
	return func() (work, error) {
		found := 0
		for _, line := range c.lines {
			for _, re := range patterns {
				found += len(re.FindAllIndex(line, -1))
			}
		}
		if found == 0 {
			return work{}, errors.New("nothing found")
		}
		return work{len(c.lines), size}, nil
	}, nil
}

func decodeAndScanNaively(c corpus) (pass, error) {
	patterns, size := naivePatterns(), c.bytes()
	return func() (work, error) {
		for _, line := range c.lines {
			var r record
			if err := json.Unmarshal(line, &r); err != nil {
				return work{}, err
			}
			for _, v := range r {
				text, _ := v.(string)
				for _, re := range patterns {
					re.FindAllStringIndex(text, -1)
				}
			}
		}
		return work{len(c.lines), size}, nil
	}, nil
}

func mapsOf(c corpus, n int) ([]record, error) {
	records := make([]record, n)
	for i := range records {
		if err := json.Unmarshal(c.lines[i%len(c.lines)], &records[i]); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// filterMaps is filterSource by hand.
func filterMaps(c corpus) (pass, error) {
	records, err := mapsOf(c, len(c.lines))
	held := 0
	return func() (work, error) {
		for _, r := range records {
			image, _ := r["Image"].(string)
			command, _ := r["CommandLine"].(string)
			parent, _ := r["ParentImage"].(string)
			if (strings.HasSuffix(image, `\powershell.exe`) || strings.HasSuffix(image, `\cmd.exe`)) &&
				strings.Contains(command, "-") && !strings.HasPrefix(parent, `C:\Program Files\`) {
				held++
			}
		}
		return work{records: len(records)}, nil
	}, err
}

func holdMaps(c corpus) (pass, error) {
	held, err := mapsOf(c, heldRecords)
	return collect(held), err
}

// collect is a pass of one full collection while something is held.
func collect(held any) pass {
	return func() (work, error) {
		runtime.GC()
		runtime.KeepAlive(held)
		return work{records: 1}, nil
	}
}

var looksEncoded = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)

func unpackNaively(c corpus) (pass, error) {
	texts, size := textsOf(c), c.bytes()
	return func() (work, error) {
		for _, text := range texts {
			if len(layersOf(text)) == 0 {
				return work{}, errors.New("nothing unpacked")
			}
		}
		return work{len(texts), size}, nil
	}, nil
}

// layersOf decodes whatever looks like base64, and what is in that.
func layersOf(text string) (layers []string) {
	for _, m := range looksEncoded.FindAllString(text, -1) {
		data, err := base64.StdEncoding.DecodeString(m)
		if err != nil {
			continue
		}
		inner := string(data)
		if strings.Count(inner, "\x00") >= len(inner)/3 {
			units := make([]uint16, len(data)/2)
			for i := range units {
				units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
			}
			inner = string(utf16.Decode(units))
		}
		layers = append(append(layers, inner), layersOf(inner)...)
	}
	return layers
}
