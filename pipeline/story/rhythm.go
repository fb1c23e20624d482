package story

import "sort"

const (
	second int64 = 1000 // ms
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

// officeHours weighs the hours of the day by what people do: they come from
// seven on, have lunch at noon, and a few stay late. Machines alone make the
// nights.
func officeHours() [24]int64 {
	return [24]int64{
		2, 2, 2, 2, 2, 3, 8, 35, 85, 100, 100, 90,
		45, 75, 100, 95, 85, 60, 25, 12, 8, 6, 4, 3,
	}
}

// A rhythm deals moments over a span of time, more of them in busy hours.
type rhythm struct {
	starts, ends []int64 // of each clock hour within the span
	upto         []int64 // weight of all hours to this one, included
}

func newRhythm(from, to int64, hours [24]int64) *rhythm {
	r := &rhythm{}
	var sum int64
	for start := from; start < to; {
		end := min(to, (start/hour+1)*hour)
		sum += (end - start) / second * hours[start/hour%24]
		r.starts = append(r.starts, start)
		r.ends = append(r.ends, end)
		r.upto = append(r.upto, sum)
		start = end
	}
	return r
}

// moment returns a moment of the span.
func (r *rhythm) moment(d dice) int64 {
	n := d.Int64N(r.upto[len(r.upto)-1])
	i := sort.Search(len(r.upto), func(i int) bool { return r.upto[i] > n })
	return r.starts[i] + d.Int64N(r.ends[i]-r.starts[i])
}
