package splunk

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

func TestRender(t *testing.T) {
	str := func(v any) map[string]pipeline.Param {
		return map[string]pipeline.Param{"x": {Type: "string", Value: v}}
	}
	one := func(kind string, v any) map[string]pipeline.Param {
		return map[string]pipeline.Param{"x": {Type: kind, Value: v}}
	}
	for _, c := range []struct {
		name, spl string
		params    map[string]pipeline.Param
		want, err string
	}{
		{"bare string", `search user=$x$`, str("bob"), `search user="bob"`, ""},
		{"string in quotes", `search user="*$x$*"`, str("bob"), `search user="*bob*"`, ""},
		{"injection bare", `search user=$x$`, str(`x" | delete | search "`), `search user="x\" | delete | search \""`, ""},
		{"injection in quotes", `search user="$x$"`, str(`x" | delete`), `search user="x\" | delete"`, ""},
		{"trailing backslash", `search path="$x$"`, str(`C:\`), `search path="C:\\"`, ""},
		{"backslash before, in quotes", `search path="C:\\$x$"`, str(`a`), `search path="C:\\a"`, ""},
		{"half a backslash before", `search path="C:\$x$"`, str(`"`), "", "a backslash right before $x$"},
		{"backslash before, bare", `search path=C:\\$x$`, str(`a`), "", "a backslash right before $x$"},
		{"no second look", `search user=$x$`, str(`$x$ $y$`), `search user="$x$ $y$"`, ""},
		{"subsearch", `search user=$x$`, str(`[search *]`), `search user="[search *]"`, ""},
		{"backtick", `search user=$x$`, str("`m`"), "", "backtick"},
		{"newline", `search user=$x$`, str("a\nb"), "", "control character U+000A"},
		{"not UTF-8", `search user=$x$`, str("\xff"), "", "not UTF-8"},
		{"number as string", `search id=$x$`, str(7), `search id="7"`, ""},
		{"int", `search | head $x$`, one("int", 10), `search | head 10`, ""},
		{"int as float64", `search | head $x$`, one("int", 10.0), `search | head 10`, ""},
		{"not int", `search | head $x$`, one("int", "10 | delete"), "", "no whole number"},
		{"duration", `search a | bin span=$x$ _time`, one("duration", "5m"), `search a | bin span=5m _time`, ""},
		{"not duration", `search a | bin span=$x$ _time`, one("duration", "1h30m"), "", "no duration that Splunk reads"},
		{"index", `search index=$x$`, one("index", "win-1"), `search index=win-1`, ""},
		{"index wildcard", `search index=$x$`, one("index", "*"), "", "no name of an index"},
		{"field", `search a | stats count by $x$`, one("field", "a.b{}"), `search a | stats count by a.b{}`, ""},
		{"field keyword", `search a | stats count by $x$`, one("field", "BY"), "", "keyword"},
		{"ip", `search src=$x$`, one("ip", "10.0.0.1"), `search src="10.0.0.1"`, ""},
		{"ip6 is shortened", `search src=$x$`, one("ip", "2001:db8:0:0::1"), `search src="2001:db8::1"`, ""},
		{"ip with zone", `search src=$x$`, one("ip", "fe80::1%eth0"), "", "no IP address"},
		{"cidr in a macro", "search `net($x$)`", one("cidr", "10.0.0.0/8"), "search `net(10.0.0.0/8)`", ""},
		{"cidr with host bits", `search src=$x$`, one("cidr", "10.1.0.0/8"), "", "the network is 10.0.0.0/8"},
		{"string in a macro", "search `m($x$)`", str("a"), "", "macro"},
		{"string in a comment", "search a ```$x$```", str("a"), "", "comment"},
		{"dollars in a comment", "search a ```5$ $$x$$``` b=$x$", str("a"), "search a ```5$ $x$``` b=\"a\"", ""},
		{"enum", `search level=$x$`, map[string]pipeline.Param{"x": {Type: "enum", Value: "low", Values: []string{"low", "high"}}}, `search level="low"`, ""},
		{"enum stranger", `search level=$x$`, map[string]pipeline.Param{"x": {Type: "enum", Value: "mid", Values: []string{"low", "high"}}}, "", "none of its values: low, high"},
		{"list", `search user IN $x$`, one("list", []any{"a", `b"`, 3}), `search user IN ("a","b\"","3")`, ""},
		{"list of int", `search id IN $x$`, map[string]pipeline.Param{"x": {Type: "list", Of: "int", Value: []any{1, "2"}}}, `search id IN (1,2)`, ""},
		{"list of ip, bad", `search id IN $x$`, map[string]pipeline.Param{"x": {Type: "list", Of: "ip", Value: []any{"::1", "x"}}}, "", "member 2"},
		{"empty list", `search id IN $x$`, one("list", []any{}), "", "list is empty"},
		{"list in quotes", `search id="$x$"`, one("list", []any{"a"}), "", "list"},
		{"scalar given a list", `search id=$x$`, str([]any{"a"}), "", "single"},
		{"list given a scalar", `search id=$x$`, one("list", "a"), "", "must be a list"},
		{"no value", `search id=$x$`, str(nil), "", "no value"},
		{"no type", `search id=$x$`, one("", "a"), "", "no type"},
		{"odd type", `search id=$x$`, one("text", "a"), "", "is no type"},
		{"unknown token", `search id=$y$ $x$`, str("a"), "", "$y$ is no parameter of the hunt, which has x"},
		{"unused", `search a`, str("a"), "", `parameter "x": the search does not use it`},
		{"command", `search a | $x$ count`, one("field", "delete"), "", "cannot name a command"},
		{"part of a command", `search a | de$x$`, one("field", "lete"), "", "cannot name a command"},
		{"whole search", `$x$`, str("search a"), "", "cannot name a command"},
		{"dollar in a regex", `search a | rex "\.exe$" | rex "(a$|b$)"`, nil, `search a | rex "\.exe$" | rex "(a$|b$)"`, ""},
		{"two dollars", `search a="$$x$$"`, nil, `search a="$x$"`, ""},
		{"lone dollar", `search index=$index EventCode=1`, nil, "", "dollar sign stands alone"},
		{"open quotes", `search a="b`, nil, "", "not closed"},
		{"bad name", `search a`, map[string]pipeline.Param{"a-b": {Type: "int", Value: 1}}, "", "letters, digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := SIEM{}.Render(c.spl, c.params)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %q, %v; want an error with %q", got, err, c.err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Fatalf("got %q, %v\nwant %q", got, err, c.want)
			}
		})
	}
}

func TestLint(t *testing.T) {
	good := []string{
		`search index=windows EventCode=4688`,
		`| tstats count where index=windows by host`,
		`search index=a | stats earliest(_time) as earliest latest(_time) as latest by host | eval latest=strftime(latest,"%F")`,
		`search index=a "| delete"`,
		`search index=a [search index=b | fields host] | table host`,
		"search `macro(1)` | `macro2`",
		"search index=a ```| delete``` | head 5",
		`| inputlookup hosts.csv | search host=a`,
		`search index=a | join host [| inputlookup x | rename delete as y] | where latest=1`,
		`search a | foreach * [eval <<FIELD>>=1]`,
		`search a | fields map`,
	}
	for _, spl := range good {
		if err := lint(spl); err != nil {
			t.Errorf("%s: %v", spl, err)
		}
	}
	for spl, want := range map[string]string{
		``:                                      "the search is empty",
		` `:                                     "the search is empty",
		"```x```":                               "the search is empty",
		`search`:                                "read everything",
		`|`:                                     "a command is missing",
		`search a |`:                            "a command is missing",
		`search a || b`:                         "a command is missing",
		`search a []`:                           "a command is missing",
		`search a [`:                            "not closed",
		`search a ]`:                            "closes no subsearch",
		`search a | [b]`:                        "cannot stand for a command",
		`search a | "delete"`:                   "name is missing",
		`index=windows`:                         "begins with the word search",
		"`macro` a":                             "write search `macro`",
		`search a | delete`:                     "the command delete",
		`search a|DELETE`:                       "the command delete",
		`search a | outputlookup x.csv`:         "the command outputlookup",
		`search a [search b | collect index=c]`: "the command collect",
		`search a | append [search b [ | rest /services ] ] | c`: "the command rest",
		`search a | eval x='a | delete'`:                         "the command delete",
		`search a | foreach * [map search="x"]`:                  "the command map",
		"search a ```c``` | ```d``` sendemail to=x":              "the command sendemail",
		`search earliest=-1d a`:                                  "earliest= bounds the search",
		`search a LATEST = now`:                                  "latest= bounds the search",
		`search a (_index_earliest=-1d)`:                         "_index_earliest= bounds the search",
		`search a "index_latest"=5`:                              "index_latest= bounds the search",
		`search a [search b earliest=rt-5m] | c`:                 "earliest= bounds the search",
		`| tstats count where index=a earliest=-5m by host`:      "earliest= bounds the search",
		`search a [earliest=-5m]`:                                "earliest= bounds the search",
		"search a \x00b":                                         "control character",
		`search a=\"b`:                                           "a backslash before a quote",
		"search `m":                                              "macro opened here",
		"search a ```m":                                          "comment opened here",
	} {
		if err := lint(spl); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", spl, err, want)
		}
	}
}

// shape is what a search does, whatever the values in it: the kinds of its
// tokens, its words outside of the place of a value, and its commands.
func shape(t *testing.T, spl string) []string {
	t.Helper()
	tokens, all, err := parse(spl)
	if err != nil {
		t.Fatalf("%q: %v", spl, err)
	}
	var s []string
	for _, k := range tokens {
		if k.kind == stringToken {
			s = append(s, "string")
			continue
		}
		s = append(s, k.text)
	}
	for _, c := range all {
		s = append(s, c.name())
	}
	return s
}

func FuzzRenderKeepsTheShape(f *testing.F) {
	for _, v := range []string{`x" | delete`, `\`, `\"`, "`m`", "a\nb", "[search *]", "$x$", `")] | delete [("`, "é", "\xff", "```", ""} {
		f.Add(v)
	}
	templates := []string{
		`search user=$x$ | where a="b$x$\\" [search c="$x$"] | stats count`,
		`search ($x$) OR NOT $x$ | rex "a\"$x$"`,
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, spl := range templates {
			got, err := SIEM{}.Render(spl, map[string]pipeline.Param{"x": {Type: "string", Value: value}})
			if err != nil {
				return
			}
			harmless, err := SIEM{}.Render(spl, map[string]pipeline.Param{"x": {Type: "string", Value: "v"}})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(shape(t, harmless), shape(t, got)); d != "" {
				t.Fatalf("%q changes the search (-harmless +got):\n%s", value, d)
			}
			if n := strings.Count(got, "|") - strings.Count(value, "|")*strings.Count(spl, "$x$"); n != strings.Count(spl, "|") {
				t.Fatalf("%q: pipes were lost or won: %s", value, got)
			}
		}
		for _, kind := range []string{"ip", "cidr", "int", "duration", "field", "index"} {
			got, err := SIEM{}.Render("search a=$x$ `m($x$)` | stats count", map[string]pipeline.Param{"x": {Type: kind, Value: value}})
			if err != nil {
				continue
			}
			if s := shape(t, got); len(s) != 10 { // eight tokens, two commands
				t.Fatalf("%s %q changes the search: %q", kind, value, s)
			}
			if i := slices.IndexFunc([]byte(got), func(c byte) bool { return c < ' ' }); i >= 0 {
				t.Fatalf("%s %q: control character in %q", kind, value, got)
			}
		}
	})
}

func FuzzLint(f *testing.F) {
	f.Add("search a | delete")
	f.Add("search a [| rest] \"b\\\"\" `c` ```d``` $x$")
	f.Fuzz(func(t *testing.T, spl string) {
		if lint(spl) != nil {
			return
		}
		// What passes still passes with blanks and a harmless command behind it,
		// and no longer with a risky one.
		if err := lint(spl + " | head 5"); err != nil {
			t.Fatalf("%q: %v", spl, err)
		}
		if lint(spl+" | delete") == nil {
			t.Fatalf("%q hides what follows it", spl)
		}
	})
}
