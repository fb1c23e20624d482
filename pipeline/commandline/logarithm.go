package commandline

import "math"

// log10 returns the decimal logarithm of n as C's libraries give it, 0 for
// n < 1. [math.Log10] differs in the last bit for many numbers, and a figure
// that differs by a bit is another figure to a join.
//
// With n = m·2^k and 1 ≤ m < 2 it is k·lg 2 + lg e·ln m, put together from a
// rounded logarithm and lg 2 in two parts, as in Sun's fdlibm (e_log10.c, 1993),
// whose rounding errors it shares.
func log10(n int) float64 {
	if n < 1 {
		return 0
	}
	m, exp := math.Frexp(float64(n))
	k := float64(exp - 1)
	const (
		lge    = 4.34294481903251816668e-01
		lg2Hi  = 3.01029995663611771306e-01
		lg2Low = 3.69423907715893078616e-13
	)
	small := float64(k * lg2Low) // the conversions forbid a fused addition
	return float64(small+float64(lge*ln(2*m))) + float64(k*lg2Hi)
}

// ln returns the natural logarithm of m, 1 ≤ m < 2, rounded to the nearest but
// for a case in thousands: 2(s + s³/3 + s⁵/5 + …) with s = (m-1)/(m+1). What weighs is
// kept as a sum of two numbers (T. J. Dekker, 1971). Above √2 half of m is taken.
func ln(m float64) float64 {
	twice := 0.0
	if m > math.Sqrt2 {
		m, twice = m/2, 1
	}
	s := pair{m - 1, 0}.over(pair{m + 1, 0})
	sq := s.times(s)
	rest := 0.0
	for k := 35; k >= 7; k -= 2 {
		rest = rest*sq.hi + 1/float64(k)
	}
	series := pair{0.2, -1.1102230246251566e-17}.plus(sq.times(pair{rest, 0}))
	series = pair{1.0 / 3, 1.850371707708594e-17}.plus(sq.times(series))
	series = pair{1, 0}.plus(sq.times(series))
	y := pair{2, 0}.times(s.times(series)).plus(pair{twice, 0}.times(pair{math.Ln2, 2.3190468138462996e-17}))
	return y.hi
}

// A pair is the sum of two numbers, the second below the last bit of the first.
type pair struct{ hi, lo float64 }

func (a pair) plus(b pair) pair {
	sum := a.hi + b.hi
	part := sum - a.hi
	err := (a.hi - (sum - part)) + (b.hi - part) + a.lo + b.lo
	hi := sum + err
	return pair{hi, err - (hi - sum)}
}

func (a pair) times(b pair) pair {
	product := float64(a.hi * b.hi)
	err := math.FMA(a.hi, b.hi, -product) + a.hi*b.lo + a.lo*b.hi
	hi := product + err
	return pair{hi, err - (hi - product)}
}

func (a pair) over(b pair) pair {
	q := a.hi / b.hi
	rest := math.FMA(-q, b.hi, a.hi) + a.lo - q*b.lo
	return pair{q, rest / b.hi}
}
