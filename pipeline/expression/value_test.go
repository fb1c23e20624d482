package expression

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// valueCase is an expression, a record, the values that come of it, and how
// often what is no number was met.
type valueCase struct {
	source     string
	record     string
	want       []string
	notNumbers int
}

func checkValues(t *testing.T, cases []valueCase) {
	t.Helper()
	for _, c := range cases {
		got, notNumbers := valuesOf(t, c.source, fields(c.record))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s of %q (-want +got):\n%s", c.source, c.record, diff)
		}
		if notNumbers != c.notNumbers {
			t.Errorf("%s of %q: %d times no number, want %d", c.source, c.record, notNumbers, c.notNumbers)
		}
	}
}

func texts(s ...string) []string { return s }

func TestResults(t *testing.T) {
	checkValues(t, []valueCase{
		{`user`, "user=a,b", texts("a", "b"), 0},
		{`user`, "user=a", texts("a"), 0},
		{`user`, "user=", nil, 0},
		{`user`, "", nil, 0},
		{`nil`, "", nil, 0},
		{`[]`, "", nil, 0},
		{`[nil, "a", ["b", ["c"]], ""]`, "", texts("a", "b", "c", ""), 0},
		{`user == "a"`, "user=a", texts("true"), 0},
		{`user == "a" or any(user, false)`, "user=b", texts("false"), 0},
		{`1 + 2`, "", texts("3"), 0},
		{`0.1`, "", texts("0.1"), 0},
		{`1e21`, "", texts("1000000000000000000000"), 0},
		{`-0.0`, "", texts("0"), 0},
		{`9007199254740993`, "", texts("9007199254740993"), 0},
		{`{"a": user, n: 1}`, "user=x", texts(`{"a":"x","n":1}`), 0},
		{`1..3`, "", texts("1", "2", "3"), 0},
		{`a..b`, "a=2 b=3", texts("2", "3"), 0},
		{`a..b`, "a=3 b=2", nil, 0},
		{`a..b`, "a=3 b=x", nil, 1},
		{`0..b`, "b=9999999", nil, 1},
		{`b"abc"`, "", texts("abc"), 0},
		{`user == "a" ? "yes" : 0`, "user=a", texts("yes"), 0},
		{`let u = lower(user); u + "@" + u`, "user=A", texts("a@a"), 0},
		{`1; user`, "user=a", texts("a"), 0},
		{`a ?? b ?? "c"`, "", texts("c"), 0},
		{`a ?? b ?? "c"`, "b=x,y", texts("x", "y"), 0},
		{`(1 / 0) ?? "none"`, "", texts("none"), 1},
		{`filter(a, # > 9) ?? "none"`, "a=1,2", texts("none"), 0},
		{`fromJSON(a).list ?? "none"`, `a={"list":[]}`, texts("none"), 0},
		{`false ?? "none"`, "", texts("false"), 0},
		{`a ?? (1 / b)`, "a=1 b=x", texts("1"), 0}, // the right side is left alone
	})
}

func TestPartsOfValues(t *testing.T) {
	checkValues(t, []valueCase{
		{`len(f)`, "f=a,b,c", texts("3"), 0},
		{`len(f)`, "f=äöü", texts("3"), 0},
		{`len(f)`, "", texts("0"), 0},
		{`len(f)`, "f=", texts("0"), 0},
		{`count(f)`, "f=abc", texts("1"), 0},
		{`count(f)`, "", texts("0"), 0},
		{`f[0]`, "f=a,b,c", texts("a"), 0},
		{`f[-1]`, "f=a,b,c", texts("c"), 0},
		{`f[3]`, "f=a,b,c", nil, 0},
		{`f[-4]`, "f=a,b,c", nil, 0},
		{`f[0] + f[-1]`, "f=abc", texts("abcabc"), 0},
		{`f[0]`, "", nil, 0},
		{`f[n]`, "f=a,b n=1", texts("b"), 0},
		{`f[1e300]`, "f=a,b", nil, 0},
		{`f[0:2]`, "f=äbc", texts("äb"), 0},
		{`f[0:2]`, "f=a,b,c", texts("a", "b"), 0},
		{`f[1:]`, "f=a,b,c", texts("b", "c"), 0},
		{`f[:-1]`, "f=abc", texts("ab"), 0},
		{`f[-2:]`, "f=abc", texts("bc"), 0},
		{`f[2:1]`, "f=abc", nil, 0},
		{`f[5:9]`, "f=abc", nil, 0},
		{`f[0:x]`, "f=abc x=y", nil, 1},
		{`f[0:1]`, "", nil, 0},
		{`first(f) + last(f)`, "f=a,b", texts("ab"), 0},
		{`get(f, 1)`, "f=a,b", texts("b"), 0},
		{`fromJSON(f).a[1].b`, `f={"a":[0,{"b":"x"}]}`, nil, 0}, // the , parts the field in two
		{`fromJSON(f).a?.b`, `f={"a":{"b":"x"}}`, texts("x"), 0},
	})
}

func TestArithmetic(t *testing.T) {
	checkValues(t, []valueCase{
		{`bytes_in + bytes_out`, "bytes_in=1 bytes_out=2", texts("3"), 0},
		{`bytes_in + bytes_out`, "bytes_in=1 bytes_out=x", texts("1x"), 0},
		{`bytes_in + bytes_out`, "bytes_in=1", texts("1"), 0},
		{`bytes_in - bytes_out`, "bytes_in=1", nil, 1},
		{`a * 2`, "a=1,2,x", texts("2", "4"), 1},
		{`2 * a - 1`, "a=1,2", texts("1", "3"), 0},
		{`a + "!"`, "a=x,y", texts("x!", "y!"), 0},
		{`a + b`, "a=x,y b=1,2", texts("x", "y", "1", "2"), 0},
		{`a - b`, "a=1,2 b=1,2", nil, 1},
		{`a / b`, "a=1 b=0", nil, 1},
		{`a % b`, "a=7 b=0", nil, 1},
		{`a % 4`, "a=7.5", texts("3.5"), 0},
		{`a ** 2 + a ^ 2`, "a=3", texts("18"), 0},
		{`2 ** 1e9`, "", nil, 1},
		{`-a`, "a=5", texts("-5"), 0},
		{`-a`, "a=x", nil, 1},
		{`+a`, "a=05", texts("5"), 0},
		{`+a`, "a=x", nil, 1},
		{`-a`, "a=1,2", texts("-1", "-2"), 0},
		{`(a / 0) == "" and not (a / 0 > 1) and not (a / 0 < 1) and not (a / 0 >= 0)`, "a=1", texts("true"), 4},
		{`int("7.9") + abs(-1) + ceil(1.1) + floor(1.9) + round(1.5) + float("2")`, "", texts("15"), 0},
		{`int(a)`, "a=x,3", texts("3"), 1},
		{`max(a, 7)`, "a=3,9,x", texts("9"), 1},
		{`min(a, gone)`, "a=3,9", texts("3"), 0},
		{`sum(a)`, "a=1,2,3", texts("6"), 0},
		{`sum(a, # * 2)`, "a=1,2,3", texts("12"), 0},
		{`sum(a, # * 2)`, "a=1,x", texts("2"), 1},
		{`mean(a)`, "a=1,2", texts("1.5"), 0},
		{`median(a)`, "a=1,9,2", texts("2"), 0},
		{`mean(gone)`, "", nil, 0},
		{`bitand(a, 12) + bitor(1, 2) + bitxor(3, 1) + bitnand(7, 2) + bitnot(-1) + bitshl(1, 3) + bitshr(8, 2) + bitushr(8, 3)`, "a=10", texts("29"), 0},
		{`bitand(a, 1)`, "a=1.5", nil, 1},
	})
}

func TestFunctions(t *testing.T) {
	checkValues(t, []valueCase{
		{`lower(f)`, "f=A,B", texts("a", "b"), 0},
		{`upper(f) + string(1) + trim(" x ") + trim("xax", "x")`, "f=a", texts("A1xa"), 0},
		{`trimPrefix(f, "a") + trimSuffix(f, "c")`, "f=abc", texts("bcab"), 0},
		{`replace(f, "a", "xy")`, "f=aba,a", texts("xybxy", "xy"), 0},
		{`repeat("ab", 2)`, "", texts("abab"), 0},
		{`repeat("ab", 1e9)`, "", nil, 1},
		{`repeat("", 1e300)`, "", nil, 0},
		{`replace(repeat("a", 2000), "", repeat("b", 2000))`, "", nil, 1},
		{`len(join(map(1..3000, repeat("b", 500))))`, "", texts("0"), 1},
		{`split(f, "/")`, "f=a/b,c/d", texts("a", "b", "c", "d"), 0},
		{`splitAfter(f, "/")`, "f=a/b", texts("a/", "b"), 0},
		{`indexOf(f, "b") + lastIndexOf(f, "b")`, "f=abab", texts("4"), 0},
		{`toBase64(f)`, "f=hi", texts("aGk="), 0},
		{`fromBase64(f)`, "f=aGk=,aGk,?", texts("hi", "hi"), 0},
		{`toJSON(f)`, "f=a,b", texts(`["a","b"]`), 0},
		{`fromJSON(f)`, `f=[1]`, texts("1"), 0},
		{`fromJSON(f)`, `f=oops`, nil, 0},
		{`entropy(f)`, "f=abcd", texts("2"), 0},
		{`fromHex(f)`, "f=6869,zz,6", texts("hi"), 0},
		{`fromURL(f)`, "f=%41%zz,%41", texts("A"), 0},
		{`fromBase64("_-8")`, "", texts("\xff\xef"), 0},
		{`coalesce(f, g, "x", "y")`, "f= g=a,b", texts("a", "b"), 0},
		{`coalesce(f)`, "", nil, 0},
		{`num(f)`, "f=x", nil, 1},
		{`extract(f, "a(b)?c")`, "f=ac", nil, 0},
		{`extract(f, "b+")`, "f=abbc,x,b", texts("bb", "b"), 0},
		{`extractAll(f, "(a)|b")`, "f=abab,a", texts("a", "a", "a"), 0},
		{`date("2024-01-02T03:04:05Z") - date("2024-01-02")`, "", texts("11045"), 0},
		{`date(f)`, "f=oops", nil, 1},
		{`date(f, "02.01.2006")`, "f=03.02.1970", texts("2851200"), 0},
		{`duration("1m30s")`, "", texts("90"), 0},
		{`duration(f)`, "f=x", nil, 1},
		{`reverse(f)`, "f=a,b,c", texts("c", "b", "a"), 0},
		{`uniq(f)`, "f=a,b,a", texts("a", "b"), 0},
		{`concat(f, "x", gone)`, "f=a,b", texts("a", "b", "x"), 0},
		{`flatten([["a"], ["b", "c"]])`, "", texts("a", "b", "c"), 0},
		{`sort(f)`, "f=10,9,8", texts("8", "9", "10"), 0},
		{`sort(f, "desc")`, "f=b,a,c", texts("c", "b", "a"), 0},
		{`take(f, 2)`, "f=a,b,c", texts("a", "b"), 0},
		{`take(f, 9)`, "f=a", texts("a"), 0},
		{`join(f, "; ")`, "f=a,b", texts("a; b"), 0},
		{`join(f)`, "f=a,b", texts("ab"), 0},
		{`type(f)`, "f=a,b", texts("array"), 0},
		{`type(1 / 0)`, "", texts("nil"), 1},
		{`::len(f) | string()`, "f=abc", texts("3"), 0},
	})
}

func TestTimes(t *testing.T) {
	checkValues(t, []valueCase{
		{`hour(t) + 0`, "t=2026-03-29T00:59:59Z", texts("0"), 0},
		{`[hour(t, "Europe/Berlin"), hour(u, "Europe/Berlin")]`, "t=2026-03-29T00:59:59Z u=2026-03-29T01:00:00Z", texts("1", "3"), 0}, // summer begins
		{`weekday(t)`, "t=0", texts("Thursday"), 0},
		{`day(t, "Pacific/Auckland")`, "t=1767225599.5", texts("2026-01-01"), 0},
		{`hour(t)`, "t=soon", nil, 1},
		{`hour(t)`, "", nil, 1},
		{`bucket(t, "1h")`, "t=-1", texts("-3600"), 0},
		{`bucket(t, "1d")`, "t=1767225600", texts("1767225600"), 0},
		{`bucket(t, "1w")`, "t=0,604800,604799.999", texts("0", "604800", "0"), 0},
		{`bucket(t, "500ms")`, "t=10.75", texts("10.5"), 0},
		{`age(t)`, "_time=100 t=40,160.5", texts("60", "-60.5"), 0},
		{`age(t)`, "t=40", nil, 1},
		{`_time - t`, "_time=100 t=40", texts("60"), 0},
	})
}

func TestPartsOfJSON(t *testing.T) {
	const raw = `{"a":{"b":[{"c":1},{"c":[2,3]},{"d":4}],"odd name":"x"},"n":9007199254740993,"z":null,"t":true,"o":{"k":1.50}}`
	for _, c := range []struct {
		path string
		want []string
	}{
		{`a.b[0].c`, texts("1")},
		{`a.b[-1].d`, texts("4")},
		{`a.b[*].c`, texts("1", "2", "3")},
		{`a.b[1].c`, texts("2", "3")},
		{`a.b[3]`, nil},
		{`a.b.c`, nil},
		{`a[0]`, nil},
		{`a[\"odd name\"]`, texts("x")},
		{`[\"a\"][\"odd name\"]`, texts("x")},
		{`n`, texts("9007199254740993")},
		{`z`, nil},
		{`t`, texts("true")},
		{`o`, texts(`{"k":1.50}`)},
		{`gone[*].x`, nil},
	} {
		got, _ := valuesOf(t, `json(raw, "`+c.path+`")`, record{"raw": {raw}})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.path, diff)
		}
	}
	for _, bad := range []string{"", "x", `{"a":1`, `{"a":1} {`, `{"a":1}]`, `[1]`} {
		if got, _ := valuesOf(t, `json(raw, "a")`, record{"raw": {bad}}); got != nil {
			t.Errorf("%s gives %q", bad, got)
		}
	}
	// A path through all members of what is no list leads to none, of what is no JSON nowhere.
	for text, want := range map[string]any{
		`1`: []any{}, ` "a" `: []any{}, "null\n": []any{}, `true`: []any{}, ``: nil, ` `: nil, `a`: nil, `1 2`: nil, `"a`: nil, `01`: nil, `{}`: []any{}, `[]`: []any{},
	} {
		p, err := parsePath("[*].x")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, p.of(text)); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
	if !holds(t, `json(raw, "n") == "9007199254740993" and json(raw, "n") != 9007199254740992 and json(raw, "t")`, record{"raw": {raw}}) {
		t.Error("numbers are not exact, or true is not true")
	}
}

func TestPredicates(t *testing.T) {
	checkValues(t, []valueCase{
		{`filter(f, # contains "a")`, "f=ab,cd,da", texts("ab", "da"), 0},
		{`map(f, upper(#) + #index)`, "f=a,b", texts("A0", "B1"), 0},
		{`count(f, # > 1)`, "f=1,2,3", texts("2"), 0},
		{`find(f, # > 1)`, "f=1,2,3", texts("2"), 0},
		{`findLast(f, # > 1)`, "f=1,2,3", texts("3"), 0},
		{`find(f, # > 9)`, "f=1,2,3", nil, 0},
		{`findIndex(f, # > 1)`, "f=1,2,3", texts("1"), 0},
		{`findLastIndex(f, # > 1)`, "f=1,2,3", texts("2"), 0},
		{`findIndex(f, # > 9)`, "f=1,2,3", nil, 0},
		{`reduce(f, #acc + #)`, "f=1,2,3", texts("6"), 0},
		{`reduce(f, #acc + #)`, "", nil, 0},
		{`reduce(f, #acc + #, 10)`, "f=1,2,3", texts("16"), 0},
		{`map(f, reduce(g, #acc + #, n))`, "f=1,2 g=1,2 n=10", texts("13", "13"), 0},
		{`map(f, reduce(split(#, "/"), #acc + "-" + #))`, "f=a/b,c", texts("a-b", "c"), 0},
		{`map(f, reduce(split(#, "/"), #acc + #, #))`, "f=a/b", texts("a/bab"), 0},
		{`map(filter(fromJSON(f), .n > 1), .n)`, `f=[{"n":1}]`, nil, 0},
		{`map(fromJSON(f), .n)`, `f=[{"n":7}]`, texts("7"), 0},
		{`map(f, split(#, "/"))`, "f=a/b,c", texts("a", "b", "c"), 0},
	})
}

func TestNotNumbersAddUp(t *testing.T) {
	dict := pipeline.NewDict()
	e, err := Condition(`a / b > 1`, dict)
	if err != nil {
		t.Fatal(err)
	}
	batch := rows(dict, fields("a=9 b=3"), fields("a=9 b=0"), fields("a=x b=3"))
	for range 2 {
		var held []bool
		for row := range batch.Len() {
			ok, err := e.Holds(batch, row)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, ok)
		}
		if diff := cmp.Diff([]bool{true, false, false}, held); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if got := e.NotNumbers(); got != 4 {
		t.Errorf("%d times no number, want 4", got)
	}
}

func TestConditionAsValues(t *testing.T) {
	dict := pipeline.NewDict()
	e, err := Condition(`a == 1`, dict)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Values(rows(dict, fields("a=1")), 0)
	if err != nil || !cmp.Equal(got, texts("true")) {
		t.Errorf("got %q, %v", got, err)
	}
}
