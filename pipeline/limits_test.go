package pipeline

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func object(n int, member func(i int) string) []byte {
	members := make([]string, n)
	for i := range members {
		members[i] = member(i)
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

// names makes members m to n, each with a name of its own.
func names(m, n int) []byte {
	return object(n-m, func(i int) string { return fmt.Sprintf(`"name %d":1`, m+i) })
}

func TestTooManyNamesAreRefused(t *testing.T) {
	dict := NewDict()
	d := NewDecoder(dict)
	for i := range MaxNames / 256 {
		if err := d.Object(names(i*256, i*256+256)); err != nil {
			t.Fatal(err)
		}
	}
	records := d.Len()
	if err := d.Object([]byte(`{"name 1":[1,2],"name 2":3,"one more":4}`)); !errors.Is(err, ErrNames) {
		t.Errorf("a name too many: %v", err)
	} else if want := "byte 28: there are more than 65536 different names"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v: does not begin with %s", err, want)
	}
	if err := d.Object([]byte(`{"name 1":{"x":1}}`)); !errors.Is(err, ErrNames) {
		t.Errorf("a nested name too many: %v", err)
	}
	if err := d.Object(names(0, 256)); err != nil || d.Len() != records+1 {
		t.Errorf("names that are known: %v, %d records of %d", err, d.Len(), records+1)
	}
	// The hunt's own names find room all the same.
	if key := dict.Key("of the hunt"); dict.Name(key) != "of the hunt" || int(key) != MaxNames {
		t.Error(key)
	}
	if _, err := NewDecoder(dict).Next([]byte(`{"of the hunt":1}`)); err != nil {
		t.Error(err)
	}
}

func TestLongNamesAreRefused(t *testing.T) {
	longest := strings.Repeat("n", MaxNameBytes)
	d := NewDecoder(NewDict())
	for _, in := range []string{
		`{"` + longest + `":1}`,
		`{"` + longest[2:] + `":{"x":1}}`,
		`{"` + strings.Repeat(`\u006e`, MaxNameBytes-1) + `":1}`,
	} {
		for range 2 {
			if err := d.Object([]byte(in)); err != nil {
				t.Errorf("%.20s…: %v", in, err)
			}
		}
	}
	records := d.Len()
	for _, in := range []string{`{"` + longest + `n":1}`, `{"` + longest + `":{"":1}}`, `{"` + longest[1:] + `":{"a":{"b":1}}}`} {
		if err := d.Object([]byte(in)); !errors.Is(err, ErrNames) || !strings.Contains(err.Error(), "bytes long, more than 16384") {
			t.Errorf("%.20s…: %v", in, err)
		}
	}
	if d.Len() != records {
		t.Errorf("%d records, want %d", d.Len(), records)
	}
}

func TestNamesAreBoundedTogether(t *testing.T) {
	d := NewDecoder(NewDict())
	taken := 0
	for i := range 2 * maxNamesBytes / MaxNameBytes {
		name := strings.Repeat("n", MaxNameBytes-4) + strconv.Itoa(1000+i)
		if err := d.Object([]byte(`{"` + name + `":1}`)); err == nil {
			taken++
		} else if !errors.Is(err, ErrNames) {
			t.Fatal(err)
		}
	}
	if want := maxNamesBytes / MaxNameBytes; taken != want {
		t.Errorf("%d names, want %d", taken, want)
	}
}

// TestTheDecoderForgetsNames writes few names in very many ways: what the
// decoder remembers of how they are written must not grow without bound.
func TestTheDecoderForgetsNames(t *testing.T) {
	d := NewDecoder(NewDict())
	const letters = 17 // each written as it is or as \u00XX
	for i := range 1 << letters {
		var name strings.Builder
		for bit := range letters {
			if i>>bit&1 == 1 {
				name.WriteString(`\u0061`)
			} else {
				name.WriteByte('a')
			}
		}
		if err := d.Object([]byte(`{"` + name.String() + `":1,"b":2}`)); err != nil {
			t.Fatal(err)
		}
		if len(d.names.known) > MaxNames || d.names.bytes > maxNamesBytes || len(d.names.after) > 3 {
			t.Fatalf("%d names of %d bytes, %d followers", len(d.names.known), d.names.bytes, len(d.names.after))
		}
	}
	b := d.Batch()
	if n := b.Dict().Len(); n != 2 {
		t.Errorf("%d names", n)
	}
	key, _ := b.Dict().Lookup(strings.Repeat("a", letters))
	for row := range b.Len() {
		if b.Get(row, key) != "1" {
			t.Fatalf("row %d is %q", row, b.Get(row, key))
		}
	}
}

// TestHostileRecords decodes megabytes that would take minutes if anything in
// the way grew faster than the text, and holds the outcome against what it
// must be.
func TestHostileRecords(t *testing.T) {
	const n = 200_000
	long := strings.Repeat("p", MaxNameBytes-10)
	for name, c := range map[string]struct {
		in     []byte
		fields map[string]int // how many values each has
	}{
		"one name":                     {object(n, func(int) string { return `"a":1` }), map[string]int{"a": 1}},
		"one name, nested":             {object(n, func(int) string { return `"a":{"a":[1,2]}` }), map[string]int{"a.a": 2}},
		"one value long":               {[]byte(`{"a":[` + strings.Repeat("1,", n) + `1]}`), map[string]int{"a": n + 1}},
		"values in turn":               {[]byte(`{"a":[` + strings.Repeat(`{"b":1,"c":2,"d":3},`, n) + `4]}`), map[string]int{"a.b": n, "a.c": n, "a.d": n, "a": 1}},
		"a long name around short":     {[]byte(`{"` + long + `":[` + strings.Repeat(`{"b":1,"c":2},{"c":3,"b":4},`, n/2) + `{}]}`), map[string]int{long + ".b": n, long + ".c": n}},
		"repeats within repeats":       {[]byte(`{"a":[` + strings.Repeat(`{"b":1,"b":{"c":2,"c":3}},`, n) + `{}],"x":1,"x":2}`), map[string]int{"a.b.c": n, "x": 1}},
		"names equal by their dots":    {object(n, func(int) string { return `"a.b":1,"a":{"b":2}` }), map[string]int{"a.b": 2}},
		"empty lists":                  {[]byte(`{"a":[` + strings.Repeat("[],", n) + `{}]}`), map[string]int{}},
		"names that take turns":        {names(0, MaxNames), nil},
		"all escapes":                  {[]byte(`{"a":"` + strings.Repeat(`\ud83d\n`, n) + `"}`), map[string]int{"a": 1}},
		"a number of very many digits": {[]byte(`{"a":` + strings.Repeat("7", 10*n) + `}`), map[string]int{"a": 1}},
	} {
		d := NewDecoder(NewDict())
		if err := d.Object(c.in); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, got := d.Batch(), map[string]int{}
		for key, vals := range b.Fields(0) {
			got[b.Dict().Name(key)] = vals.Len()
		}
		if c.fields == nil && len(got) == MaxNames {
			continue
		}
		if len(got) != len(c.fields) {
			t.Errorf("%s: %d fields, want %d", name, len(got), len(c.fields))
		}
		for field, want := range c.fields {
			if got[field] != want {
				t.Errorf("%s: %.20s has %d values, want %d", name, field, got[field], want)
			}
		}
	}
}
