package msticpy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
	"github.com/huntd/huntd/pipeline/ioc"
)

// sets returns what is found in a text, by type.
func sets(t testing.TB, s *Scanner, text string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	last := 0
	s.Scan(text, func(m ioc.Match) {
		if m.Start < last || m.End < m.Start || m.End > len(text) {
			t.Fatalf("%q: %v is out of place", text, m)
		}
		last = m.Start
		all[m.Type.String()] = append(all[m.Type.String()], m.Value)
	})
	for _, values := range all {
		slices.Sort(values)
		if len(slices.Compact(slices.Clone(values))) != len(values) {
			t.Fatalf("%q: one twice in %q", text, values)
		}
	}
	return all
}

// ours gives the sets of a golden our names of the types.
func ours(theirs map[string][]string) map[string][]string {
	all := map[string][]string{}
	for name, values := range theirs {
		all[strings.TrimSuffix(name, "_hash")] = slices.Sorted(slices.Values(values))
	}
	return all
}

func TestStrings(t *testing.T) {
	var golden []struct {
		Input string
		Str   map[string][]string
	}
	recorded.JSON(t, recorded.Path(t, "golden", "ioc_strings.json"), &golden)
	s := New(known)
	for _, g := range golden {
		if d := cmp.Diff(ours(g.Str), sets(t, s, g.Input)); d != "" {
			t.Errorf("%q: (-MSTICPy +ours)\n%s", g.Input, d)
		}
	}
	if len(golden) == 0 {
		t.Error("nothing to agree with")
	}
}

// TestValidate: a text is of a type as a whole if that type's pattern alone
// finds the whole text.
func TestValidate(t *testing.T) {
	var golden []map[string]any
	recorded.JSON(t, recorded.Path(t, "golden", "ioc_validate.json"), &golden)
	checked := 0
	for _, g := range golden {
		text := g["value"].(string)
		is := func(types ioc.Set, name string) bool {
			return slices.Contains(sets(t, New(types), text)[name], text)
		}
		for name, want := range g {
			typ, err := ioc.ParseType(strings.TrimSuffix(strings.Replace(name, "hostname", "dns", 1), "_hash"))
			if err != nil {
				continue
			}
			checked++
			if got := is(ioc.SetOf(typ), typ.String()); got != want {
				t.Errorf("%q is %s: %t, MSTICPy says %v", text, name, got, want)
			}
		}
		if kind := g["get_ioc_type"].(string); kind != "unknown" && !is(known, strings.TrimSuffix(kind, "_hash")) {
			t.Errorf("%q is no %s", text, kind)
		} else if kind == "unknown" {
			for name, values := range sets(t, New(known), text) {
				if slices.Contains(values, text) {
					t.Errorf("%q is %s, MSTICPy does not know it", text, name)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("nothing checked")
	}
}
