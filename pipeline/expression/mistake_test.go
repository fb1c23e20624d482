package expression

import (
	"errors"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

func TestMistakesAreExplained(t *testing.T) {
	cases := []struct {
		source string
		want   string // place and words, parted by a blank
	}{
		{`user = "a"`, `column 6: = compares nothing: write ==`},
		{`user === "a"`, `write ==`},
		{`a == 1 AND b == 2`, `column 8: AND is written and`},
		{`a == 1 Or b == 2`, `Or is written or`},
		{`NOT a == 1`, `NOT is written not`},
		{`NOT (a == 1)`, `column 1: NOT is written not`},
		{`a IN ["x"]`, `IN is written in`},
		{`a in ("x", "y")`, `a list is written in brackets`},
		{`a like "%x"`, `there is no like: write glob(`},
		{`a LIKE "%x"`, `there is no LIKE: write glob(`},
		{`like(a, "%x")`, `there is no like: write glob(`},
		{`a startswith "x"`, `startswith is written startsWith`},
		{`a contain "x"`, `did you mean contains?`},
		{`a <> 1`, `there is no <>: write !=`},
		{`a =~ "x"`, `column 4: there is no ~: a regular expression is asked for with matches`},
		{`a == "x" ~`, `column 10: there is no ~`},
		{`a eq 1`, `there is no eq: write ==`},
		{`a & b`, `there is no &: write and`},
		{`a == 10.0.0.1`, `a text is written in quotes`},
		{`a == "C:\Windows"`, `a backslash in quotes is written twice`},
		{`a == "x`, `a quote is opened and not closed`},
		{`a == `, `the expression ends too early`},
		{``, `the expression ends too early`},
		{`(a == 1`, `the expression ends too early`},
		{`a == 1)`, `) is not expected here`},
		{`Records{}.a == 1`, `$env["odd name"]`},
		{`a b == 1`, `an operator is missing before b`},
		{`a "x"`, `an operator is missing before "x"`},
		{`a == 1 and @x == 2`, `$env["odd name"]`},
		{`any(a, contains "x")`, `within any, all and the like the value is #`},
		{`all(a)`, `what to ask of each value #`},
		{`a == 99999999999999999999`, `put it in quotes`},
		{"a == 1 and\n  b = 2", `line 2, column 5: = compares nothing`},
		{"ä == \"ö\" and b = 2", `line 1, column 16`},

		{`lower2(a) == "x"`, `there is no function lower2: did you mean lower`},
		{`Lower(a) == "x"`, `column 1: there is no function Lower: did you mean lower?`},
		{`startWith(a, "x")`, `there is no function startWith`},
		{`frobnicate(a)`, `there are abs, age, all, any`},
		{`cidrmatch("10.0.0.0/8", ip)`, `write cidr(`},
		{`isnotnull(a)`, `write has(user)`},
		{`now() > 1`, `now is not offered: a window hunted again must give the same`},
		{`date(timezone("UTC"))`, `timezone is not offered`},
		{`keys(a) == 1`, `keys is not offered: its result has no order of its own`},
		{`groupBy(a, #) == 1`, `groupBy is not offered`},
		{`sortBy(a, #) == 1`, `sortBy is not offered: sort`},
		{`a.lower() == "x"`, `write f(x), not x.f()`},

		{`user`, `the field user is a text, neither true nor false`},
		{`a == 1 and user`, `column 12: the field user is a text`},
		{`any(a, user)`, `column 8: the field user is a text`},
		{`user == "a" or "b"`, `column 16: the text "b" is neither true nor false: one of several values is asked for with in`},
		{`len(user)`, `column 1: this is neither true nor false`},
		{`a + 1`, `column 3: this is neither true nor false`},
		{`lower(a) ? true : false`, `this is neither true nor false`},
		{`not user == "a"`, `column 5: not takes the field user alone here`},
		{`nil`, `nil is neither true nor false`},
		{`filter(a, # + 1) == 1`, `neither true nor false`},

		{`user["x"] == 1`, `a field is a text and has no parts: user.x is the field of that name`},
		{`user[0].x == 1`, `has no parts`},
		{`$env == 1`, `$env stands for the record only before the name of a field`},
		{`$env[user] == 1`, `written out in quotes`},
		{`reduce(a, #akk + 1) == 1`, `there is no #akk`},
		{`any(a, #acc == 1)`, `#acc has a meaning only in reduce`},

		{`a matches "("`, `column 11: "(" is no regular expression: missing closing )`},
		{`any(a, # matches "(")`, `column 18: "(" is no regular expression`},
		{`a matches "` + strings.Repeat("x", 5000) + `"`, `4096 is the most`},
		{`cidr(ip, "10.0.0.0/33")`, `column 10: "10.0.0.0/33" is no network`},
		{`hour(_time, "Mars/Olympus")`, `column 13: "Mars/Olympus" is no time zone`},
		{`hour(_time, "Local")`, `"Local" is no time zone`},
		{`hour(_time, zone)`, `column 13: what hour is given behind the field is written out in quotes, as in hour(_time, "Europe/Berlin")`},
		{`hour() == 1`, `hour takes 1 to 2 arguments, not 0`},
		{`bucket(_time, "5 minutes")`, `is no duration`},
		{`bucket(_time, "0s")`, `bucket wants a span of time above 0`},
		{`bucket(_time)`, `bucket takes 2 arguments, not 1`},
		{`json(_raw, "a..b")`, `column 12: "a..b" is no path into JSON`},
		{`json(_raw, "")`, `json wants a path`},
		{`json(_raw, "` + strings.Repeat("[0]", 65) + `")`, `is no path into JSON`},
		{`extract(a, "(")`, `column 12: "(" is no regular expression`},
		{`extract(a, "` + strings.Repeat("x", 5000) + `")`, `4096 is the most`},
		{`extract(a, b)`, `the field is written out in quotes`},
		{`len(extract(a, "("))`, `column 16: "(" is no regular expression`},
		{`spath(a, "x")`, `there is no function spath: write json(`},
		{`rex(a, "x")`, `there is no function rex: write extract(`},
		{`cidr(ip)`, `cidr takes a field and one or more networks`},
		{`cidr(ip, net)`, `column 10: the networks of cidr are written out in quotes`},
		{`glob(a, b)`, `the patterns of glob are written out in quotes`},
		{`has("user")`, `has takes a field`},
		{`has(a, b)`, `has takes 1 argument, a field, not 2`},
		{`len(a, b) > 1`, `len takes 1 argument, not 2`},
		{`replace(a, "x") == "y"`, `replace takes 3 arguments, not 2`},
		{`trim() == "y"`, `trim takes 1 to 2 arguments, not 0`},
		{`max() == 1`, `max takes at least 1 argument, not 0`},
		{`a in 1..9999999`, ``},
		{`any(1..9999999, # == 1)`, `a list of more than 1048576 numbers`},

		{strings.Repeat("x", 70_000), `bytes long: 65536 are the most`},
		{strings.Repeat("(", 60_000) + `a`, `the expression ends too early`},
		{`a == 1` + strings.Repeat(" or a == 1", 9000), `bytes long`},
		{strings.Repeat("a<(", 40) + "a" + strings.Repeat("<b)<c", 40), `the expression is too large`},
	}
	for _, c := range cases {
		_, err := Condition(c.source, pipeline.NewDict())
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.source, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s is taken, want an error with %q", c.source, c.want)
			continue
		}
		if got := err.Error(); !strings.Contains(got, c.want) {
			t.Errorf("%s: the error is %q, want %q in it", shortened(c.source, 60), got, c.want)
		}
		if got := err.Error(); !strings.HasPrefix(got, "expression ") {
			t.Errorf("the error does not name the expression: %q", got)
		}
		if strings.Contains(err.Error(), "unexpected token") {
			t.Errorf("the error is in the parser's words: %q", err)
		}
	}
}

func TestErrorsOfARecord(t *testing.T) {
	cases := []struct {
		source string
		record record
		want   string
	}{
		{`a == 1 and first(map(user, #))`, record{"a": {"1"}, "user": {"x"}}, `line 1, column 12: the text "x" is neither true nor false`},
		{`fromJSON(a)`, record{"a": {"[1,2]"}}, `a list of 2 values is neither true nor false`},
		{`not fromJSON(a)`, record{"a": {"1"}}, `column 5: the number 1 is neither true nor false`},
		{`any(user, fromJSON(#))`, record{"user": {"1"}}, `column 11: the number 1 is neither true nor false`},
		{`user matches pattern`, record{"pattern": {"("}}, `line 1, column 6: "(" is no regular expression`},
		{`user matches pattern`, record{"pattern": {strings.Repeat("a", 5000)}}, `4096 is the most`},
		{`all(a, all(a, all(a, all(a, true))))`, record{"a": make([]string, 1000)}, `too much work for one record`},
		{`all(a, _raw not contains "x")`, record{"a": make([]string, 10_000), "_raw": {strings.Repeat("y", 10_000)}}, `too much work`},
		{`all(a, not any(map(a, #), # == "x"))`, record{"a": make([]string, 10_000)}, `too much work`},
		{`len(map(a, repeat("x", 1000000))) > 0`, record{"a": make([]string, 10_000)}, `too much work`},
		{`len(map(a, map(a, #))) > 0`, record{"a": make([]string, 10_000)}, `too much work`},
		{`len(map(a, [#, #, #])) > 0`, record{"a": make([]string, 400_000)}, `too much work`},
		{`len(filter(a, any(a, # == "x"))) > 0`, record{"a": make([]string, 10_000)}, `too much work`},
		{`len(map(a, replace(#, "", repeat("y", 100)))) > 0`, record{"a": many("x", 200_000)}, `too much work`},
		{`len(map(1..100000, lower(_raw))) > 0`, record{"_raw": {strings.Repeat("Y", 10_000)}}, `too much work`},
		{`any(1..100000, sha256(_raw) == "x")`, record{"_raw": {strings.Repeat("Y", 10_000)}}, `too much work`},
		{`any(1..100000, extract(_raw, "(x)y") == "x")`, record{"_raw": {strings.Repeat("x", 10_000)}}, `too much work`},
		{`any(1..100000, _raw[1:] == "x")`, record{"_raw": {strings.Repeat("x", 10_000)}}, `too much work`},
		{`len(map(a, uniq(a))) > 0`, record{"a": many("x", 2600)}, `too much work`},
		{`a contains b`, record{"a": make([]string, 100_000), "b": make([]string, 100_000)}, `too much work`},
		{`a contains b`, record{"a": many("x", 10_000), "b": many("y", 10_000)}, `too much work`},
		{`a == b`, record{"a": make([]string, 100_000), "b": make([]string, 100_000)}, ``},
		{`a in b`, record{"a": many("x", 100_000), "b": many("y", 100_000)}, ``},
		{`user matches pattern`, record{"pattern": many("x", 100_000)}, `too much work`},
		{`len(repeat(a, 1000)) > 1`, record{"a": {strings.Repeat("x", 10_000)}}, ``},
	}
	for _, c := range cases {
		dict := pipeline.NewDict()
		e, err := Condition(c.source, dict)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		_, err = e.Holds(rows(dict, c.record), 0)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.source, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want %q in it", c.source, err, c.want)
		case err != nil && !errors.Is(err, pipeline.ErrPermanent):
			t.Errorf("%s: %v is not permanent", c.source, err)
		}
		if holds, err := e.Holds(rows(dict, record{}), 0); holds && err != nil {
			t.Errorf("%s: an error and true at once: %v", c.source, err)
		}
	}
}

func many(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = prefix + strings.Repeat("z", i%7)
	}
	return out
}

func TestAnErrorEndsWithItsRow(t *testing.T) {
	dict := pipeline.NewDict()
	e, err := Condition(`fromJSON(a) and b == 1`, dict)
	if err != nil {
		t.Fatal(err)
	}
	batch := rows(dict, fields("a=7 b=1"), fields("a=true b=1"))
	if _, err := e.Holds(batch, 0); err == nil {
		t.Error("a number in the place of a condition is no error")
	}
	if ok, err := e.Holds(batch, 1); !ok || err != nil {
		t.Errorf("the row after an error: %t, %v", ok, err)
	}
	if _, err := e.Values(batch, 0); err == nil {
		t.Error("no error when asked for the value")
	}
}

func TestValueAsCondition(t *testing.T) {
	dict := pipeline.NewDict()
	e, err := Value(`first(map(a, # == 1))`, dict)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := e.Holds(rows(dict, fields("a=1")), 0); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
	if _, err := e.Holds(rows(dict, record{}), 0); err == nil {
		t.Error("nil in the place of a condition is no error")
	}
}
