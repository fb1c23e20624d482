package analyzers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// joinFrom runs join over a table of certain text.
func joinFrom(t *testing.T, file, text, settings, records string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := runPipeline(t, "- join: { table: '"+path+"', "+settings+" }\n", records)
	if err != nil {
		return "", errorWithout(err, filepath.Dir(path)+"/")
	}
	return out, nil
}

type shortened struct{ text string }

func (e shortened) Error() string { return e.text }

func errorWithout(err error, text string) error {
	return shortened{strings.ReplaceAll(err.Error(), text, "")}
}

// TestJoinMistakes: what is wrong with a table is said with the hunt's line and
// the table's.
func TestJoinMistakes(t *testing.T) {
	for _, c := range []struct{ file, text, settings, want string }{
		{"t.csv", "", "by: [a]", `config.yaml:1: join: t.csv:1: there is no line that names the columns`},
		{"t.csv", "a,b\n1,2\n3\n", "by: [a]", `config.yaml:1: join: t.csv:3: wrong number of fields`},
		{"t.csv", "a,b\n1,\"2\n", "by: [a]", `config.yaml:1: join: t.csv:`},
		{"t.csv", "a,a\n1,2\n", "by: [a]", `t.csv:1: two columns are called a`},
		{"t.csv", "a,,b\n1,2,3\n", "by: [a]", `t.csv:1: column 2 has no name`},
		{"t.csv", "user,b\n1,2\n", "by: [usr]", `t.csv has no column "usr": did you mean user?`},
		{"t.csv", "a,b\n1,2\n", "by: [a], fields: [xyz]", `t.csv has no column "xyz": it has a, b`},
		{"t.csv", "a,b\n10.0.0.0/8,2\nten,2\n", "by: [a], match: { a: cidr }", `t.csv: row 2: "ten" is neither a network nor an address`},
		{"t.csv", "a,b\n1,2\n", "by: [a], match: { b: cidr }", `"match" names the column b, which "by" does not`},
		{"t.csv", "a,b\n1,2\n", "by: [a, b], match: { a: cidr, b: wildcard }", `only one column may be compared by cidr or wildcard`},
		{"t.csv", "a,b\n1,2\n", "by: [a], match: { a: glob }", `wants one of exact, cidr, wildcard`},
		{"t.csv", "a\n" + strings.Repeat("*x\n", 1001), "by: [a], match: { a: wildcard }", `row 1001: more than 1000 rows hold a wildcard`},
		{"t.json", "[{\"a\":1}\n,\n{\"a\":}]", "by: [a]", `config.yaml:1: join: t.json:3: byte 6`},
		{"t.json", "[{\"a\":1}\n", "by: [a]", `t.json:2: the list does not end`},
		{"t.json", "[{\"a\":1}]\n[]", "by: [a]", `t.json:1: something stands behind the list`},
		{"t.json", "a,b\n", "by: [a]", `t.json:1: byte 1: a record must be a JSON object`},
	} {
		_, err := joinFrom(t, c.file, c.text, c.settings, "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %s\ngot  %v\nwant %s", c.text[:min(len(c.text), 40)], c.settings, err, c.want)
		}
	}
	for settings, want := range map[string]string{
		"- join: { by: [a] }\n": `config.yaml:1: join: join wants either a table, the path of a file, or rows`,
		"- limit: 1\n- join: { table: testdata/gone.csv, by: [a] }\n": `config.yaml:2: join: open `,
		"- join: { table: testdata/join, by: [a] }\n":                 `is a folder: name its files`,
		"- join: { table: t.csv, rows: [{ a: b }], by: [a] }\n":       `join wants either a table`,
	} {
		node, err := configs.ParseBytes("config.yaml", []byte(settings))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(node, pipeline.NewDict()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", settings, err, want)
		}
	}
}

// TestJoinTables: the forms that a table may have.
func TestJoinTables(t *testing.T) {
	const records = `{"a":"1"}` + "\n"
	for _, c := range []struct{ file, text, want string }{
		{"t.csv", "\ufeffa,b\r\n1,x\r\n", `{"a":"1","b":"x"}`},
		{"t.tsv", "b\ta\nx y\t1\n", `{"a":"1","b":"x y"}`},
		{"t.csv", "a,b\n", `{"a":"1"}`},
		{"t.json", "[]", `{"a":"1"}`},
		{"t.json", "", `{"a":"1"}`},
		{"t.ndjson", "{\"a\":1,\"b\":true}\n\n{\"a\":1,\"b\":[1.50,\"x\"]}\n", `{"a":"1","b":["true","1.50","x"]}`},
		{"t.json", "{\n \"a\": 1,\n \"b\": {\"c\": 2}}", `{"a":"1","b.c":"2"}`},
	} {
		out, err := joinFrom(t, c.file, c.text, "by: [a]", records)
		if err != nil || strings.TrimSpace(out) != c.want {
			t.Errorf("%s %q: got %s, %v; want %s", c.file, c.text, out, err, c.want)
		}
	}
}

// TestJoinReadsAnew: a run sees the table as it is when the run begins.
func TestJoinReadsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	for _, owner := range []string{"ann", "bob"} {
		if err := os.WriteFile(path, []byte("ip,owner\n10.0.0.1,"+owner+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := runPipeline(t, "- join: { table: '"+path+"', by: [ip] }\n", `{"ip":"10.0.0.1"}`+"\n")
		if want := `{"ip":"10.0.0.1","owner":"` + owner + `"}` + "\n"; err != nil || out != want {
			t.Errorf("got %s, %v; want %s", out, err, want)
		}
	}
}

// TestGlob compares with the same pattern as a regular expression.
func TestGlob(t *testing.T) {
	patterns := []string{"", "*", "a", "a*", "*a", "*a*", "a?", "?", "a*b*c", "*ab*ab*", "a*?b", "??*", "a**b", "ab*ba"}
	texts := []string{"", "a", "ab", "aba", "abc", "aXbYc", "abab", "xababx", "ba", "bb", "aab", "abba", "a.b"}
	for _, p := range patterns {
		re := regexp.MustCompile("^(?s:" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(p)) + ")$")
		for _, text := range texts {
			if got, want := newGlob(p).match(text), re.MatchString(text); got != want {
				t.Errorf("%q on %q: %v", p, text, got)
			}
		}
	}
}
