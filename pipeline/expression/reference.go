package expression

import (
	"fmt"
	"strings"
)

// A lesson explains an operator or a function by an example, which a test runs.
type lesson struct {
	write   string // how it is written
	meaning string
	example string
	record  string // JSON
	gives   string // JSON; "" for nothing
}

type chapter struct {
	title   string
	lessons []lesson
}

func chapters() []chapter {
	return []chapter{
		{"Comparing", comparingLessons()},
		{"Text", textLessons()},
		{"Addresses, paths and patterns", patternLessons()},
		{"Decoding and hashing", codeLessons()},
		{"Time", timeLessons()},
		{"Numbers", numberLessons()},
		{"Several values", listLessons()},
		{"Each value", loopLessons()},
	}
}

// Reference writes the reference of expressions, in Markdown.
func Reference() string {
	var w strings.Builder
	w.WriteString(`A plain name is a field, whatever function has the same name; a name with
parentheses behind it is a function. Other names are written ` + "`$env[\"odd name\"]`" + `. An
absent field is "". Text that is a number compares as a number. On a field of
several values an operator holds if it holds for any of them, and a function of
a text is applied to each. ` + "`and`, `or`, `not`, `a ? b : c`, `let v = a; b`" + ` and
parentheses put together what is below. Where something is no number, no time or
no JSON, a function gives nothing, which equals "".

Nothing depends on when or where a hunt runs: there is no clock, and zones are
named. A regular expression is Go's (RE2), of 4096 bytes at most, and takes time
in proportion to the text.
`)
	for _, c := range chapters() {
		fmt.Fprintf(&w, "\n### %s\n\n| write | for | example | of the record | gives |\n| --- | --- | --- | --- | --- |\n", c.title)
		for _, l := range c.lessons {
			fmt.Fprintf(&w, "| %s | %s | %s | %s | %s |\n", code(l.write), strings.ReplaceAll(l.meaning, "*", `\*`), code(l.example), code(l.record), code(l.gives))
		}
	}
	return w.String()
}

// code is a text as code in a cell of a table.
func code(s string) string {
	if s == "" {
		return "nothing"
	}
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}
