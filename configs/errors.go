package configs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// An Error is one mistake in one file. Line and Col count from 1 and are 0
// where there is no position.
type Error struct {
	File      string
	Line, Col int
	Msg       string

	column bool // the column helps to find it: a mistake of syntax
	cause  error
}

// Error writes "file:line: what is wrong"; mistakes of syntax also give the
// column.
func (e *Error) Error() string {
	switch {
	case e.File == "" && e.Line == 0:
		return e.Msg
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Msg)
	case e.column:
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// Unwrap returns the error that Errorf was given with %w, if any.
func (e *Error) Unwrap() error { return e.cause }

// Errorf reports a mistake at the place where n stood. The verb %w is taken as
// in [fmt.Errorf]. Of a nil n nothing is known, and no place is given.
func Errorf(n *Node, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Msg: err.Error(), cause: errors.Unwrap(err)}
	if n != nil {
		e.File, e.Line, e.Col = n.file, n.line, n.col
	}
	return e
}

// Mistakes takes an error of this package apart into the mistakes it joins.
// An error of another kind is one mistake without a place.
func Mistakes(err error) []*Error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok { //nolint:errorlint // what is wrapped or joined is taken apart below
		return []*Error{e}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Error
		for _, one := range joined.Unwrap() {
			all = append(all, Mistakes(one)...)
		}
		return all
	}
	return []*Error{{Msg: err.Error(), cause: err}}
}

// inOrder joins errors by file and line; nil if there is none.
func inOrder(errs []error) error {
	mistakes := Mistakes(errors.Join(errs...))
	slices.SortStableFunc(mistakes, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	sorted := make([]error, len(mistakes))
	for i, m := range mistakes {
		sorted[i] = m
	}
	return errors.Join(sorted...)
}

// maxQuoted is how many bytes of a file's text a message repeats.
const maxQuoted = 60

// quote repeats text from a file in a message, on one line and not endlessly.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	cut := maxQuoted
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}
