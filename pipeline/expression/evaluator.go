package expression

import (
	"errors"
	"regexp"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/huntd/huntd/pipeline"
)

// An Evaluator is a compiled expression. It serves one goroutine and the
// batches of the dictionary that it was compiled for.
type Evaluator struct {
	source string
	test   test
	value  term

	batch  *pipeline.Batch
	row    int
	turn   uint64 // counts rows, so that fields know a row from the next
	fields []field
	err    error // the first one in the row
	work   int
	made   int // values of lists

	scoped  []operand // what # and the variables stand for, in closures
	rest    []scalar  // arguments of the functions that are being called
	scratch []byte    // texts that were made for the row

	machine    vm.VM
	notNumbers int
	patterns   map[string]*regexp.Regexp
}

// A test is a condition as a closure. After an error, which it leaves with the
// evaluator, its result is of no account.
type test func(e *Evaluator) bool

// A term is a part of an expression as a closure. After an error, which it
// leaves with the evaluator, its result is of no account.
type term func(e *Evaluator) operand

// A field is one that the expression reads, with what the row has of it.
type field struct {
	key    pipeline.Key
	turn   uint64
	values pipeline.Values
	boxed  any // for the machine; nil: not made yet
}

// Condition compiles an expression that is true or false for each record, as
// keep and drop want it. One that is known to give anything else is refused. An
// error names the place in the expression and says what to write instead.
func Condition(source string, dict *pipeline.Dict) (*Evaluator, error) {
	return compile(source, dict, true, false)
}

// Value compiles an expression of any result, as set wants it. Its errors are
// as those of [Condition].
func Value(source string, dict *pipeline.Dict) (*Evaluator, error) {
	return compile(source, dict, false, false)
}

// Holds reports whether the expression is true for a row of the batch. A result
// that is neither true nor false is an error, and so is a text out of the
// record that should be a regular expression and is none, and a record that
// takes too much work; all are permanent.
func (e *Evaluator) Holds(b *pipeline.Batch, row int) (bool, error) {
	e.begin(b, row)
	ok := e.test(e)
	if e.err != nil {
		return false, pipeline.Permanent(e.err)
	}
	return ok, nil
}

// Values returns the result for a row of the batch as the values of a field:
// none for nil, "" or an empty list. Within a list nil is left out, and a list
// counts as its values. The texts are valid until the evaluator's next row, and
// no longer than the batch. Errors are those of [Evaluator.Holds].
func (e *Evaluator) Values(b *pipeline.Batch, row int) ([]string, error) {
	e.begin(b, row)
	v := e.value(e)
	if e.err != nil {
		return nil, pipeline.Permanent(e.err)
	}
	switch {
	case v.isEmpty():
		return nil, nil
	case v.form == isOther:
		return appendTexts(nil, v.other), nil
	}
	texts := make([]string, v.size())
	for i := range texts {
		texts[i] = v.at(i).written().text
	}
	return texts, nil
}

func appendTexts(texts []string, v any) []string {
	switch {
	case v == nil:
		return texts
	case !isList(v):
		return append(texts, toScalar(v).text)
	}
	for i := range size(v) {
		texts = appendTexts(texts, at(v, i))
	}
	return texts
}

// NotNumbers returns how often, since the evaluator was made, arithmetic met
// what is no number, a division by zero, or a text too long to be made; each
// gave nil.
func (e *Evaluator) NotNumbers() int { return e.notNumbers }

// maxScratch is how much of the memory for texts is kept from row to row.
const maxScratch = 1 << 20

func (e *Evaluator) begin(b *pipeline.Batch, row int) {
	e.batch, e.row = b, row
	e.turn++
	e.err, e.work, e.made = nil, 0, 0
	if cap(e.scratch) > maxScratch {
		e.scratch = nil
	}
	e.scratch, e.rest = e.scratch[:0], e.rest[:0]
}

// values returns the i-th field's values in the row.
func (e *Evaluator) values(i int) pipeline.Values {
	f := &e.fields[i]
	if f.turn != e.turn {
		f.turn, f.values, f.boxed = e.turn, e.batch.Values(e.row, f.key), nil
	}
	return f.values
}

// boxed returns the i-th field as the machine has it: a text, or a list where
// there are several values.
func (e *Evaluator) boxed(i int) any {
	values := e.values(i)
	f := &e.fields[i]
	if f.boxed == nil {
		if values.Len() > 1 {
			f.boxed = values.Slice()
		} else {
			f.boxed = values.First()
		}
	}
	return f.boxed
}

// fail notes what is wrong at a place in the expression, unless something has
// been wrong before.
func (e *Evaluator) fail(m *mistake) {
	if e.err == nil {
		e.err = m.in(e.source)
	}
}

// run lets the machine work, unless the row has come to an error already.
func (e *Evaluator) run(program *vm.Program) any {
	if e.err != nil {
		return nil
	}
	v, err := e.machine.Run(program, nil)
	if err == nil {
		return v
	}
	m := mistake{message: err.Error()}
	var found *file.Error
	if errors.As(err, &found) {
		m = mistake{at: found.Location, message: found.Message, cause: found.Prev}
	}
	if m.message == "memory budget exceeded" { // expr's own, of a million values
		m.cause = errTooMuchWork
	}
	e.err = m.in(e.source)
	return nil
}
