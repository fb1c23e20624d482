package configs

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// check holds a scalar that was read into v against the rules of its field.
func (d *decoder) check(n *Node, v reflect.Value, name string, r rules) {
	if len(r.enum) > 0 && !slices.Contains(r.enum, n.text) {
		msg := fmt.Sprintf("%s wants one of %s, got %s", name, strings.Join(r.enum, ", "), n.got())
		if near, ok := Nearest(n.text, r.enum); ok {
			msg += fmt.Sprintf(": did you mean %q?", near)
		}
		d.refuse(n, "%s", msg)
		return
	}
	if r.pattern != nil && !r.pattern.MatchString(n.text) {
		d.refuse(n, "%s must match %s, got %s", name, r.pattern, n.got())
		return
	}
	d.bounds(n, v, utf8.RuneCountInString(n.text), name, r)
}

// bounds holds a value against min and max. Of texts, lists and mappings it is
// the length that counts.
func (d *decoder) bounds(n *Node, v reflect.Value, length int, name string, r rules) {
	for _, bound := range []struct {
		tag, words string
		sign       int
	}{{r.min, "at least", -1}, {r.max, "at most", +1}} {
		if bound.tag == "" {
			continue
		}
		limit := boundOf(v.Type(), bound.tag)
		value, unit, got := float64(length), countUnit(v.Type(), limit), strconv.Itoa(length)
		if measured(v.Type()) {
			value, unit, got = numberOf(v), "", n.got()
		}
		if cmp.Compare(value, limit) == bound.sign {
			d.refuse(n, "%s must be %s %s%s, got %s", name, bound.words, bound.tag, unit, got)
		}
	}
}

// boundOf reads the tag min or max of a field of type t.
func boundOf(t reflect.Type, tag string) float64 {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch shapeOf(t) {
	case shapeDuration:
		span, err := ParseDuration(tag)
		if err != nil {
			panic(fmt.Sprintf("configs: bound of a duration: %v", err))
		}
		return float64(span)
	case shapeSize:
		var size Size
		if err := size.UnmarshalText([]byte(tag)); err != nil {
			panic(fmt.Sprintf("configs: bound of a size: %v", err))
		}
		return float64(size)
	}
	f, err := strconv.ParseFloat(tag, 64)
	if err != nil {
		panic(fmt.Sprintf("configs: the bound %q is no number", tag))
	}
	return f
}

// measured reports whether bounds of the type are of its value, not its length.
func measured(t reflect.Type) bool {
	switch shapeOf(t) {
	case shapeInt, shapeUint, shapeFloat, shapeDuration, shapeSize:
		return true
	}
	return false
}

func numberOf(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}

func countUnit(t reflect.Type, limit float64) string {
	unit := " characters long"
	switch shapeOf(t) {
	case shapeList:
		unit = " items long"
	case shapeMap:
		unit = " keys long"
	}
	if limit == 1 {
		unit = strings.Replace(unit, "s long", " long", 1)
	}
	return unit
}
