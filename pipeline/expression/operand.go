package expression

import "github.com/huntd/huntd/pipeline"

// An operand is what an expression, or a part of one, comes to for a record. A
// field and a single value are in it as they are, for to box them as expr's
// machine wants them would allocate.
type operand struct {
	form  form
	field pipeline.Values
	one   scalar
	other any
}

type form uint8

const (
	isOne   form = iota // a text, a number or nil
	isField             // the values of a field
	isOther             // a list, true or false, or what fromJSON made
)

func operandOf(v any) operand {
	switch v.(type) {
	case string, float64, nil:
		return operand{one: toScalar(v)}
	}
	return operand{form: isOther, other: v}
}

func boolOperand(holds bool) operand { return operand{form: isOther, other: holds} }

// size is the number of values; one value, and an absent field, is a list of
// one.
func (o *operand) size() int {
	switch o.form {
	case isField:
		return max(o.field.Len(), 1)
	case isOther:
		return size(o.other)
	}
	return 1
}

func (o *operand) isList() bool {
	return o.form == isField && o.field.Len() > 1 || o.form == isOther && isList(o.other)
}

// at returns the i-th value.
func (o *operand) at(i int) scalar {
	switch o.form {
	case isField:
		if o.field.Len() == 0 {
			return textScalar("")
		}
		return textScalar(o.field.At(i))
	case isOther:
		return scalarAt(o.other, i)
	}
	return o.one
}

// value returns the i-th value as an operand.
func (o *operand) value(i int) operand {
	if o.form == isOther {
		return operandOf(at(o.other, i))
	}
	return operand{one: o.at(i)}
}

// first is the first value, nil where there is none.
func (o *operand) first() scalar {
	if o.size() == 0 {
		return noScalar()
	}
	return o.at(0)
}

// boxed is the operand as expr's machine has it.
func (o *operand) boxed() any {
	switch o.form {
	case isField:
		if o.field.Len() > 1 {
			return o.field.Slice()
		}
		return o.field.First()
	case isOther:
		return o.other
	}
	return o.one.boxed()
}

func (o *operand) isEmpty() bool {
	switch o.form {
	case isField:
		return o.field.Len() <= 1 && o.field.First() == ""
	case isOther:
		return isEmpty(o.other)
	}
	return !o.one.lazy && o.one.text == ""
}

// cost is cost of the operand boxed.
func (o *operand) cost() int {
	switch o.form {
	case isField:
		return fieldCost(o.field)
	case isOther:
		return cost(o.other)
	}
	return 1 + len(o.one.text)
}

func fieldCost(v pipeline.Values) int {
	n := 1
	for i := range v.Len() {
		n += 1 + len(v.At(i))
	}
	return n
}

// relate applies a comparing operator to all values of two sides.
func (e *Evaluator) relate(operator string, holds relation, a, b *operand) (bool, error) {
	if a.form == isOther || b.form == isOther {
		return e.related(operator, holds, a.boxed(), b.boxed())
	}
	if a.size() == 1 && b.size() == 1 {
		x, y := a.at(0), b.at(0)
		return holdsFor(holds, x, y), e.charge(2 + len(x.text) + len(y.text))
	}
	if (operator == "==" || operator == "in") && a.size() > 1 && b.size() > 1 {
		return e.related(operator, holds, a.boxed(), b.boxed())
	}
	if err := e.charge(a.cost()*b.size() + b.cost()*a.size()); err != nil {
		return false, err
	}
	for i := range a.size() {
		for j := range b.size() {
			if holdsFor(holds, a.at(i), b.at(j)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// holdsFor is holds for values whose texts may not be written yet. Only two
// numbers that are exact are compared without.
func holdsFor(holds relation, x, y scalar) bool {
	if x.lazy || y.lazy {
		x, y = x.resolved(), y.resolved()
		if !x.exact() || !y.exact() {
			x, y = x.written(), y.written()
		}
	}
	return holds(x, y)
}
