package expression

import (
	"slices"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// FuzzExpression looks for expressions that upset the compiler or the machine,
// or whose two ways of evaluation differ.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		`len(ioc_url) > 0`, `a == 1 and cidr(b, "10.0.0.0/8")`, `all(a, # startsWith "x")`, `a ?? b`, `let x = a; x + 1`,
		`lower(a) contains "x" and entropy(b) > 1`, `json(a, "x[*].y")`, `extractAll(a, "(x)|y") + 1`, `any(a, lower(#) == b)`,
		`hour(a, "Europe/Berlin") in 1..9`, `age(a) > bucket(b, "5m")`, `let x = a; x ?? coalesce(b, "c")`, `md5(fromHex(a))`,
		`reduce(a, #acc + #)`, `a[0:4] + a[-1]`, `{"a": b}`, `$env["odd name"] in [1, "x"]`, `1 < a < 3`, `a matches "^x" ? 1 : 2`,
		`if a == 1 { 2 } else { 3 }`, `a | lower() | split("/")`, `fromJSON(a)?.b[1]`, `repeat(a, 1e9)`, `1..99999`, `a = 1`, `"`, `((((`,
		`map(filter(a, # != ""), upper(#))`, `not a in b`, `b'x' == a`, `-a ** 2`, `a.b.c?.d`, `sort(a, "desc")`, `toJSON([a, nil, true])`,
	} {
		f.Add(s, "x", "1")
	}
	g := newGambler(3, 4)
	for range 20 {
		f.Add(g.condition(2), g.text(), g.text())
	}
	f.Fuzz(func(t *testing.T, source, one, two string) {
		dict := pipeline.NewDict()
		batch := rows(dict, record{"a": {one, two}, "b": {two}}, record{"a": {one}}, record{})
		e, err := Value(source, dict)
		if err != nil {
			if _, err := Condition(source, dict); err == nil {
				t.Errorf("%q is a condition but no value", source)
			}
			return
		}
		for row := range batch.Len() {
			if values, err := e.Values(batch, row); err != nil && values != nil {
				t.Errorf("%q gives %q and the error %v", source, values, err)
			}
		}
		if alone, err := compile(source, dict, false, true); err != nil {
			t.Errorf("%q is a value only with closures: %v", source, err)
		} else {
			compareValues(t, e, alone, batch)
		}
		fast, err := Condition(source, dict)
		if err != nil {
			return
		}
		slow, err := compile(source, dict, true, true)
		if err != nil {
			t.Fatalf("%q is a condition only with closures: %v", source, err)
		}
		for row := range batch.Len() {
			got, errFast := fast.Holds(batch, row)
			want, errSlow := slow.Holds(batch, row)
			if errFast == nil && errSlow == nil && got != want {
				t.Errorf("%q: %t by closures, %t by the machine, in row %d", source, got, want, row)
			}
		}
	})
}

// compareValues holds what closures give against what the machine gives alone,
// where neither says that the record takes too much work.
func compareValues(t *testing.T, e, alone *Evaluator, batch *pipeline.Batch) {
	t.Helper()
	for row := range batch.Len() {
		got, err := e.Values(batch, row)
		want, errAlone := alone.Values(batch, row)
		if err == nil && errAlone == nil && !slices.Equal(got, want) {
			t.Errorf("%q: %q by closures, %q by the machine, in row %d", e.source, got, want, row)
		}
	}
}
