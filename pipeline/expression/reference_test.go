package expression

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// TestLessons runs the examples of the reference, by closures and by the
// machine alone.
func TestLessons(t *testing.T) {
	for _, c := range chapters() {
		for _, l := range c.lessons {
			for _, slow := range []bool{false, true} {
				if got := learned(t, l, slow); got != l.gives {
					t.Errorf("%s of %s gives %s, want %s (machine alone: %t)", l.example, l.record, got, l.gives, slow)
				}
			}
			if name, _, _ := strings.Cut(l.write, "("); name != l.write && !strings.Contains(l.example, name+"(") {
				t.Errorf("the example of %s, %s, does not call it", l.write, l.example)
			}
		}
	}
}

// learned is what an example gives, as JSON.
func learned(t *testing.T, l lesson, slow bool) string {
	t.Helper()
	dict := pipeline.NewDict()
	d := pipeline.NewDecoder(dict)
	if err := d.Object([]byte(l.record)); err != nil {
		t.Fatalf("%s: %v", l.record, err)
	}
	e, err := compile(l.example, dict, false, slow)
	if err != nil {
		t.Fatal(err)
	}
	values, err := e.Values(d.Batch(), 0)
	if err != nil {
		t.Fatalf("%s: %v", l.example, err)
	}
	if len(values) == 0 {
		return ""
	}
	out := pipeline.NewBuilder(dict)
	out.Row()
	out.SetName("x", values...)
	text := string(out.Batch().AppendRecord(nil, 0))
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"x":`), "}")
}

func TestEveryFunctionHasALesson(t *testing.T) {
	called := regexp.MustCompile(`^(\w+)\(`)
	var taught []string
	for _, c := range chapters() {
		for _, l := range c.lessons {
			if m := called.FindStringSubmatch(l.write); m != nil {
				taught = append(taught, m[1])
			}
		}
	}
	for _, name := range functionNames() {
		if !slices.Contains(taught, name) {
			t.Errorf("the reference does not explain %s", name)
		}
	}
	for _, name := range taught {
		if !slices.Contains(functionNames(), name) {
			t.Errorf("the reference explains %s, which there is not", name)
		}
	}
}
