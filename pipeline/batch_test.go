package pipeline_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/huntd/huntd/pipeline"
)

func TestBatchGivesWhatItWasReadWith(t *testing.T) {
	b := decode(t, `{"a":"1","list":["x","","z"],"empty":""}`, `{"b":"2"}`, `{}`)
	a, list, empty, other := b.Dict().Key("a"), b.Dict().Key("list"), b.Dict().Key("empty"), b.Dict().Key("never read")
	if b.Len() != 3 {
		t.Fatal(b.Len())
	}
	if b.Get(0, a) != "1" || b.Get(1, a) != "" || b.Get(0, list) != "x" || b.Get(0, other) != "" {
		t.Error(b.Get(0, a), b.Get(1, a), b.Get(0, list), b.Get(0, other))
	}
	if !b.Has(0, empty) || b.Has(1, empty) || b.Has(0, other) {
		t.Error("a field that is empty is one, a field that is absent is none")
	}
	for range 2 { // the second time the column answers
		if diff := cmp.Diff([]string{"x", "", "z"}, b.Values(0, list).Slice()); diff != "" || b.Values(1, list).Len() != 0 {
			t.Error(diff)
		}
		b.Column(list)
	}
	for range b.Fields(2) {
		t.Error("a record without fields has one")
	}
	for range b.Fields(0) {
		break // must not go on
	}
}

func TestColumn(t *testing.T) {
	b := decode(t, `{"n":"1.5"}`, `{"n":"x"}`, `{}`, `{"n":["7","8"]}`, `{"n":""}`)
	n := b.Dict().Key("n")
	added := b.NewColumn(n)
	added.Set(1, "-2e3", "9")
	added.Set(3)
	grown := b.With(added)
	nan := math.NaN()
	for _, c := range []struct {
		batch   *pipeline.Batch
		first   []string
		lens    []int
		numbers []float64
	}{
		{b, []string{"1.5", "x", "", "7", ""}, []int{1, 1, 0, 2, 1}, []float64{1.5, nan, nan, 7, nan}},
		{grown, []string{"1.5", "-2e3", "", "", ""}, []int{1, 2, 0, 0, 1}, []float64{1.5, -2000, nan, nan, nan}},
		{grown.Select([]int{4, 1, 1}), []string{"", "-2e3", "-2e3"}, []int{1, 2, 2}, []float64{nan, -2000, -2000}},
		{grown.Select(nil), []string{}, []int{}, []float64{}},
	} {
		col := c.batch.Column(n)
		first, lens := []string{}, []int{}
		for row := range c.batch.Len() {
			first, lens = append(first, col.Get(row)), append(lens, col.Values(row).Len())
			if got := c.batch.Get(row, n); got != col.Get(row) {
				t.Errorf("the column says %q, the batch %q", col.Get(row), got)
			}
		}
		if diff := cmp.Diff(c.first, first) + cmp.Diff(c.lens, lens) + cmp.Diff(c.numbers, col.Numbers(), cmpopts.EquateNaNs()); diff != "" {
			t.Error(diff)
		}
		again := c.batch.Column(n)
		if again != col || len(c.numbers) > 0 && &again.Numbers()[0] != &col.Numbers()[0] {
			t.Error("columns and numbers are built once")
		}
	}
}

func TestSelectAndWith(t *testing.T) {
	b := decode(t, `{"a":"1","b":"x"}`, `{"a":"2"}`, `{"a":"3","b":["y","z"]}`)
	dict := b.Dict()
	set := func(b *pipeline.Batch, name string, values ...[]string) *pipeline.Batch {
		col := b.NewColumn(dict.Key(name))
		for row, vals := range values {
			if vals != nil {
				col.Set(row, vals...)
			}
		}
		return b.With(col)
	}
	grown := set(b, "b", []string{"new"}, nil, []string{})
	grown = set(grown, "c", []string{"c0"}, []string{"c1", "c1b"}, nil)
	picked := grown.Select([]int{2, 0, 0})
	again := set(picked.Select([]int{1, 0}), "c", nil, []string{"late"})
	back := set(again, "b", []string{}, []string{"b again"})
	before := []map[string][]string{like("a", "1", "b", "x"), like("a", "2"), {"a": {"3"}, "b": {"y", "z"}}}
	for name, c := range map[string]struct {
		batch *pipeline.Batch
		want  []map[string][]string
	}{
		"the first":   {b, before},
		"grown":       {grown, []map[string][]string{like("a", "1", "b", "new", "c", "c0"), {"a": {"2"}, "c": {"c1", "c1b"}}, like("a", "3")}},
		"picked":      {picked, []map[string][]string{like("a", "3"), like("a", "1", "b", "new", "c", "c0"), like("a", "1", "b", "new", "c", "c0")}},
		"picked anew": {again, []map[string][]string{like("a", "1", "b", "new", "c", "c0"), like("a", "3", "c", "late")}},
		"set anew":    {back, []map[string][]string{like("a", "1", "c", "c0"), like("a", "3", "b", "b again", "c", "late")}},
		"none":        {b.Select([]int{}), nil},
	} {
		if diff := cmp.Diff(c.want, records(c.batch)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got, want := string(back.AppendRecord(nil, 1)), `{"a":"3","b":"b again","c":"late"}`; got != want {
		t.Errorf("a field set anew keeps its place: %s, want %s", got, want)
	}
	if back.Size() <= b.Size() || b.Size() == 0 {
		t.Errorf("sizes %d and %d", b.Size(), back.Size())
	}
}

func TestWithWantsAsManyRows(t *testing.T) {
	b := decode(t, `{"a":"1"}`, `{"a":"2"}`)
	defer func() {
		if recover() == nil {
			t.Error("a column of another batch was taken")
		}
	}()
	b.With(b.Select([]int{0}).NewColumn(b.Dict().Key("a")))
}

func TestRelease(t *testing.T) {
	b := decode(t, `{"a":"1"}`)
	b.Release()
	b.Release()
	if b.Len() != 0 || b.Size() != 0 {
		t.Error(b.Len(), b.Size())
	}
	var none *pipeline.Batch
	none.Release()
	if none.Len() != 0 || none.Size() != 0 {
		t.Error("nil has records")
	}
	defer func() {
		if recover() == nil {
			t.Error("a released batch gives records")
		}
	}()
	b.Get(0, 0)
}

func TestBuilder(t *testing.T) {
	dict := pipeline.NewDict()
	from := decodeWith(t, dict, `{"a":"1","list":["x","y"],"empty":""}`)
	col := from.NewColumn(dict.Key("added"))
	col.Set(0, "p", "q")
	from = from.With(col)
	b := pipeline.NewBuilder(dict)
	a := dict.Key("a")
	b.Row()
	b.Set(a, "old")
	b.SetName("b", "2", "3")
	b.Set(a, "new", "newer")
	b.Set(a) // does nothing
	b.Row()
	b.SetName("list", "covered")
	b.CopyFields(from, 0)
	b.SetName("last", "")
	b.Row()
	if b.Len() != 3 {
		t.Error(b.Len())
	}
	first := b.Batch()
	b.Row()
	b.Set(a, "4")
	second := b.Batch()
	want := []map[string][]string{
		{"a": {"new", "newer"}, "b": {"2", "3"}},
		{"list": {"x", "y"}, "a": {"1"}, "empty": {""}, "added": {"p", "q"}, "last": {""}},
		{},
		like("a", "4"),
	}
	if diff := cmp.Diff(want, records(first, second)); diff != "" {
		t.Error(diff)
	}
	if got, want := string(first.AppendRecord(nil, 1)), `{"list":["x","y"],"a":"1","empty":"","added":["p","q"],"last":""}`; got != want {
		t.Error(got)
	}
	if b.Len() != 0 || b.Size() != 0 || b.Batch().Len() != 0 {
		t.Error("the builder is not empty")
	}
}

func TestBuilderDrop(t *testing.T) {
	dict := pipeline.NewDict()
	b := pipeline.NewBuilder(dict)
	row := func(pairs ...string) {
		b.Row()
		for pair := range slices.Chunk(pairs, 2) {
			b.SetName(pair[0], pair[1], pair[1]+"'")
		}
	}
	row("a", "dropped")
	b.Drop()
	row("a", "1", "b", "1")
	size := b.Size()
	for _, names := range [][]string{{}, {"a", "2"}, {"b", "2", "a", "2", "c", "2"}} {
		row(names...)
		b.Drop()
		if b.Len() != 1 || b.Size() != size {
			t.Fatalf("%d records, %d bytes, want 1 and %d", b.Len(), b.Size(), size)
		}
	}
	row("c", "3", "a", "3", "c", "4")
	want := []map[string][]string{
		{"a": {"1", "1'"}, "b": {"1", "1'"}},
		{"c": {"4", "4'"}, "a": {"3", "3'"}},
	}
	if diff := cmp.Diff(want, records(b.Batch())); diff != "" {
		t.Error(diff)
	}
}

func TestValues(t *testing.T) {
	b := decode(t, `{"one":"x","many":["a","","c"],"empty":""}`)
	values := func(name string) pipeline.Values { return b.Values(0, b.Dict().Key(name)) }
	for name, want := range map[string][]string{"one": {"x"}, "many": {"a", "", "c"}, "empty": {""}, "none": {}} {
		v := values(name)
		if diff := cmp.Diff(want, v.Slice()) + cmp.Diff(want, append([]string{}, slices.Collect(v.All())...)); diff != "" || v.Len() != len(want) {
			t.Errorf("%s: %d %s", name, v.Len(), diff)
		}
		if first := append(want, "")[0]; v.First() != first {
			t.Errorf("%s: the first is %q, want %q", name, v.First(), first)
		}
	}
	if got := values("many").Join("|") + values("one").Join("|") + values("none").Join("|"); got != "a||cx" {
		t.Error(got)
	}
	for range values("many").All() {
		break // must not go on
	}
	for name, i := range map[string]int{"one": 1, "many": 3} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s has a value %d", name, i)
				}
			}()
			values(name).At(i)
		}()
	}
}
