package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/huntd/huntd/configs"
)

// runCLI carries out a command line in this process.
func runCLI(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// TestReferencesAreFresh: go generate writes the references anew.
func TestReferencesAreFresh(t *testing.T) {
	for what, path := range map[string]string{
		"stages": "../../pipeline/analyzers/README.md", "settings": "../../configs/README.md", "commands": "README.md",
	} {
		code, want, errOut := runCLI(t, "docs", what)
		if code != 0 {
			t.Fatalf("docs %s: %s", what, errOut)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is stale: run go generate ./...\n%s", path, diff)
		}
	}
}

// TestReadmeHasTheExitCodes: the README's table is the program's.
func TestReadmeHasTheExitCodes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exitTable {
		row := "| " + strconv.Itoa(e.code) + " | " + e.meaning + " |\n"
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the row %q", row)
		}
	}
}

// TestShippedHuntsFitTheSchema: what an editor says of the shipped hunts, and
// of some mistakes.
func TestShippedHuntsFitTheSchema(t *testing.T) {
	_, text, _ := runCLI(t, "schema", "hunt")
	doc, err := validator.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("hunt.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("hunt.json")
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, text []byte) error {
		node, err := configs.ParseBytes(name, text)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(node.ToAny())
		if err != nil {
			t.Fatal(err)
		}
		doc, err := validator.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	files, err := os.ReadDir("../../configs/hunts.d")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d shipped hunts, %v", len(files), err)
	}
	for _, f := range files {
		hunt, err := os.ReadFile("../../configs/hunts.d/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := check(f.Name(), hunt); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
		for _, mistake := range [][2]string{{"\npipeline:\n", "\npipelin:\n"}, {"severity: ", "severity: rather "}, {"\n  - drop:", "\n  - dorp:"}} {
			if wrong := strings.Replace(string(hunt), mistake[0], mistake[1], 1); wrong != string(hunt) && check(f.Name(), []byte(wrong)) == nil {
				t.Errorf("%s: the schema takes %q", f.Name(), mistake[1])
			}
		}
	}
}
