package expression

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// A gambler makes up conditions and records.
type gambler struct {
	*rand.Rand
	inLoop bool // # has a meaning
}

func newGambler(seed1, seed2 uint64) gambler {
	return gambler{Rand: rand.New(rand.NewPCG(seed1, seed2))}
}

func pick[T any](g gambler, from ...T) T { return from[g.IntN(len(from))] }

func (g gambler) field() string {
	if g.inLoop && g.IntN(2) == 0 {
		return "#"
	}
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

// side is a field, or what functions and arithmetic make of some.
func (g gambler) side(depth int) string {
	if depth == 0 || g.IntN(2) == 0 {
		return g.field()
	}
	s := g.side(depth - 1)
	switch g.IntN(16) {
	case 0, 1, 2, 3:
		return fmt.Sprintf("%s(%s)", pick(g, "lower", "upper", "trim", "len", "string", "int", "entropy", "num", "md5", "first", "uniq", "sort"), s)
	case 4:
		return fmt.Sprintf("%s(%s, %s)", pick(g, "trimPrefix", "trim", "indexOf", "concat", "coalesce", "take", "min"), s, pick(g, g.constant(), g.field()))
	case 5:
		return fmt.Sprintf("replace(%s, %q, %s)", s, g.text(), g.constant())
	case 6, 7:
		return fmt.Sprintf("(%s %s %s)", s, pick(g, "+", "-", "*", "/", "%"), pick(g, g.constant(), g.side(depth-1)))
	case 8:
		return fmt.Sprintf("(%s ?? %s)", s, pick(g, g.constant(), g.side(depth-1)))
	case 9:
		return fmt.Sprintf("(%s ? %s : %s)", g.comparison(0), s, pick(g, g.constant(), g.field()))
	case 10:
		return pick(g, fmt.Sprintf("-(%s)", s), fmt.Sprintf("(%s)[%d:%d]", s, g.IntN(5)-2, g.IntN(5)-2), fmt.Sprintf("(%s)[:%d]", s, g.IntN(5)-2))
	case 11:
		return fmt.Sprintf(`%s(%s, "%s")`, pick(g, "extract", "extractAll"), s, pick(g, "[0-9]", "(a)|b", "."))
	case 12:
		return fmt.Sprintf("%s[%d]", g.field(), g.IntN(4)-2)
	case 13:
		return fmt.Sprintf("(let v = %s; %s)", s, pick(g, "v", "v + 1", "concat(v, a)", "lower(v)"))
	}
	if !g.inLoop && g.IntN(2) == 0 {
		in := g
		in.inLoop = true
		return pick(g,
			fmt.Sprintf("%s(%s, %s)", pick(g, "filter", "count", "find", "findIndex", "findLast"), s, in.comparison(depth-1)),
			fmt.Sprintf("map(%s, %s)", s, in.side(depth-1)))
	}
	return fmt.Sprintf("[%s, %s]", s, g.constant())
}

func (g gambler) comparison(depth int) string {
	operator := pick(g, "==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith", "not contains")
	side := g.side(depth)
	switch g.IntN(12) {
	case 0:
		return fmt.Sprintf("%s %s %s", g.constant(), pick(g, "==", "!=", "<", "<=", ">", ">=", "contains"), side)
	case 1:
		return fmt.Sprintf("%s %s %s", side, pick(g, "in", "not in"), g.list())
	case 2:
		return fmt.Sprintf("%s in %s", g.constant(), side)
	case 3:
		return fmt.Sprintf("len(%s) %s %d", side, pick(g, "==", "!=", "<", "<=", ">", ">="), g.IntN(4))
	case 4:
		return fmt.Sprintf("%s in %d..%d", side, g.IntN(6)-3, g.IntN(12))
	case 5:
		return fmt.Sprintf("%s matches %q", side, pick(g, "a", "^[0-9]+$", "^$", "."))
	case 6:
		f := pick(g, `cidr(%s, "10.0.0.0/8", "fe80::/10")`, `glob(%s, "?", "*b")`, "has(%s)", `hasPrefix(%s, "1")`, `hasSuffix(%s, ["b", 1])`)
		if strings.HasPrefix(f, "has(") {
			side = pick(g, "a", "b", "gone")
		}
		return fmt.Sprintf(f, side)
	case 7:
		return fmt.Sprintf("%s %s %s", side, operator, g.side(depth))
	case 8:
		return fmt.Sprintf("%s %s %s", side, operator, g.list())
	case 9:
		if depth > 0 {
			return g.loop(depth)
		}
	}
	return fmt.Sprintf("%s %s %s", side, operator, g.constant())
}

func (g gambler) loop(depth int) string {
	over := g.side(1)
	g.inLoop = true
	return fmt.Sprintf("%s(%s, %s)", pick(g, "any", "all", "none", "one"), over, g.condition(depth-1))
}

func (g gambler) condition(depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		return g.comparison(min(depth, 2))
	}
	switch g.IntN(6) {
	case 0:
		return fmt.Sprintf("not (%s)", g.condition(depth-1))
	case 1:
		return fmt.Sprintf("((%s) ? (%s) : (%s))", g.condition(depth-1), g.condition(depth-1), g.condition(depth-1))
	case 2:
		return fmt.Sprintf("(let w = %s; w %s %s and %s)", g.side(1), pick(g, "==", "<", "contains"), g.constant(), g.condition(depth-1))
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
	g := newGambler(1, 2)
	records := make([]record, 60)
	for i := range records {
		records[i] = g.record()
	}
	dict := pipeline.NewDict()
	batch := rows(dict, records...)
	held, refused := 0, 0
	const conditions = 5000
	for range conditions {
		source := g.condition(3)
		fast, errFast := compile(source, dict, true, false)
		slow, errSlow := compile(source, dict, true, true)
		if errFast != nil || errSlow != nil {
			// What is put together at random may ask for parts of a text.
			if fmt.Sprint(errFast) != fmt.Sprint(errSlow) {
				t.Fatalf("%s: closures say %v, the machine says %v", source, errFast, errSlow)
			}
			refused++
			continue
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
	if refused > conditions/20 {
		t.Errorf("%d of %d conditions are refused: the test tells little", refused, conditions)
	}
	if all := (conditions - refused) * len(records); held < all/10 || held > all*9/10 {
		t.Errorf("%d of %d conditions held: the test tells little", held, all)
	}
}
