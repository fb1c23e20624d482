package pipeline_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

const deepest = 200

func nested(open, middle, end string, n int) string {
	return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
}

func TestDecode(t *testing.T) {
	for in, want := range map[string]map[string][]string{
		`{}`:                                    {},
		" \t\r\n{ \"a\" : \"b\" } \n":           like("a", "b"),
		`{"a":"","":"b"}`:                       like("a", "", "", "b"),
		`{"a":12,"b":-0.50,"c":1E+2,"d":1e999}`: like("a", "12", "b", "-0.50", "c", "1E+2", "d", "1e999"),
		`{"a":true,"b":false,"c":null}`:         like("a", "true", "b", "false"),
		`{"a":[],"b":{},"c":[null],"d":[{}]}`:   {},
		`{"a":["x"]}`:                           like("a", "x"),
		`{"a":["x","y"]}`:                       {"a": {"x", "y"}},
		`{"a":[1,[2,[3,null,true]],"x"]}`:       {"a": {"1", "2", "3", "true", "x"}},
		`{"a":{"b":1,"c":{"d":"x"}},"e":2}`:     like("a.b", "1", "a.c.d", "x", "e", "2"),
		`{"a":[{"b":1,"c":2},{"b":3},5]}`:       {"a.b": {"1", "3"}, "a.c": {"2"}, "a": {"5"}},
		`{"a.b":1,"a":{"b":2}}`:                 {"a.b": {"1", "2"}},
		`{"a":{"b":2},"a.b":[1,3]}`:             {"a.b": {"2", "1", "3"}},
		`{"":{"":1}}`:                           like(".", "1"),
		// Of one name the last counts, whatever it holds and however it is written.
		`{"a":1,"b":2,"a":3}`:                              like("a", "3", "b", "2"),
		`{"a":[1,2],"a":"x"}`:                              like("a", "x"),
		`{"a":1,"a":null}`:                                 {},
		`{"a":1,"\u0061":2}`:                               like("a", "2"),
		`{"a":{"b":1},"a":{"c":2}}`:                        like("a.c", "2"),
		`{"a":{"b":1,"b":2}}`:                              like("a.b", "2"),
		`{"a":[{"b":1,"b":2},{"b":3}]}`:                    {"a.b": {"2", "3"}},
		`{"a.b":1,"a":{"b":2},"a.b":3}`:                    {"a.b": {"2", "3"}},
		`{"a":{"b":[1,2]},"a.b":9,"a":{"b":7,"b":[8,[]]}}`: {"a.b": {"9", "8"}},
		"{\"\xff\":1,\"\xfe\":2}":                          like("\ufffd", "2"),
		// Text.
		`{"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac"}`: like("a", "\"\\/\b\f\n\r\tA\u00e9\u20ac"),
		`{"a":"\ud83d\ude00"}`:                       like("a", "\U0001F600"),
		`{"a":"\ud83d"}`:                             like("a", "\ufffd"),
		`{"a":"\ude00\ud83d"}`:                       like("a", "\ufffd\ufffd"),
		`{"a":"\ud83d\ud83d\ude00"}`:                 like("a", "\ufffd\U0001F600"),
		`{"a":"\ud83dx\u0041"}`:                      like("a", "\ufffdxA"),
		`{"a":"\u0000\u001f"}`:                       like("a", "\x00\x1f"),
		"{\"a\":\"\x7f\u2028é\U0001F600\"}":          like("a", "\x7f\u2028é\U0001F600"),
		"{\"a\":\"x\xffy\xc3\"}":                     like("a", "x\ufffdy\ufffd"),
		"{\"a\":\"\xed\xa0\x80\"}":                   like("a", "\ufffd\ufffd\ufffd"),
		`{"long name of a field":"` + strings.Repeat(`abcdefg\n`, 40) + `"}`: like("long name of a field", strings.Repeat("abcdefg\n", 40)),
		nested(`{"a":`, `1`, `}`, deepest):                                   like(strings.Repeat("a.", deepest-1)+"a", "1"),
		`{"a":` + nested(`[`, `1`, `]`, deepest-1) + `}`:                     like("a", "1"),
	} {
		if got := record(decode(t, in), 0); !cmp.Equal(got, want) {
			t.Errorf("%s: %s", in, cmp.Diff(want, got))
		}
		if ref, _ := reference(t, []byte(in)); !cmp.Equal(ref, want) {
			t.Errorf("%s: the table is not what encoding/json reads: %s", in, cmp.Diff(ref, want))
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for in, want := range map[string]string{
		``:                                   "byte 1: a record must be a JSON object",
		` `:                                  "byte 2: a record must be a JSON object",
		"\x00{}":                             "byte 1: a record must be a JSON object",
		`null`:                               "byte 1: a record must be a JSON object",
		`[{}]`:                               "byte 1: a record must be a JSON object",
		`{`:                                  "byte 2: a name in quotes is missing",
		`{a:1}`:                              "byte 2: a name in quotes is missing",
		`{"a`:                                "byte 4: a string does not end",
		`{"a"`:                               "byte 5: a colon is missing",
		`{"a" 1}`:                            "byte 6: a colon is missing",
		`{"a":`:                              "byte 6: the text ends within the object",
		"{\"a\":\x00}":                       "byte 6: no JSON value begins with '\\x00'",
		`{"a":}`:                             "byte 6: no JSON value begins with '}'",
		`{"a":1`:                             "byte 7: a comma or } is missing",
		`{"a":1,}`:                           "byte 8: a name in quotes is missing",
		`{"a":1 "b":2}`:                      "byte 8: a comma or } is missing",
		`{"a":[1,]}`:                         "byte 9: no JSON value begins with ']'",
		`{"a":[1 2]}`:                        "byte 9: a comma or ] is missing",
		`{"a":[1`:                            "byte 8: a comma or ] is missing",
		`{"a":01}`:                           "byte 7: a comma or } is missing",
		`{"a":-}`:                            "byte 7: digits are missing behind the minus sign",
		`{"a":1.}`:                           "byte 8: digits are missing behind the decimal point",
		`{"a":1e+}`:                          "byte 9: digits are missing in the exponent",
		`{"a":+1}`:                           "byte 6: no JSON value begins with '+'",
		`{"a":.5}`:                           "byte 6: no JSON value begins with '.'",
		`{"a":NaN}`:                          "byte 6: no JSON value begins with 'N'",
		`{"a":nul}`:                          `byte 6: neither a value nor "null"`,
		`{"a":True}`:                         "byte 6: no JSON value begins with 'T'",
		`{"a":'x'}`:                          `byte 6: no JSON value begins with '\''`,
		"{\"a\":\"\n\"}":                     "byte 7: a control character (0x0a) must be escaped",
		"{\"a\":\"1234567\x1f\"}":            "byte 14: a control character (0x1f) must be escaped",
		`{"a":"\x"}`:                         `byte 7: "\\x" is no JSON escape`,
		`{"a":"\u12g4"}`:                     `byte 7: \u wants four hex digits`,
		`{"a":"\u12"}`:                       `byte 7: \u wants four hex digits`,
		`{"a":"\`:                            "byte 7: a string does not end",
		`{"a":"\ud83d\u12"}`:                 `byte 13: \u wants four hex digits`,
		`{}x`:                                "byte 3: more text after the object",
		`{}{}`:                               "byte 3: more text after the object",
		"{}\x00":                             "byte 3: more text after the object",
		"{}\u00a0":                           "byte 3: more text after the object",
		nested(`{"a":`, `1`, `}`, deepest+1): "byte 1001: nested more than 200 deep",
		`{"a":` + nested(`[`, ``, `]`, deepest) + `}`:       "byte 205: nested more than 200 deep",
		`{"a":1,"a":` + nested(`[`, ``, `]`, deepest) + `}`: "byte 211: nested more than 200 deep",
	} {
		d := pipeline.NewDecoder(pipeline.NewDict())
		if err := d.Object([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
		if d.Len() != 0 || d.Size() != 0 {
			t.Errorf("%s: %d records, %d bytes are left behind", in, d.Len(), d.Size())
		}
		if ref, depth := reference(t, []byte(in)); ref != nil && depth <= deepest {
			t.Errorf("%s: encoding/json takes it", in)
		}
	}
}

func TestNextTellsWhereTheRecordEnds(t *testing.T) {
	d := pipeline.NewDecoder(pipeline.NewDict())
	in := []byte(` {"a":1} , {"a":[1,2]}]`)
	for _, want := range []int{8, 11} {
		n, err := d.Next(in)
		if n != want || err != nil {
			t.Fatal(n, err)
		}
		in = bytes.TrimLeft(in[n:], " ,")
	}
	want := []map[string][]string{like("a", "1"), {"a": {"1", "2"}}}
	if diff := cmp.Diff(want, records(d.Batch())); diff != "" {
		t.Error(diff)
	}
}

// TestDecodeWhateverCameBefore decodes records of many layouts in one decoder,
// in all orders of two, so that names are guessed rightly and wrongly; records
// that are refused lie in between.
func TestDecodeWhateverCameBefore(t *testing.T) {
	lines := []string{
		`{"a":"1","b":"2","c":["3","4"]}`, `{"b":"2","a":"1"}`, `{"a":{"b":1,"c":{"b":2}}}`, `{"c":{"b":1},"b":{"c":1}}`,
		`{"a":1,"b":{"a":1,"b":2},"a":3}`, `{}`, `{"\u0061":1,"b":[{"b":5},{"b":6}]}`, `{"a.b":1,"a":{"b":[7,8]},"c":9}`,
	}
	bad := []string{`{"a":"1","b":["2","3"],"c":`, `{"a":["1","2"],"b":[3,`, `{"a":1,"a":{"b":[1,2]},`, `{"new":[1,2]`}
	d := pipeline.NewDecoder(pipeline.NewDict())
	var want []map[string][]string
	for i, x := range lines {
		for j, y := range lines {
			for _, line := range []string{x, y} {
				if err := d.Object([]byte(line)); err != nil {
					t.Fatal(line, err)
				}
				ref, _ := reference(t, []byte(line))
				want = append(want, ref)
			}
			if d.Object([]byte(bad[(i+j)%len(bad)])) == nil {
				t.Fatal("no error")
			}
		}
	}
	if diff := cmp.Diff(want, records(d.Batch())); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsStandInTheirOrder(t *testing.T) {
	b := decode(t, `{"c":1,"a":{"y":2,"x":3},"b":4,"c":5}`)
	var names []string
	for key := range b.Fields(0) {
		names = append(names, b.Dict().Name(key))
	}
	if diff := cmp.Diff([]string{"a.y", "a.x", "b", "c"}, names); diff != "" {
		t.Error(diff)
	}
}

// TestDecodeAtEveryPlace puts what is not plain at every place of the eight bytes
// that are looked at together, also where the text ends soon behind it.
func TestDecodeAtEveryPlace(t *testing.T) {
	pieces := []string{
		`\n`, `\"`, `\\`, `\/`, `\u0041`, `\ud83d\ude00`, `\ud83d`, `\ude00x`, `\x`, `\u12`, `\`, `"`, "\x00", "\x1f", "\x7f", "\x80", "\xff", "é", "\u2028",
		"\U0001F600", "\xed\xa0\x80", "\xc3", "\xe2\x82", `\\\n\"`, "é\\n\xff",
	}
	for _, piece := range pieces {
		for before := range 18 {
			for behind := range 10 {
				for _, end := range []string{`"}`, `"`, ``, `","b":"x"}`} {
					in := `{"a":"` + strings.Repeat("p", before) + piece + strings.Repeat("q", behind) + end
					d := pipeline.NewDecoder(pipeline.NewDict())
					err := d.Object([]byte(in))
					ref, _ := reference(t, []byte(in))
					if (err == nil) != (ref != nil) {
						t.Fatalf("%q: %v, encoding/json: %v", in, err, ref)
					}
					if ref == nil {
						continue
					}
					if got := record(d.Batch(), 0); !cmp.Equal(got, ref) {
						t.Fatalf("%q: %s", in, cmp.Diff(ref, got))
					}
				}
			}
		}
	}
}

// FuzzDecode holds the decoder against encoding/json: the same is taken and
// refused, and the same is read, also the second time, when names are guessed.
// What is refused leaves nothing behind, and what is read can be written and
// read again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[true,null,"x"],"c":{"d":{"e":-1.5e-3}}}`, `{"a":1,"a":2}`, `{"a.b":1,"a":{"b":2,"b":3},"a.b":[4,{"c":5}]}`,
		`{"a":[[[]],[{}],{"b":[{"c":1},{"c":[2,3]}]}]}`, `{"":{"":{"":0}}}`, `{"a":"\ud83d\ude00\ud83d \u00e9\\\/"}`, "{\"a\":\"\xff\xed\xa0\x80\x7f\"}",
		`{"12345678":"12345678","1234567\"":"1234567\n"}`, `{"a":01}`, `{"a":1e}`, `{"a":"\u00"}`, `[]`, "{}\x00", ` {"a" : [ 1 , 2 ] } `,
		`{"a":{"a":{"a":1},"a":{"a":2}},"a":{"a":[{"a":3,"a":4}]}}`, nested(`{"a":`, `1`, `}`, 201), `{"a":` + nested(`[`, ``, `]`, 199) + `}`,
	} {
		f.Add([]byte(seed))
	}
	before, after := `{"a":["1","2"],"b":"3"}`, `{"b":{"a":"4"},"a":["5","6"]}`
	first, last := map[string][]string{"a": {"1", "2"}, "b": {"3"}}, map[string][]string{"b.a": {"4"}, "a": {"5", "6"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		ref, depth := reference(t, data)
		if len(data) > pipeline.MaxNameBytes {
			return
		}
		kept, taken := bytes.Clone(data), ref != nil && depth <= deepest
		d := pipeline.NewDecoder(pipeline.NewDict())
		put := func(in []byte, taken bool) {
			if err := d.Object(in); (err == nil) != taken {
				t.Fatalf("%q: %v, %d deep", in, err, depth)
			}
		}
		want := []map[string][]string{first}
		put([]byte(before), true)
		for range 2 {
			if put(data, taken); taken {
				want = append(want, ref)
			}
		}
		put([]byte(after), true)
		got := d.Batch()
		if diff := cmp.Diff(append(want, last), records(got)); diff != "" {
			t.Fatalf("%q (-encoding/json):\n%s", data, diff)
		}
		if !bytes.Equal(kept, data) {
			t.Fatalf("%q was changed", kept)
		}
		var lines []string
		for row := range got.Len() {
			lines = append(lines, string(got.AppendRecord(nil, row)))
		}
		if diff := cmp.Diff(records(got), records(decode(t, lines...))); diff != "" {
			t.Fatalf("%q does not survive being written:\n%s", data, diff)
		}
	})
}

func TestDecodeRealEvents(t *testing.T) {
	for _, path := range realFiles(t) {
		d := pipeline.NewDecoder(pipeline.NewDict())
		var want []map[string][]string
		lines := slices.Collect(bytes.Lines(unpack(t, path)))
		for _, line := range lines[:min(len(lines), 100)] {
			ref, _ := reference(t, line)
			if err := d.Object(line); err != nil || ref == nil {
				t.Fatalf("%s: %v: %s", path, err, line)
			}
			want = append(want, ref)
		}
		if diff := cmp.Diff(want, records(d.Batch())); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}
