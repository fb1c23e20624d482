//go:build unix

package commandline

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHostileTexts: the nastiest texts take no more processor time than other
// long ones; work that grew with the square of 64 KiB would take seconds.
func TestHostileTexts(t *testing.T) {
	rules, err := NewRules(append(BuiltinRules(), MSTICPyRules()...))
	if err != nil {
		t.Fatal(err)
	}
	many := func(s string) func(int) string { return func(n int) string { return strings.Repeat(s, n/len(s)+1) } }
	for name, make := range map[string]func(int) string{
		"concat":       many(`'a'+`),
		"concat-vars":  func(n int) string { return `$a='` + strings.Repeat("x", 8000) + `';` + many(`$a+$a;`)(n) },
		"concat-index": func(n int) string { return `$a='` + strings.Repeat("x", 8000) + `';` + many(`$a[0]+`)(n) },
		"format":       func(n int) string { return many(`{0}`)(n / 2)[1:] + `"` + `{0}` + `" -f ` + many(`'x',`)(n/2) },
		"format-deep":  many(`("{0}{0}" -f (`),
		"format-wide":  func(n int) string { return `"` + many(`{0}`)(n/2) + `" -f '` + many(`x`)(n/2) + `'` },
		"parens":       many(`(`), "parens-closed": func(n int) string { return many(`(`)(n/2) + many(`)`)(n/2) },
		"casts": many(`[char]`), "string-casts": many(`[string](1,2)+`), "unary": many(`-join `), "minus": many(`-1`),
		"split":        func(n int) string { return `'` + many(`a`)(n/2) + `'` + many(` -split 'b'`)(n/2) },
		"replace":      func(n int) string { return `'` + many(`a`)(n/2) + `'` + many(`.replace('b','c')`)(n/2) },
		"replace-grow": func(n int) string { return `'a'` + many(`.replace('a','aa')`)(n) },
		"repeat":       many(`'a'*60000;`), "range": many(`1..65000;`), "blocks": many(`1,2|%{`), "block-list": func(n int) string { return `(` + many(`65,`)(n) + `66)|%{[char]([int]$_ -bxor 1 -bxor 1 -bxor 1)}` },
		"strings": many(`"`), "quotes": many(`'`), "ticks": many("`a"), "tick-string": many("\"`"), "dollars": many(`"$`), "braces": many(`${`),
		"types": many(`[a`), "here": many("@'\n"), "here-double": many("@\"\n"), "comments": many("<#\n"), "iex": many(`iex 'iex ''`), "mdr": many(`(gv `), "ofs": many(`$(ofs `),
		"members": many(`'a'.`), "indexes": many(`'a'[`), "carets": many(`^`), "caret-words": many(`a^`), "caret-quotes": many(`^"`),
		"percents": many(`%`), "variables": many(`%a:~`), "bangs": many(`!a`), "comspec": many(`%path:;=;;%`), "path-star": many(`%path:*c=c%`),
		"set-double": func(n int) string { return `cmd /c set a=x&` + many(`set a=%a%%a%&`)(n) },
		"set-grow":   func(n int) string { return `cmd /c set a=` + strings.Repeat("x", 8000) + `&` + many(`%a%`)(n) },
		"sets":       func(n int) string { return `cmd /c ` + many(`set a=b&`)(n) }, "cmd": many(`cmd /c `), "cmd-quotes": many(`cmd /c "`), "powershell": many(`powershell -c `),
		"powershell-quotes": many(`powershell "`), "bash": many(`bash -c '`), "sh": many(`sh -c `), "seps": func(n int) string { return `cmd /c ` + many(`,;=`)(n) }, "ampersands": func(n int) string { return `cmd ` + many(`&`)(n) },
		"posix-vars": func(n int) string { return `a=` + strings.Repeat("x", 8000) + `;` + many(`$a$a;`)(n) }, "posix-escape": func(n int) string { return `./x ` + many(`\a`)(n) },
		"ansi": many(`$'\x41`), "ansi-open": many(`$'`), "posix-quotes": func(n int) string { return `./x ` + many(`a"b"'c'`)(n) }, "ifs": many(`${IFS}`), "brace-words": many("|{a,"), "words": many("a "), "one": many("a"),
		"case": many("pOwErShElL "), "dash": many(" –a"), "verbs": many("a-"), "base64": many("frombase64string "), "f": many("f"), "backslash": many(`\`), "path": func(n int) string { return `C:\` + many(`a b`)(n) },
		"literals": many("downloadstrin"), "curl": many("curl | "), "wget-sh": many("wget s"), "mv": many("mv/dev/nul"), "nul": many("\x00"), "broken": many("\xe2\x80"),
	} {
		t.Run(name, func(t *testing.T) {
			for d := Unknown; d <= POSIX; d++ {
				a := New(DefaultLimits())
				run := func(n int) time.Duration {
					text := make(n)
					start := processorTime(t)
					c := a.Analyze(text, d)
					rules.Match(&c)
					return processorTime(t) - start
				}
				// What is a second a megabyte on an idle machine is far less than
				// the 4 that are allowed here for 1/16 of one.
				const n = 1 << 16
				most := time.Second / 4
				if hasRaceDetector() {
					most *= 12 // which takes that much longer
				}
				if once := run(n); once > most {
					if again := run(n); again > most {
						t.Errorf("%s: %s and %s for %d bytes", d, once, again, n)
					}
				}
				// A text of lists of numbers takes half of this.
				if used := allocated(func() { run(n) }); used > 200*n {
					t.Errorf("%s: %d bytes of memory were taken for %d bytes", d, used, n)
				}
			}
		})
	}
}

func hasRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// allocated is how much memory doing something takes, be it given back.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLimits: what a limit cuts is counted.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		what   string
		limits Limits
		text   string
	}{
		{"bytes", Limits{Bytes: 10, Tokens: 10, Depth: 3}, "a.exe b c d é e f"},
		{"tokens", Limits{Bytes: 100, Tokens: 3, Depth: 3}, "a b c d"},
		{"depth", Limits{Bytes: 100, Tokens: 100, Depth: 3}, "cmd /c cmd /c cmd /c cmd /c x"},
		{"depth", Limits{Bytes: 10_000, Tokens: 100, Depth: 3}, "$x = " + strings.Repeat("(", 500)},
		{"work", Limits{Bytes: 10_000, Tokens: 100, Depth: 3}, "$x = 'a'*60000 + 'a'*60000"},
		{"", DefaultLimits(), "cmd /c cmd /c x"},
	} {
		a := New(c.limits)
		a.Analyze(c.text, Unknown)
		for what, n := range a.Cut() {
			if want := what == c.what; (n > 0) != want {
				t.Errorf("%s: %d cuts of %s", c.text[:min(30, len(c.text))], n, what)
			}
		}
		if want := c.what != ""; (a.Cuts() > 0) != want {
			t.Errorf("%s: %d cuts", c.text[:min(30, len(c.text))], a.Cuts())
		}
	}
}
