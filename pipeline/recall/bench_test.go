package recall

import (
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkSee measures a look at a memory that is twice as full as it can hold.
func BenchmarkSee(b *testing.B) {
	s := NewSeen(Limits{Span: 30 * 24 * time.Hour, Values: 40_000}, 7)
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		s.See(mix(r.Uint64N(80_000)), 1_767_225_600)
	}
}

// BenchmarkSave measures what a window of a hunt pays for a full memory.
func BenchmarkSave(b *testing.B) {
	l := Limits{Span: 30 * 24 * time.Hour, Values: 40_000}
	s := NewSeen(l, 7)
	for i := range uint64(80_000) {
		s.See(mix(i), 1_767_225_600+int64(i)*30)
	}
	for b.Loop() {
		state, err := s.Save(0)
		if err != nil {
			b.Fatal(err)
		}
		if s, err = RestoreSeen(state, l, 7); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(state)), "state-bytes")
	}
}
