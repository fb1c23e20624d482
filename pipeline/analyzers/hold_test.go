package analyzers

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// TestHeldRecords: stages that hold records give the same whether or not they
// had to copy them out of their batches meanwhile.
func TestHeldRecords(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		settings string
		records  int
		want     string
	}{
		{"- sort: { by: [-n], limit: 3 }\n", n, "19999 19998 19997"},
		{"- sort: { by: [k, -n], limit: 3 }\n", n, "19999 19992 19985"},
		{"- dedup: { by: [k], keep: last }\n", n, "19993 19994 19995 19996 19997 19998 19999"},
		{"- sample: { records: 3 }\n- sort: n\n", n, ""},
	} {
		var runs [2]string
		for i, size := range []int{100, n} {
			runs[i] = runNumbers(t, c.settings, c.records, size)
		}
		if runs[0] != runs[1] {
			t.Errorf("%s: in batches of a hundred %s, in one %s", c.settings, runs[0], runs[1])
		}
		if c.want != "" && runs[0] != c.want {
			t.Errorf("%s: got %s, want %s", c.settings, runs[0], c.want)
		}
	}
}

// runNumbers draws records numbered by n, with n modulo 7 as k, through stages,
// so many in a batch, and returns the numbers that come out.
func runNumbers(t *testing.T, settings string, records, size int) string {
	t.Helper()
	dict := pipeline.NewDict()
	steps := buildSteps(t, settings, dict)
	src := func(yield func(*pipeline.Batch, error) bool) {
		for at := 0; at < records; at += size {
			b := pipeline.NewBuilder(dict)
			for n := at; n < at+size; n++ {
				b.Row()
				b.SetName("n", fmt.Sprint(n))
				b.SetName("k", fmt.Sprint(n%7))
			}
			if !yield(b.Batch(), nil) {
				return
			}
		}
	}
	var out []string
	if _, err := pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(b *pipeline.Batch) error {
		for row := range b.Len() {
			out = append(out, strings.Clone(b.Get(row, dict.Key("n"))))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// TestSharedSlots: things that share a record's slot can be moved one by one.
func TestSharedSlots(t *testing.T) {
	dict := pipeline.NewDict()
	b := pipeline.NewBuilder(dict)
	for n := range 4 {
		b.Row()
		b.SetName("n", fmt.Sprint(n))
	}
	batch := b.Batch()
	h := newRowHold(dict)
	things := []int{h.share(batch, 0), h.share(batch, 0), h.share(batch, 1)}
	if things[0] != things[1] || len(h.slots) != 2 {
		t.Fatalf("slots %v", things)
	}
	things[0] = h.move(things[0], batch, 2) // leaves the second
	things[1] = h.move(things[1], batch, 2) // joins the first; its slot is free
	things[2] = h.move(things[2], batch, 3) // keeps its slot
	h.endBatch(batch)
	out, kept := h.batch(things)
	var got []string
	for row := range out.Len() {
		got = append(got, out.Get(row, dict.Key("n")))
	}
	if want := "2 2 3"; strings.Join(got, " ") != want || len(kept) != 3 {
		t.Errorf("got %v of %v, want %s", got, kept, want)
	}
}
