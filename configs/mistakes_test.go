package configs

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each file has what is said of it, word for word.
var mistakes = []struct{ name, text, want string }{
	{"unknown key", "name: a\n\nshedule: {}\n", `hunts.d/x.yaml:3: unknown key "shedule" in sample: did you mean "schedule"?`},
	{"unknown key, wrong case", "name: a\nLimit: 3\n", `hunts.d/x.yaml:2: unknown key "Limit" in sample: did you mean "limit"?`},
	{"unknown key, inside", "name: a\nschedule:\n  cron: x\n  zone: y\n", `hunts.d/x.yaml:4: unknown key "zone" in "schedule": it takes cron, timezone, jitter`},
	{"unknown key, in a list", "name: a\nstages:\n  - { when: x }\n  - { when: x, cuont: 3 }\n", `hunts.d/x.yaml:4: unknown key "cuont" in item 2 of "stages": did you mean "count"?`},
	{"unknown key, under a name", "name: a\nservers:\n  main:\n    url: x\n    timeuot: 3s\n", `hunts.d/x.yaml:5: unknown key "timeuot" in "main": did you mean "timeout"?`},
	{"missing", "on: true\n", `hunts.d/x.yaml:1: "name" is missing in sample`},
	{"missing, inside", "name: a\nschedule:\n  timezone: UTC\n", `hunts.d/x.yaml:3: "cron" is missing in "schedule"`},
	{"missing, under a name", "name: a\nservers:\n  main: {}\n", `hunts.d/x.yaml:3: "url" is missing in "main"`},
	{"text from a list", "name: [a]\n", `hunts.d/x.yaml:1: "name" wants text, got a list`},
	{"text from a mapping", "name: a\nindex: {a: b}\n", `hunts.d/x.yaml:2: "index" wants text, got a mapping`},
	{"nothing", "name:\n", `hunts.d/x.yaml:1: "name" has no value: write one, or remove the line`},
	{"nothing for a list", "name: a\nfields:\non: true\n", `hunts.d/x.yaml:2: "fields" has no value: write one, or remove the line`},
	{"nothing for a pointer", "name: a\nadmin: null\n", `hunts.d/x.yaml:2: "admin" has no value: write one, or remove the line`},
	{"nothing in a list", "name: a\nfields:\n  - a\n  -\n", `hunts.d/x.yaml:4: item 2 of "fields" has no value: write one, or remove the line`},
	{"struct from text", "name: a\nschedule: daily\n", `hunts.d/x.yaml:2: "schedule" wants a mapping, got "daily"`},
	{"list from a mapping", "name: a\nfields: {a: b}\n", `hunts.d/x.yaml:2: "fields" wants a list of text, got a mapping`},
	{"list of structs from a mapping", "name: a\nstages: {when: b}\n", `hunts.d/x.yaml:2: "stages" wants a list of mappings, got a mapping`},
	{"mapping from text", "name: a\nentities: host\n", `hunts.d/x.yaml:2: "entities" wants a mapping of names to text, got "host"`},
	{"list in a list", "name: a\nfields: [a, [b]]\n", `hunts.d/x.yaml:2: item 2 of "fields" wants text, got a list`},
	{"bare duration", "name: a\nlag: 90\n", `hunts.d/x.yaml:2: "lag" wants a duration with a unit such as 90s, got 90`},
	{"quoted bare duration", "name: a\nlag: '90'\n", `hunts.d/x.yaml:2: "lag" wants a duration with a unit such as 90s, got "90"`},
	{"bare zero", "name: a\nlag: 0\n", `hunts.d/x.yaml:2: "lag" wants a duration with a unit such as 90s, got 0`},
	{"duration too long", "name: a\nlag: 2h\n", `hunts.d/x.yaml:2: "lag" must be at most 1h, got "2h"`},
	{"duration below zero", "name: a\nlag: -5s\n", `hunts.d/x.yaml:2: "lag" must be at least 0s, got "-5s"`},
	{"size too small", "name: a\nroom: 15MB\n", `hunts.d/x.yaml:2: "room" must be at least 16MiB, got "15MB"`},
	{"size too large", "name: a\nroom: 1TiB\n", `hunts.d/x.yaml:2: "room" must be at most 2GiB, got "1TiB"`},
	{"bare size", "name: a\nroom: 20\n", `hunts.d/x.yaml:2: "room": "20" is no size: write a number with a unit, such as 512MiB or 2GiB`},
	{"size from a list", "name: a\nroom: [1GiB]\n", `hunts.d/x.yaml:2: "room" wants a size, got a list`},
	{"yes", "name: a\non: yes\n", `hunts.d/x.yaml:2: "on" wants true or false, got "yes"`},
	{"quoted true", "name: a\non: \"true\"\n", `hunts.d/x.yaml:2: "on" wants true or false, got "true": remove the quotes`},
	{"quoted number", "name: a\nlimit: \"7\"\n", `hunts.d/x.yaml:2: "limit" wants a whole number, got "7": remove the quotes`},
	{"broken number", "name: a\nlimit: 1.5\n", `hunts.d/x.yaml:2: "limit" wants a whole number, got 1.5`},
	{"octal number", "name: a\nlimit: 010\n", `hunts.d/x.yaml:2: "limit" wants a whole number, got "010"`},
	{"underscores", "name: a\nlimit: 1_0\n", `hunts.d/x.yaml:2: "limit" wants a whole number, got "1_0"`},
	{"boolean as number", "name: a\nlimit: true\n", `hunts.d/x.yaml:2: "limit" wants a whole number, got true`},
	{"too small", "name: a\nlimit: 0\n", `hunts.d/x.yaml:2: "limit" must be at least 1, got 0`},
	{"too large", "name: a\nlimit: 101\n", `hunts.d/x.yaml:2: "limit" must be at most 100, got 101`},
	{"does not fit", "name: a\nsmall: 256\n", `hunts.d/x.yaml:2: "small" is beyond what it can hold (8 bits): 256`},
	{"below zero", "name: a\nsmall: -1\n", `hunts.d/x.yaml:2: "small" must not be below 0, got -1`},
	{"not a number", "name: a\nratio: .nan\n", `hunts.d/x.yaml:2: "ratio" wants a number, got ".nan"`},
	{"ratio", "name: a\nratio: 1.5\n", `hunts.d/x.yaml:2: "ratio" must be at most 1, got 1.5`},
	{"endless", "name: a\nratio: 1e999\n", `hunts.d/x.yaml:2: "ratio" is beyond what it can hold (64 bits): 1e999`},
	{"enum", "name: a\nseverity: hihg\n", `hunts.d/x.yaml:2: "severity" wants one of informational, low, medium, high, critical, got "hihg": did you mean "high"?`},
	{"enum in a list", "name: a\nlevels: [low, 9]\n", `hunts.d/x.yaml:2: item 2 of "levels" wants one of low, high, got 9`},
	{"pattern", "name: My Hunt\n", `hunts.d/x.yaml:1: "name" must match ^[a-z][a-z0-9-]*$, got "My Hunt"`},
	{"long text", "name: aaaaaaaaaaaaaaaaaaaaa\n", `hunts.d/x.yaml:1: "name" must be at most 20 characters long, got 21`},
	{"empty list", "name: a\nfields: []\n", `hunts.d/x.yaml:2: "fields" must be at least 1 item long, got 0`},
	{"text form", "name: a\naddr: 300.1.1.1\n", `hunts.d/x.yaml:2: "addr": ParseAddr("300.1.1.1"): IPv4 field has value >255`},
	{"own form", "name: a\nwindows:\n  - a..b\n  - c\n", `hunts.d/x.yaml:4: item 2 of "windows": a window is FROM..TO`},
	{"own form, inside", "name: a\nwindow:\n  form: x\n", `hunts.d/x.yaml:3: unknown key "form" in window: did you mean "from"?`},
	{"list at the top", "- a\n", `hunts.d/x.yaml:1: sample wants a mapping, got a list`},
	{"text at the top", "hello\n", `hunts.d/x.yaml:1: sample wants a mapping, got text`},
	{"long text is cut", "name: a\nschedule: " + strings.Repeat("é", 100) + "\n", `hunts.d/x.yaml:2: "schedule" wants a mapping, got "` + strings.Repeat("é", 30) + `"…`},
	{"several", "name: [a]\nlag: 90\nsub: 1\nschedule:\n  cron: {}\nports: [1, x, 2, y]\n", `hunts.d/x.yaml:1: "name" wants text, got a list
hunts.d/x.yaml:2: "lag" wants a duration with a unit such as 90s, got 90
hunts.d/x.yaml:3: unknown key "sub" in sample: it takes name, schedule, index, on, limit, small, ratio, lag, severity, fields, levels, ports, entities, stages, servers, admin, strict, pipeline, value, addr, rules, data, token, window, windows, times, room, disabled
hunts.d/x.yaml:5: "cron" wants text, got a mapping
hunts.d/x.yaml:6: item 2 of "ports" wants a whole number, got "x"
hunts.d/x.yaml:6: item 4 of "ports" wants a whole number, got "y"`},

	{"secret in plain text", "name: a\ntoken: hunter2\n", `hunts.d/x.yaml:2: "token" holds a secret in plain text: put it into a file of mode 0640 and write "file:PATH", or write "credential:NAME", "env:NAME" or "exec:[PROGRAM, ARG]"`},
	{"secret as a number", "name: a\ntoken: 12345\n", `hunts.d/x.yaml:2: "token" holds a secret in plain text: put it into a file of mode 0640 and write "file:PATH", or write "credential:NAME", "env:NAME" or "exec:[PROGRAM, ARG]"`},
	{"secret with a colon", "name: a\ntoken: \"vault:hunter2\"\n", `hunts.d/x.yaml:2: "token" holds a secret in plain text: put it into a file of mode 0640 and write "file:PATH", or write "credential:NAME", "env:NAME" or "exec:[PROGRAM, ARG]"`},
	{"secret as a list", "name: a\ntoken: [hunter2]\n", `hunts.d/x.yaml:2: "token" wants a reference to a secret, got a list`},
	{"credential with a slash", "name: a\ntoken: credential:../hunter2\n", `hunts.d/x.yaml:2: "token" wants "credential:NAME", with the name systemd knows it by: letters, digits and . _ @ - alone`},
	{"credential above", "name: a\ntoken: \"credential:..\"\n", `hunts.d/x.yaml:2: "token" wants "credential:NAME", with the name systemd knows it by: letters, digits and . _ @ - alone`},
	{"variable with a sign", "name: a\ntoken: env:$hunter2\n", `hunts.d/x.yaml:2: "token" wants "env:NAME", with a name of letters, digits and _ alone`},
	{"file without a name", "name: a\ntoken: 'file:'\n", `hunts.d/x.yaml:2: "token" wants "file:PATH"`},
	{"program by name", "name: a\ntoken: exec:[hunter2]\n", `hunts.d/x.yaml:2: "token" wants "exec:[PROGRAM, ARG, …]", with the program's absolute path first`},
	{"program without a list", "name: a\ntoken: exec:/bin/hunter2\n", `hunts.d/x.yaml:2: "token" wants "exec:[PROGRAM, ARG, …]", with the program's absolute path first`},

	{"duplicate key", "name: a\non: true\nname: b\n", `hunts.d/x.yaml:3:1: the key "name" stands twice in one mapping, on line 1 and here: remove one`},
	{"duplicate key in JSON", "{\"name\": \"a\",\n \"name\": \"b\"}", `hunts.d/x.yaml:2:2: the key "name" stands twice in one mapping, on line 1 and here: remove one`},
	{"duplicate keys", "a: 1\n\"a\": 2\nb: {c: 1, c: 2}\n", `hunts.d/x.yaml:2:1: the key "a" stands twice in one mapping, on line 1 and here: remove one
hunts.d/x.yaml:3:11: the key "c" stands twice in one mapping, on line 3 and here: remove one`},
	{"second document", "name: a\n---\nname: b\n", `hunts.d/x.yaml:2:1: a second document begins here: a file holds one, so put it into a file of its own`},
	{"anchor and alias", "name: &n a\nindex: *n\n", `hunts.d/x.yaml:1:7: anchors and aliases ("&name", "*name") are not taken: write the value out, or put a text that begins with & or * in quotes
hunts.d/x.yaml:2:8: anchors and aliases ("&name", "*name") are not taken: write the value out, or put a text that begins with & or * in quotes`},
	{"merge key", "name: a\n<<: {on: true}\n", `hunts.d/x.yaml:2:1: the merge key "<<" is not taken: write the keys out`},
	{"tag", "name: !!str 1\n", `hunts.d/x.yaml:1:7: tags such as "!!str" are not taken: put a text that begins with ! in quotes`},
	{"question mark", "? name\n: a\n", `hunts.d/x.yaml:1:1: a key after "? " is not taken: write "key: value"`},
	{"directive", "%YAML 1.2\n---\nname: a\n", `hunts.d/x.yaml:1:1: directives such as "%YAML" are not taken: remove the line, or put a text that begins with % in quotes`},
	{"not UTF-8", "name: a\nindex: \xff\n", `hunts.d/x.yaml:2:8: is not UTF-8 text: save it as UTF-8`},
	{"UTF-16", "\xff\xfen\x00", `hunts.d/x.yaml: is UTF-16 text: save it as UTF-8`},
	{"NUL", "name: a\x00\n", `hunts.d/x.yaml:1:8: holds the control character U+0000: in double quotes it can be written as \x00`},
	{"too large", strings.Repeat("#", maxSize+1), `hunts.d/x.yaml: is larger than 1 MiB, the most a settings file may have`},
	{"tab in quotes", "name: \"a\tb\"\n", `hunts.d/x.yaml:1:7: a tab inside a double-quoted text: write \t`},
	{"control character in a key", "{\"a\\u0000\": 1}", `hunts.d/x.yaml:1:2: the key "a\x00" holds a control character: remove it`},
	{"colon in text", "name: a: b\n", `hunts.d/x.yaml:1:7: is not valid YAML: mapping value is not allowed in this context (put a text that holds ": " in quotes, and check that this line and the next are indented as meant)`},
	{"no closing quote", "name: \"hunter2\n", `hunts.d/x.yaml:1:7: is not valid YAML: could not find end character of double-quoted text (the text's closing quote is missing)`},
	{"tab as indentation", "schedule:\n\tcron: x\n", `hunts.d/x.yaml:2:1: is not valid YAML: found character '\t' that cannot start any token (indent with spaces: YAML takes no tabs there)`},
	{"no closing bracket", "fields: [a, b\n", `hunts.d/x.yaml:1:9: is not valid YAML: sequence end token ']' not found (the list's closing ] is missing)`},
	{"backquote", "name: `a`\n", "hunts.d/x.yaml:1:7: is not valid YAML: '`' is a reserved character (put the text in quotes)"},
	{"deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), `hunts.d/x.yaml:1:65: is nested more than 64 levels deep`},
	{"deep in blocks", deepBlock(100), `hunts.d/x.yaml:65:66: is nested more than 64 levels deep`},
	{"deep in lists", strings.Repeat("- ", 100) + "a", `hunts.d/x.yaml:1:129: is nested more than 64 levels deep`},
	{"many keys", strings.Repeat("- {a: 1, b: 2, c: 3}\n", 10_001), `hunts.d/x.yaml:10001:5: has more than 30000 keys: split the file`},
	{"many empty lines", "a: |\n" + strings.Repeat("\n", 600), `hunts.d/x.yaml:502:1: has more than 500 empty lines in a row: remove some`},
}

func deepBlock(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			err := decodeText(t, m.text, &sample{})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(m.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message repeats a secret")
			}
		})
	}
}

func TestMistakesOneByOne(t *testing.T) {
	err := decodeText(t, "name: a\nlag: 90\nwindow: x\n", &sample{})
	var got []Error
	for _, m := range Mistakes(err) {
		got = append(got, Error{File: m.File, Line: m.Line, Col: m.Col, Msg: m.Msg})
	}
	want := []Error{
		{File: "hunts.d/x.yaml", Line: 2, Col: 6, Msg: `"lag" wants a duration with a unit such as 90s, got 90`},
		{File: "hunts.d/x.yaml", Line: 3, Col: 9, Msg: `"window": a window is FROM..TO`},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Error{})); diff != "" {
		t.Error(diff)
	}
	if Mistakes(nil) != nil {
		t.Error("mistakes of no error")
	}
	plain := errors.New("plain")
	if got := Mistakes(plain); len(got) != 1 || !errors.Is(got[0], plain) || got[0].Error() != "plain" {
		t.Errorf("got %v", got)
	}
}

func TestErrorfKeepsItsCauseAndPlace(t *testing.T) {
	n := mustParse(t, "a: 1\nb: [x, y]\n")
	err := Errorf(n.Child("b").Items()[1], "cannot read %s: %w", "y", fs.ErrNotExist)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "x.yaml:2: cannot read y: file does not exist" {
		t.Errorf("got %v", err)
	}
	if got := Errorf(n.Key("b"), "no").Error(); got != "x.yaml:2: no" {
		t.Errorf("got %s", got)
	}
	if got := Errorf(nil, "no").Error(); got != "no" {
		t.Errorf("got %s", got)
	}
}
