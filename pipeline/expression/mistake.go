package expression

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// A mistake is what is wrong at one place of an expression.
type mistake struct {
	at      file.Location
	message string
	cause   error // says it in place of message, if it is there
}

func (m *mistake) Error() string {
	if m.cause != nil {
		return m.cause.Error()
	}
	return m.message
}

// mistakeAt is a mistake at a node of the tree.
func mistakeAt(n ast.Node, format string, args ...any) error {
	return &mistake{at: n.Location(), message: fmt.Sprintf(format, args...)}
}

// in makes the error that a hunter reads: the expression, the place in it, and
// what is wrong.
func (m *mistake) in(source string) error {
	line, column := position(source, m.at.From)
	where := fmt.Sprintf("expression %s, line %d, column %d", quoted(source), line, column)
	if m.cause != nil {
		return fmt.Errorf("%s: %w", where, m.cause)
	}
	return fmt.Errorf("%s: %s", where, m.message)
}

// quoted is an expression within an error message, on one line.
func quoted(source string) string {
	source = shortened(strings.Join(strings.FieldsFunc(source, func(r rune) bool { return r == '\n' || r == '\r' }), " "), 160)
	if strconv.CanBackquote(source) {
		return "`" + source + "`"
	}
	return strconv.Quote(source)
}

// position turns a count of characters into a line and a column, both from 1.
func position(source string, characters int) (line, column int) {
	line, column = 1, 1
	for _, r := range source {
		if characters == 0 {
			break
		}
		characters--
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// shortened cuts a text for an error message.
func shortened(s string, most int) string {
	s = strings.TrimSpace(s)
	count := 0
	for i := range s {
		if count == most {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// describe says what a value is, for an error message.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return fmt.Sprintf("the text %q", shortened(v, 40))
	case int, float64:
		return "the number " + toScalar(v).text
	}
	if isList(v) {
		return "a list of " + countOf(size(v), "value")
	}
	return fmt.Sprintf("a %T", v)
}
