package expression

import "errors"

// maxWork bounds what the machine may do for one record: values looked at plus
// bytes of text looked at or made. A megabyte of text may thus be gone over
// some dozens of times; lists out of a hostile record, combined with each
// other, may not hold up a hunt.
const maxWork = 1 << 26

var errTooMuchWork = errors.New("too much work for one record: it has too many values, or too long ones, for what is asked of each")

// charge takes from the record's budget.
func (e *Evaluator) charge(work int) error {
	if work > maxWork-e.work || e.work > maxWork {
		e.work = maxWork
		return errTooMuchWork
	}
	e.work += work
	return nil
}

// cost is what a value adds to the work of whoever goes over it.
func cost(v any) int {
	n := 1
	switch v := v.(type) {
	case string:
		n += len(v)
	case []string:
		for _, s := range v {
			n += 1 + len(s)
		}
	case []any:
		for _, w := range v {
			n += cost(w)
		}
	case []int:
		n += len(v)
	case map[string]any:
		for key, w := range v {
			n += len(key) + cost(w)
		}
	}
	return n
}

// callWork is what a function's work on a value comes to in bytes, be the value
// empty: to sort or to add up a million short ones takes longer than to read them.
const callWork = 8

// costs is what a function's arguments add to its work.
func costs(args []any) int {
	n := 0
	for _, a := range args {
		n += cost(a) + callWork*size(a)
	}
	return n
}
