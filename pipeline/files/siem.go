package files

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// maxBody bounds a body: rows of the ledger stay small.
const maxBody = 1_000_000

// SIEM is a folder as a kind of connection.
type SIEM struct{}

var _ pipeline.SIEM = SIEM{}

// Render implements [pipeline.Language]. A search is patterns of files, with blanks
// between them. A pattern with a slash is one of paths below the folder, as in
// dns/*.ndjson; one without is of names, in any folder below it. The signs are
// those of [path.Match]. A parameter's value stands for itself in a pattern.
func (SIEM) Render(search string, params map[string]pipeline.Param) (string, error) {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value, err := paramText(params[name])
		if err != nil {
			return "", fmt.Errorf("parameter %q: %w", name, err)
		}
		mark := "$" + name + "$"
		if !strings.Contains(search, mark) {
			return "", fmt.Errorf("parameter %q: the search does not use it: write %s where its value belongs, or leave it out", name, mark)
		}
		search = strings.ReplaceAll(search, mark, value)
	}
	if before, _, found := strings.Cut(search, "$"); found {
		return "", fmt.Errorf("no parameter has the name behind %q", before+"$")
	}
	return search, nil
}

// paramText returns a value as it stands in a pattern.
func paramText(p pipeline.Param) (string, error) {
	switch p.Type {
	case "string", "index", "enum", "int":
	default:
		return "", fmt.Errorf("a search of files takes parameters of the types string, index, enum and int, not %s", p.Type)
	}
	text := fmt.Sprint(p.Value)
	if _, err := strconv.ParseInt(text, 10, 64); p.Type == "int" && err != nil {
		return "", fmt.Errorf("%q is no whole number", text)
	}
	if p.Type == "enum" && !slices.Contains(p.Values, text) {
		return "", fmt.Errorf("%q is none of its values: %s", text, strings.Join(p.Values, ", "))
	}
	if text == "" || strings.ContainsAny(text, "/*?[]\\$ \t\n") {
		return "", fmt.Errorf("%q is no part of a file's name: it may not be empty, nor hold blanks or / * ? [ ] \\ $", text)
	}
	return text, nil
}

// CheckSearch implements [pipeline.Language].
func (SIEM) CheckSearch(search string, _ bool) error {
	patterns := strings.Fields(search)
	if len(patterns) == 0 {
		return errors.New("a search of files is a pattern of their names, such as *.ndjson")
	}
	for _, p := range patterns {
		switch _, err := path.Match(p, ""); {
		case err != nil:
			return fmt.Errorf("%q is no pattern of files: write one such as *.ndjson or dns/*.gz", p)
		case strings.Contains(p, "**"), strings.Contains(p, "="):
			return fmt.Errorf("%q is no pattern of files: one without a slash, such as *.ndjson, is for files in any folder below", p)
		case path.IsAbs(p), slices.Contains(strings.Split(p, "/"), ".."):
			return fmt.Errorf("%q leads out of the folder: patterns begin at the folder of the connection", p)
		}
	}
	return nil
}

// CheckCount implements [pipeline.Language].
func (SIEM) CheckCount(string) error { return nil }

// Bounds implements [pipeline.Language].
func (SIEM) Bounds(s pipeline.Search, w pipeline.Window) map[string]string {
	bounds := map[string]string{}
	of := "_indextime"
	if s.EventTime {
		of = "_time"
	}
	bounds[of] = fmt.Sprintf("%d <= %s < %d", w.From, of, w.To)
	return bounds
}

// CheckIndex implements [pipeline.Format]: any name will do, since all events go to
// one file.
func (SIEM) CheckIndex(string) error { return nil }

// AppendEvent implements [pipeline.Format] by the lines that HEC takes.
func (SIEM) AppendEvent(dst []byte, to pipeline.Envelope, e pipeline.Event) []byte {
	return to.Append(dst, e)
}

// Join implements [pipeline.Format]: a body is its lines.
func (SIEM) Join(lines []byte) ([]byte, error) { return bytes.Clone(lines), nil }

// Split implements [pipeline.Format].
func (SIEM) Split(body []byte) (lines [][]byte, err error) {
	for line := range bytes.Lines(body) {
		lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return lines, nil
}

// MaxBody implements [pipeline.Format].
func (SIEM) MaxBody() (raw, joined int) { return maxBody, maxBody }

// mayMatchBelow reports whether a search may be for files in a folder.
func mayMatchBelow(search, folder string) bool {
	if folder == "." {
		return true
	}
	return slices.ContainsFunc(strings.Fields(search), func(pattern string) bool {
		elements, folders := strings.Split(pattern, "/"), strings.Split(folder, "/")
		if len(elements) == 1 {
			return true
		}
		if len(folders) >= len(elements) {
			return false
		}
		for i, name := range folders {
			if ok, err := path.Match(elements[i], name); !ok || err != nil {
				return false
			}
		}
		return true
	})
}

// matches reports whether a search is for a file, by its path below the folder.
func matches(search, file string) bool {
	return slices.ContainsFunc(strings.Fields(search), func(pattern string) bool {
		name := file
		if !strings.Contains(pattern, "/") {
			name = path.Base(file)
		}
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}
