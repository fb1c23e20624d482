package expression

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// A gambler makes up conditions and records.
type gambler struct{ *rand.Rand }

func pick[T any](g gambler, from ...T) T { return from[g.IntN(len(from))] }

func (g gambler) field() string {
	return pick(g, "a", "b", "c.d", "len", `$env["odd name"]`, "gone")
}

// text is a text that may be a number, and may equal others as one.
func (g gambler) text() string {
	return pick(g, "", "a", "ab", "b", "B", "0", "1", "01", "1.0", "1e0", "-1", "10", "9", "2", "2.5", "true", "nil",
		"9007199254740993", "9007199254740992", "9007199254740993.0", "9007199254740994", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "ä", "1 ", "*", `\`)
}

func (g gambler) constant() string {
	switch g.IntN(6) {
	case 0:
		return fmt.Sprint(g.IntN(12) - 2)
	case 1:
		return pick(g, "1.0", "2.5", "9007199254740993", "-1", "true", "false", "nil")
	}
	return fmt.Sprintf("%q", g.text())
}

func (g gambler) list() string {
	items := make([]string, g.IntN(4))
	for i := range items {
		items[i] = g.constant()
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func (g gambler) comparison() string {
	operator := pick(g, "==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith", "not contains")
	switch g.IntN(11) {
	case 0:
		return fmt.Sprintf("%s %s %s", g.constant(), pick(g, "==", "!=", "<", "<=", ">", ">="), g.field())
	case 1:
		return fmt.Sprintf("%s %s %s", g.field(), pick(g, "in", "not in"), g.list())
	case 2:
		return fmt.Sprintf("%s in %s", g.constant(), g.field())
	case 3:
		return fmt.Sprintf("len(%s) %s %d", g.field(), pick(g, "==", "!=", "<", "<=", ">", ">="), g.IntN(4))
	case 4:
		return fmt.Sprintf("%s in %d..%d", g.field(), g.IntN(6)-3, g.IntN(12))
	case 5:
		return fmt.Sprintf("%s matches %q", g.field(), pick(g, "a", "^[0-9]+$", "^$", "."))
	case 6:
		return pick(g, `cidr(%s, "10.0.0.0/8", "fe80::/10")`, `glob(%s, "?", "*b")`, "has(%s)", `hasPrefix(%s, "1")`, `hasSuffix(%s, ["b", 1])`)
	case 7:
		return fmt.Sprintf("%s %s %s", g.field(), operator, g.field())
	case 8:
		return fmt.Sprintf("%s %s %s", g.field(), operator, g.list())
	}
	return fmt.Sprintf("%s %s %s", g.field(), operator, g.constant())
}

func (g gambler) condition(depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		c := g.comparison()
		if strings.Contains(c, "%s") {
			c = fmt.Sprintf(c, g.field())
		}
		return c
	}
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("not (%s)", g.condition(depth-1))
	case 1:
		return fmt.Sprintf("((%s) ? (%s) : (%s))", g.condition(depth-1), g.condition(depth-1), g.condition(depth-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.condition(depth-1), pick(g, "and", "or"), g.condition(depth-1))
}

func (g gambler) record() record {
	r := record{}
	for _, name := range []string{"a", "b", "c.d", "len", "odd name"} {
		values := make([]string, pick(g, 0, 1, 1, 1, 2, 3))
		for i := range values {
			values[i] = g.text()
		}
		if len(values) > 0 {
			r[name] = values
		}
	}
	return r
}

// TestClosuresAgreeWithTheMachine compares the two ways by which conditions are
// evaluated.
func TestClosuresAgreeWithTheMachine(t *testing.T) {
	g := gambler{rand.New(rand.NewPCG(1, 2))}
	records := make([]record, 60)
	for i := range records {
		records[i] = g.record()
	}
	dict := pipeline.NewDict()
	batch := rows(dict, records...)
	held := 0
	const conditions = 2000
	for range conditions {
		source := g.condition(3)
		fast, err := compile(source, dict, true, false)
		if err != nil {
			t.Fatal(err)
		}
		slow, err := compile(source, dict, true, true)
		if err != nil {
			t.Fatal(err)
		}
		for row := range records {
			got, err := fast.Holds(batch, row)
			if err != nil {
				t.Fatal(err)
			}
			want, err := slow.Holds(batch, row)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Fatalf("%s: %t by closures, %t by the machine, for %v", source, got, want, records[row])
			}
			if got {
				held++
			}
		}
	}
	if all := conditions * len(records); held < all/10 || held > all*9/10 {
		t.Errorf("%d of %d conditions held: the test tells little", held, all)
	}
}
