package commandline

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAnalyze: whatever the text, the analysis ends, its answers agree with each
// other, and what is made stays in proportion.
func FuzzAnalyze(f *testing.F) {
	for _, text := range []string{
		`cmd /c "set a=x%a%%a%&&call %a:~0,-1%%a:x=yy%" & p^ow"er"shell -c "I` + "`" + `EX ('{0}{0}' -f ('a'*3))"`,
		`& ($env:comspec[4,15,25]-join'')([string]((73,69|%{[char]$_})))`, `bash -c 'a=b;$a$a ${IFS} $'"'\\x41\\101'" | sh`,
		`[string]::join('',('1-2'.split('-')|foreach{[char]([int]$_ -bxor 3)}))`, "@'\nx\n'@ + \"$(sv ofs '')\" -replace 'a','b'",
		`,;cmd,/c;"a^b" && "c" | d > e < f`, "–enc ‘a’ + “b”", "(gv '*mdr*').name[3,11,2]", "\x80\xff^%!\"'`$", "a='", `C:\Program Files\x.exe`,
	} {
		for d := Unknown; d <= POSIX; d++ {
			f.Add(text, uint8(d))
		}
	}
	rules, err := NewRules(append(BuiltinRules(), MSTICPyRules()...))
	if err != nil {
		f.Fatal(err)
	}
	a := New(Limits{Bytes: 1 << 16, Tokens: 500, Depth: 5})
	f.Fuzz(func(t *testing.T, text string, d uint8) {
		c := a.Analyze(text, Dialect(d%uint8(POSIX+1)))
		if len(c.Readable) > 20*len(text)+1<<17 {
			t.Errorf("%d bytes become %d", len(text), len(c.Readable))
		}
		if utf8.ValidString(text) && !utf8.ValidString(c.Readable) && !c.Techniques.Has(CharCode) {
			t.Errorf("%q becomes invalid: %q", text, c.Readable)
		}
		if c.Techniques == 0 && c.Score != 0 || c.Score < 0 || c.Score > 100 {
			t.Errorf("score %d with %v", c.Score, names(c.Techniques))
		}
		if len(c.Tokens) > 501+len(text) || len(c.Tokens) > 2*500 {
			t.Errorf("%d tokens", len(c.Tokens))
		}
		for _, p := range c.parts {
			if p.from < 0 || p.to < p.from || p.to > len(c.Tokens) || p.program >= p.to {
				t.Fatalf("part %+v of %d words", p, len(c.Tokens))
			}
		}
		rules.Match(&c)
		again := New(Limits{Bytes: 1 << 16, Tokens: 500, Depth: 5}).Analyze(text, Dialect(d%uint8(POSIX+1)))
		if again.Readable != c.Readable || strings.Join(again.Tokens, "\x00") != strings.Join(c.Tokens, "\x00") || again.Score != c.Score {
			t.Errorf("%q: what an analyzer saw before changes its answer", text)
		}
	})
}

// FuzzRule: any rule is either refused or ends.
func FuzzRule(f *testing.F) {
	f.Add("-w~indow h*", "a*b*c", `\bx`, "a -win hidden xbc")
	f.Add("~", "*", "", "")
	f.Add("-~", "--x", "(?i)a|b", "-")
	f.Fuzz(func(t *testing.T, all, any, regex, text string) {
		if len(regex) > 100 {
			return
		}
		rules, err := NewRules([]Rule{{ID: "x", All: []string{all}, Any: []string{any}, Regex: regex}})
		if err != nil {
			return
		}
		c := New(DefaultLimits()).Analyze(text, Unknown)
		rules.Match(&c)
	})
}
