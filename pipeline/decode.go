package pipeline

import (
	"fmt"
	"slices"
)

// maxJSONDepth bounds the nesting of a record.
const maxJSONDepth = 200

// A Decoder turns JSON objects into records, straight into a batch's memory.
//
// It accepts what RFC 8259 calls JSON and refuses the rest, as encoding/json
// does, and reads strings as that does: bytes that are not UTF-8 and halves of
// surrogate pairs become U+FFFD, and of several members of an object with the
// same name the last counts. The shape of a record follows:
//
//   - numbers (as they are written) and booleans become their text;
//   - null is absent, and so are an empty list and an empty object;
//   - the members of a nested object become fields of dotted names;
//   - a list becomes a field of several values, a list of one a single value;
//     lists in lists are one list, and the members of objects in a list add to
//     their dotted fields;
//   - members that only dots make equal, as in {"a.b":1,"a":{"b":2}}, become
//     one field with the values of all.
type Decoder struct {
	*Builder
	names   fieldNames
	in      []byte
	pos     int
	objects uint64 // number of objects begun, over all records
	waiting []waitingValue
	// repeated tells that an object of the record may have named a member
	// twice, which the first reading takes no notice of; see reread.
	repeated bool
	members  memberLog
	// keys are the fields of a record that is a list of cells.
	keys    []Key
	inCells bool
}

// A waitingValue is one of a field's several values until the record's end.
type waitingValue struct {
	cell uint32
	val  span
}

// NewDecoder returns a decoder with a builder of its own.
func NewDecoder(dict *Dict) *Decoder {
	return &Decoder{Builder: NewBuilder(dict), names: newFieldNames(dict)}
}

// Object appends one record: data must be one JSON object and nothing else.
// After an error the batch is as it was before. Errors give the number of the
// byte, from 1.
func (d *Decoder) Object(data []byte) error {
	n, err := d.Next(data)
	if err != nil {
		return err
	}
	if d.pos = n; d.space() != 0 {
		d.Drop()
		return d.fail("more text after the object")
	}
	return nil
}

// Next appends the record at the start of data and returns how many bytes it
// took.
func (d *Decoder) Next(data []byte) (int, error) {
	d.in = data
	err := d.record()
	if err == nil && d.repeated {
		err = d.reread()
	}
	if err == nil && len(d.block.arena) > MaxBatchBytes {
		err = fmt.Errorf("batch of more than %d bytes: ask for fewer records at once", MaxBatchBytes)
	}
	if err != nil {
		d.Drop()
		return 0, err
	}
	if len(d.waiting) > 0 {
		d.gather()
	}
	return d.pos, nil
}

// record reads the object, or the list of cells, at the start of in.
func (d *Decoder) record() error {
	d.pos, d.waiting, d.repeated = 0, d.waiting[:0], false
	d.names.last = noKey
	d.Row()
	if d.inCells {
		return d.cells()
	}
	if d.space() != '{' {
		return d.fail("a record must be a JSON object")
	}
	return d.object(noKey, 0)
}

func (d *Decoder) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: "+format, append([]any{d.pos + 1}, args...)...)
}

// space skips white space and returns the byte there, 0 at the end.
func (d *Decoder) space() byte {
	if d.pos < len(d.in) && d.in[d.pos] > ' ' {
		return d.in[d.pos]
	}
	return d.spaces()
}

func (d *Decoder) spaces() byte {
	for ; d.pos < len(d.in); d.pos++ {
		switch c := d.in[d.pos]; c {
		case ' ', '\t', '\r', '\n':
		case 0:
			return 1 // a NUL byte is no end
		default:
			return c
		}
	}
	return 0
}

// object reads the object at pos, its members as fields under parent.
func (d *Decoder) object(parent Key, depth int) error {
	if depth >= maxJSONDepth {
		return d.fail("nested more than %d deep", maxJSONDepth)
	}
	d.objects++
	self := d.objects
	d.pos++
	if d.space() == '}' {
		d.pos++
		return nil
	}
	for {
		if err := d.member(parent, self, depth); err != nil {
			return err
		}
		switch d.space() {
		case ',':
			d.pos++
		case '}':
			d.pos++
			return nil
		default:
			return d.fail("a comma or } is missing")
		}
	}
}

// member reads a name and its value.
func (d *Decoder) member(parent Key, object uint64, depth int) error {
	if d.space() != '"' {
		return d.fail("a name in quotes is missing")
	}
	key, err := d.name(parent)
	if err != nil {
		return err
	}
	if d.space() != ':' {
		return d.fail("a colon is missing")
	}
	d.pos++
	if d.names.stamp(key, object) {
		d.repeated = true
	}
	if d.members.found != nil {
		return d.logged(key, object, depth)
	}
	return d.value(key, depth+1)
}

// logged is the rest of member while a record is read anew.
func (d *Decoder) logged(key Key, object uint64, depth int) error {
	d.space()
	begin := d.pos
	if end, covered := d.members.skip(begin); covered {
		d.pos = end
		return nil
	}
	if err := d.value(key, depth+1); err != nil {
		return err
	}
	d.members.add(object, key, begin, d.pos)
	return nil
}

func (d *Decoder) value(key Key, depth int) error {
	switch d.space() {
	case '"':
		start := len(d.block.arena)
		arena, err := d.quoted(d.block.arena)
		if err != nil {
			return err
		}
		d.block.arena = arena
		d.keep(key, start)
		return nil
	case '{':
		return d.object(key, depth)
	case '[':
		return d.list(key, depth)
	case 't':
		return d.literal(key, "true")
	case 'f':
		return d.literal(key, "false")
	case 'n':
		return d.word("null")
	case 0:
		return d.fail("the text ends within the object")
	}
	return d.number(key)
}

func (d *Decoder) list(key Key, depth int) error {
	if depth >= maxJSONDepth {
		return d.fail("nested more than %d deep", maxJSONDepth)
	}
	d.pos++
	if d.space() == ']' {
		d.pos++
		return nil
	}
	for {
		if err := d.value(key, depth+1); err != nil {
			return err
		}
		switch d.space() {
		case ',':
			d.pos++
		case ']':
			d.pos++
			return nil
		default:
			return d.fail("a comma or ] is missing")
		}
	}
}

// keep makes what was appended to the arena since start a value of the field.
func (d *Decoder) keep(key Key, start int) {
	val := span{off: uint32(start), n: uint32(len(d.block.arena) - start)}
	at := d.place(key)
	if at < 0 {
		d.append(key, val)
		return
	}
	c := &d.block.cells[at]
	if c.val.n != spanWaiting {
		d.waiting = append(d.waiting, waitingValue{uint32(at), c.val})
		c.val = span{off: 1, n: spanWaiting}
	}
	c.val.off++
	d.waiting = append(d.waiting, waitingValue{uint32(at), val})
}

// gather makes one field of each field's several values, which were kept apart
// while the record was read. A cell that waits has the number of its values for
// an offset: its first value makes room for all.
func (d *Decoder) gather() {
	next := uint32(len(d.block.multi))
	d.block.multi = slices.Grow(d.block.multi, len(d.waiting))[:len(d.block.multi)+len(d.waiting)]
	for _, w := range d.waiting {
		at := &d.block.cells[w.cell].val
		if at.n == spanWaiting {
			count := at.off
			*at = span{off: next, n: multiBit}
			next += count
		}
		d.block.multi[at.off+at.n&^multiBit] = w.val
		at.n++
	}
}
