package recall

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const hour = 3600

// A sighting is a value at a time.
type sighting struct {
	value uint64
	t     int64
}

type answer struct {
	V      Verdict
	Before int64
	Approx bool
}

// sightings are n of up to kinds values, a minute apart on average, each up to
// jitter seconds out of order.
func sightings(r *rand.Rand, n, kinds int, jitter int64) []sighting {
	all := make([]sighting, n)
	for i := range all {
		all[i] = sighting{mix(uint64(r.IntN(kinds))), 1_767_225_600 + int64(i)*60 - r.Int64N(jitter+1)}
	}
	return all
}

// saved returns the memory after a save and a restore.
func saved(t *testing.T, s *Seen, l Limits, end int64) *Seen {
	t.Helper()
	state, err := s.Save(end)
	if err != nil {
		t.Fatal(err)
	}
	again, err := RestoreSeen(state, l, 7)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestSeenInPieces: a window cut into several gives the same answers.
func TestSeenInPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		l := Limits{Span: time.Duration(1+r.IntN(40)) * time.Hour, Values: 1000}
		all := sightings(r, 2000, 1+r.IntN(600), r.Int64N(l.seconds()))
		whole := NewSeen(l, 7)
		var want, got []answer
		for _, s := range all {
			v, before, approx := whole.See(s.value, s.t)
			want = append(want, answer{v, before, approx})
		}
		pieces := NewSeen(l, 7)
		next := 1 + r.IntN(200)
		for i, s := range all {
			if i == next {
				pieces = saved(t, pieces, l, 0)
				next += 1 + r.IntN(200)
			}
			v, before, approx := pieces.See(s.value, s.t)
			got = append(got, answer{v, before, approx})
		}
		// What lies beyond the span is not told apart from what was never seen.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("span %s (- one window, + pieces):\n%s", l.Span, diff)
		}
		one, _ := whole.Save(0)
		other, _ := pieces.Save(0)
		if !bytes.Equal(one, other) {
			t.Fatal("the memories differ")
		}
	}
}

// TestSeenAgainstList compares with a plain list of all that was seen.
func TestSeenAgainstList(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	l := Limits{Span: 10 * time.Hour, Values: 1000}
	s, latest := NewSeen(l, 7), map[uint64]int64{}
	for i, x := range sightings(r, 20_000, 900, 5*hour) {
		if i%500 == 499 {
			s = saved(t, s, l, 0)
		}
		last, ever := latest[x.value]
		want := New
		if ever && last >= x.t-l.seconds() {
			want = Known
		}
		latest[x.value] = max(last, x.t)
		if v, _, approx := s.See(x.value, x.t); v != want || approx {
			t.Fatalf("sighting %d: got %d (approximate: %v), want %d", i, v, approx, want)
		}
	}
}

func TestSeenTimes(t *testing.T) {
	l := Limits{Span: time.Hour, Values: 10}
	s := NewSeen(l, 7)
	see := func(value uint64, at int64) Verdict { v, _, _ := s.See(value, at); return v }
	check := func(what string, got, want Verdict) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %d, want %d", what, got, want)
		}
	}
	const day = 1_767_225_600
	check("first", see(1, day), New)
	check("a clock that runs years ahead", see(2, day+1e8), New)
	s = saved(t, s, l, day+hour)
	check("after it", see(1, day+hour), Known)
	check("of the fast clock", see(2, day+hour), Known)
	check("before the memory reaches", see(3, day-1), Late)
	check("late and unknown, but within reach", see(3, day), New)
	check("late and known", see(1, day), Known)
	s = saved(t, s, l, day+2*hour)
	check("after the span", see(1, day+2*hour+1), New)
	s = saved(t, s, l, day+9*hour)
	check("after a pause", see(5, day+9*hour), New)
	s = saved(t, s, l, day+9*hour)
	if s.Values() != 1 {
		t.Errorf("%d values are held after a long pause", s.Values())
	}
	check("late is not remembered", see(3, day), Late)
	if _, before, _ := s.See(4, day+9*hour); before != 0 {
		t.Errorf("seen before at %d", before)
	}
	if v, before, _ := s.See(4, day+9*hour+5); v != Known || before != day+9*hour {
		t.Errorf("got %d, seen before at %d", v, before)
	}
}

// TestSeenOverLimit: beyond the limit a value that was seen is never called new
// within the span, few that were not are called known, and the memory stays
// small and forgets.
func TestSeenOverLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	l := Limits{Span: 24 * time.Hour, Values: 2000}
	s := NewSeen(l, 7)
	latest := map[uint64]int64{}
	wrong, fresh := 0, 0
	for i := range 60_000 {
		at := int64(1_767_225_600 + i*30)
		value := mix(uint64(i/3)<<20 + uint64(r.IntN(3)))
		if i%1000 == 999 {
			s = saved(t, s, l, at)
		}
		last, ever := latest[value]
		v, _, approx := s.See(value, at)
		if ever && last >= at-l.seconds() && v != Known {
			t.Fatalf("sighting %d was seen %d s ago and is called new", i, at-last)
		}
		if !ever {
			fresh++
			if v == Known {
				wrong++
				if !approx {
					t.Fatalf("sighting %d is known for certain, but was never seen", i)
				}
			}
		}
		latest[value] = max(last, at)
	}
	if wrong*100 > fresh {
		t.Errorf("%d of %d new values are called known", wrong, fresh)
	}
	if len(s.blooms) > generations+2 {
		t.Errorf("%d generations", len(s.blooms))
	}
	state, err := s.Save(0)
	if err != nil || len(state) > 100<<10 {
		t.Errorf("the state has %d bytes: %v", len(state), err)
	}
	if s.Full() {
		t.Error("it calls itself full")
	}
}

// TestSizes: the state of a memory that is as full as can be.
func TestSizes(t *testing.T) {
	l := Limits{Span: 30 * 24 * time.Hour, Values: 40_000}
	s, y := NewSeen(l, 7), NewTally(l, 7)
	day := int64(1_767_225_600)
	r := rand.New(rand.NewPCG(9, 10))
	for i := range 400_000 {
		at := day + int64(i)*6
		s.See(r.Uint64(), at)
		y.Add(r.Uint64(), at)
		if i%20_000 == 0 {
			s.settle(at)
			y.settle(at)
		}
	}
	for name, save := range map[string]func(int64) ([]byte, error){"seen": s.Save, "tally": y.Save} {
		state, err := save(0)
		t.Logf("%s: %d bytes", name, len(state))
		if err != nil || len(state) > 1<<20 {
			t.Errorf("%s: the state has %d bytes: %v", name, len(state), err)
		}
	}
	if !s.Full() {
		t.Error("a filter that holds too much does not say so")
	}
}

// TestTally compares with a plain list, in pieces.
func TestTally(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	l := Limits{Span: 40 * time.Hour, Values: 5000}
	y := NewTally(l, 7)
	all := sightings(r, 20_000, 700, hour)
	for i, x := range all {
		if i%60 == 59 { // an hour
			state, err := y.Save(0)
			if err != nil {
				t.Fatal(err)
			}
			if y, err = RestoreTally(state, l, 7); err != nil {
				t.Fatal(err)
			}
		}
		if !y.Add(x.value, x.t) {
			t.Fatalf("sighting %d is late", i)
		}
		if i%97 != 0 {
			continue
		}
		// Generations make the span longer by up to one and a window.
		within := func(span int64) (n int) {
			for _, o := range all[:i+1] {
				if o.value == x.value && o.t >= x.t-span {
					n++
				}
			}
			return n
		}
		n, approx := y.Count(x.value)
		if least, most := within(l.seconds()-2*hour), within(l.seconds()*5/4+3*hour); n < least || n > most || approx {
			t.Fatalf("sighting %d: counted %d (approximate: %v), want %d to %d", i, n, approx, least, most)
		}
	}
}

// TestTallyOverLimit: a sketch never counts too few, and mostly few too many.
func TestTallyOverLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	y := NewTally(Limits{Span: 24 * time.Hour, Values: 100}, 7)
	exact := map[uint64]int{}
	for range 50_000 {
		value := mix(uint64(r.ExpFloat64() * 1000))
		exact[value]++
		y.Add(value, 1_767_225_600)
	}
	off := 0
	for value, want := range exact {
		n, approx := y.Count(value)
		if n < want || n > want && !approx {
			t.Fatalf("counted %d (approximate: %v), want %d", n, approx, want)
		}
		if n > want+50_000*272/100/countWidth {
			off++
		}
	}
	if off*50 > len(exact) {
		t.Errorf("%d of %d counts are further off than they should", off, len(exact))
	}
	if n, approx := y.Count(mix(1 << 40)); n > 33 || !approx {
		t.Errorf("a value that never came is counted %d times", n)
	}
	if y.Entries() != 100 {
		t.Errorf("%d counts are held", y.Entries())
	}
}

func TestRestoreRefuses(t *testing.T) {
	l := Limits{Span: time.Hour, Values: 10}
	s := NewSeen(l, 7)
	for i := range uint64(30) {
		s.See(mix(i), 1_767_225_600)
	}
	state, err := s.Save(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RestoreSeen(state, l, 7); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]func() error{
		"another mark":    func() error { _, err := RestoreSeen(state, l, 8); return err },
		"another span":    func() error { _, err := RestoreSeen(state, Limits{2 * time.Hour, 10}, 7); return err },
		"another limit":   func() error { _, err := RestoreSeen(state, Limits{time.Hour, 11}, 7); return err },
		"another kind":    func() error { _, err := RestoreTally(state, l, 7); return err },
		"a later version": func() error { _, err := RestoreSeen(append([]byte{9}, state[1:]...), l, 7); return err },
		"nothing":         func() error { _, err := RestoreSeen([]byte{1}, l, 7); return err },
		"cut off":         func() error { _, err := RestoreSeen(state[:len(state)-3], l, 7); return err },
		"no body":         func() error { _, err := RestoreSeen(state[:head], l, 7); return err },
	} {
		if err := bad(); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRestore: whatever the bytes, a memory is refused or works on.
func FuzzRestore(f *testing.F) {
	l := Limits{Span: time.Hour, Values: 10}
	s, y := NewSeen(l, 7), NewTally(l, 7)
	for i := range uint64(30) {
		s.See(mix(i), int64(i)*200)
		y.Add(mix(i%7), int64(i)*200)
	}
	for _, save := range []func(int64) ([]byte, error){s.Save, y.Save} {
		state, err := save(0)
		if err != nil {
			f.Fatal(err)
		}
		r, err := unpack(state, state[1], fingerprint(l, 7))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.body)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := readSeen(&reader{body: body}, l, 7); err == nil {
			s.See(1, 1000)
			s.settle(2000)
			if len(s.last) > l.Values {
				t.Errorf("%d values", len(s.last))
			}
		}
		if y, err := readTally(&reader{body: body}, l, 7); err == nil {
			y.Add(1, 1000)
			y.Count(1)
			y.settle(2000)
			if y.entries > l.Values {
				t.Errorf("%d counts", y.entries)
			}
		}
	})
}
