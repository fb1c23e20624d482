package configs

import (
	"fmt"
	"strings"
)

// TableRow writes a setting as a row of a Markdown table with the columns
// setting, type, default and meaning.
func TableRow(s Setting) string {
	kind := s.Type
	if len(s.Enum) > 0 {
		kind = "`" + strings.Join(s.Enum, "` `") + "`"
	}
	switch {
	case s.Min != "" && s.Max != "":
		kind += fmt.Sprintf(", %s to %s", s.Min, s.Max)
	case s.Min != "":
		kind += ", at least " + s.Min
	case s.Max != "":
		kind += ", at most " + s.Max
	}
	value := s.Default
	switch {
	case s.Required:
		value = "required"
	case value != "":
		value = "`" + value + "`"
	}
	name := "`" + s.Name + "`"
	if s.Short {
		name += " (may stand alone)"
	}
	return row(name, kind, value, s.Doc)
}

func row(cells ...string) string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "|", `\|`), "\n", " ")
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}
