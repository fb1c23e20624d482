package configs

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// value converts a node to the type of current, the value it replaces. It
// reports false after a mistake.
func (d *decoder) value(n *Node, current reflect.Value, name string, r rules) (reflect.Value, bool) {
	before := len(d.errs)
	s, v := shapeOf(current.Type()), reflect.New(current.Type()).Elem()
	switch {
	case s == shapeNode:
		v.Set(reflect.ValueOf(n))
	case s == shapeAny:
		if plain := n.ToAny(); plain != nil {
			v.Set(reflect.ValueOf(plain))
		}
	case s == shapeCustom:
		v.Set(current)
		d.custom(n, v, name)
	case n.kind == Null:
		d.refuse(n, "%s has no value: write one, or remove the line", name)
	case s == shapePointer:
		d.pointer(n, v, current, name, r)
	case s == shapeUnion && n.kind == Mapping:
		d.union(n, v, name)
	case s == shapeUnion:
		d.refuse(n, "%s wants %s, got %s", name, wants(v.Type()), n.got())
	case s == shapeStruct:
		v.Set(current)
		d.fill(n, v, name)
	case s == shapeList:
		d.list(n, v, name, r)
	case s == shapeMap:
		d.names(n, v, name, r)
	case n.kind != Scalar:
		d.refuse(n, "%s wants %s, got %s", name, wants(v.Type()), n.got())
	case s == shapeSecret:
		d.secret(n, v, name)
	default:
		if d.scalar(n, v, name) {
			d.check(n, v, name, r)
		}
	}
	return v, len(d.errs) == before
}

func (d *decoder) custom(n *Node, v reflect.Value, name string) {
	err := v.Addr().Interface().(NodeUnmarshaler).UnmarshalNode(n)
	var placed *Error
	switch {
	case err == nil:
	case errors.As(err, &placed):
		d.errs = append(d.errs, err)
	default:
		d.refuse(n, "%s: %w", name, err)
	}
}

func (d *decoder) pointer(n *Node, v, current reflect.Value, name string, r rules) {
	pointee := fresh(v.Type().Elem())
	if !current.IsNil() {
		pointee.Set(current.Elem())
	}
	if value, ok := d.value(n, pointee, name, r); ok {
		pointee.Set(value)
		v.Set(pointee.Addr())
	}
}

// fresh makes an addressable value with the defaults of its type.
func fresh(t reflect.Type) reflect.Value {
	p := reflect.New(t)
	if d, ok := p.Interface().(Defaulter); ok {
		d.SetDefaults()
	}
	return p.Elem()
}

func (d *decoder) list(n *Node, v reflect.Value, name string, r rules) {
	elem := v.Type().Elem()
	items := n.items
	switch {
	case n.kind == Scalar && shapeOf(elem).scalar():
		items = []*Node{n}
	case n.kind != Sequence:
		d.refuse(n, "%s wants %s, got %s", name, wants(v.Type()), n.got())
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(items)))
	for i, item := range items {
		called := name
		if n.kind == Sequence {
			called = fmt.Sprintf("item %d of %s", i+1, name)
		}
		if value, ok := d.value(item, fresh(elem), called, rules{enum: r.enum, pattern: r.pattern}); ok {
			v.Set(reflect.Append(v, value))
		}
	}
	d.bounds(n, v, len(items), name, r)
}

// names decodes a mapping whose keys are free.
func (d *decoder) names(n *Node, v reflect.Value, name string, r rules) {
	if n.kind != Mapping {
		d.refuse(n, "%s wants %s, got %s", name, wants(v.Type()), n.got())
		return
	}
	t := v.Type()
	v.Set(reflect.MakeMapWithSize(t, len(n.keys)))
	for i, key := range n.keys {
		value, ok := d.value(n.items[i], fresh(t.Elem()), quote(key.text), rules{enum: r.enum, pattern: r.pattern})
		if ok {
			v.SetMapIndex(reflect.ValueOf(key.text).Convert(t.Key()), value)
		}
	}
	d.bounds(n, v, len(n.keys), name, r)
}

// scalar reads one scalar into v, whose shape is a scalar's.
func (d *decoder) scalar(n *Node, v reflect.Value, name string) bool {
	switch shapeOf(v.Type()) {
	case shapeText:
		v.SetString(n.text)
	case shapePath:
		path, err := n.Resolve(n.text)
		if err != nil {
			d.refuse(n, "%s: %w", name, err)
			return false
		}
		v.SetString(path)
	case shapeParsed, shapeSize:
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.text)); err != nil {
			d.refuse(n, "%s: %w", name, err)
			return false
		}
	case shapeDuration:
		span, err := ParseDuration(n.text)
		if err != nil {
			d.refuse(n, "%s wants a duration with a unit such as 90s, got %s", name, n.got())
			return false
		}
		v.SetInt(int64(span))
	case shapeBool:
		if n.literal() != litBool {
			return d.unlike(n, v, name)
		}
		v.SetBool(n.truth())
	default:
		return d.number(n, v, name)
	}
	return true
}

func (d *decoder) number(n *Node, v reflect.Value, name string) bool {
	lit, bits := n.literal(), v.Type().Bits()
	var err error
	switch s := shapeOf(v.Type()); {
	case s == shapeFloat && (lit == litInt || lit == litFloat):
		var f float64
		if lit == litInt {
			f, err = wholeFloat(n.text)
		} else {
			f, err = strconv.ParseFloat(n.text, bits)
		}
		v.SetFloat(f)
	case s == shapeInt && lit == litInt:
		var i int64
		i, err = strconv.ParseInt(n.text, 0, bits)
		v.SetInt(i)
	case s == shapeUint && lit == litInt:
		var u uint64
		u, err = strconv.ParseUint(n.text, 0, bits)
		if err != nil && n.text[0] == '-' {
			d.refuse(n, "%s must not be below 0, got %s", name, n.got())
			return false
		}
		v.SetUint(u)
	default:
		return d.unlike(n, v, name)
	}
	if err != nil {
		d.refuse(n, "%s is beyond what it can hold (%d bits): %s", name, bits, n.got())
		return false
	}
	return true
}

// wholeFloat reads a whole number of any of the forms as a float.
func wholeFloat(text string) (float64, error) {
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(i), nil
	}
	return strconv.ParseFloat(text, 64)
}

// unlike refuses a scalar of the wrong kind, and sees to quotes that hide one
// of the right kind.
func (d *decoder) unlike(n *Node, v reflect.Value, name string) bool {
	hint := ""
	bare := Node{kind: Scalar, text: n.text, plain: true}
	if lit := bare.literal(); !n.plain && lit != litText && (lit == litBool) == (v.Kind() == reflect.Bool) {
		hint = ": remove the quotes"
	}
	d.refuse(n, "%s wants %s, got %s%s", name, wants(v.Type()), n.got(), hint)
	return false
}
