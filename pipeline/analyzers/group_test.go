package analyzers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func TestGroupMistakes(t *testing.T) {
	for _, c := range []struct{ stats, want string }{
		{`[summ(bytes)]`, `"summ(bytes)": there is no summ: did you mean sum?`},
		{`[frobnicate(bytes)]`, `there is no frobnicate: there are count, dc, values`},
		{`[sum]`, `"sum" wants a field, such as sum(bytes)`},
		{`[count()]`, `"count()" wants a field`},
		{`[p101(bytes)]`, `a percentile lies between p0 and p100`},
		{`[sum95(bytes)]`, `only p takes a number behind it`},
		{`["=2"]`, `"=2" is no figure`},
		{`[sum(a) as x, dc(b) as x]`, `two fields would be called x`},
		{`[sum(a) as u]`, `two fields would be called u`},
	} {
		node, err := configs.ParseBytes("p.yaml", []byte("- group: { by: [u], stats: "+c.stats+" }\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(node, pipeline.NewDict()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.stats, err, c.want)
		}
	}
}

// TestLogSketch: quantiles of a sketch are within 1% of the exact ones.
func TestLogSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() float64{
		"normal":    func() float64 { return r.NormFloat64() * 1e6 },
		"lognormal": func() float64 { return math.Exp(r.NormFloat64() * 5) },
		"mixed": func() float64 {
			return []float64{0, -1, 1e-12, r.Float64(), -r.ExpFloat64() * 1e9}[r.IntN(5)]
		},
	} {
		values := make([]float64, 20_000)
		for i := range values {
			values[i] = draw()
		}
		s := newLogSketch(values, &statisticBudget{values: 1e6})
		slices.Sort(values)
		for _, at := range []float64{0, 0.01, 0.25, 0.5, 0.9, 0.999, 1} {
			want, got := values[nearestRank(at, len(values))], s.quantile(at)
			if math.Abs(got-want) > 0.0101*math.Abs(want)+1e-9 {
				t.Errorf("%s: quantile %v is %v, want %v", name, at, got, want)
			}
		}
		if buckets := len(s.pos) + len(s.neg); buckets > 6500 {
			t.Errorf("%s: %d buckets", name, buckets)
		}
	}
}

// TestGroupBounds: what does not fit is counted, and percentiles go on.
func TestGroupBounds(t *testing.T) {
	var in strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&in, "{\"k\":\"%d\",\"n\":\"%d\"}\n", n%3, n)
	}
	out, notes := runCounted(t, "- group: { stats: [dc(n), p50(n)], max_values: 100 }\n", in.String())
	if want := `{"dc_n":"50","p50_n":`; !strings.HasPrefix(out, want) {
		t.Errorf("got %s, want %s…", out, want)
	}
	if notes["group.values_over"] < 950 || notes["group.approximate"] != 1 {
		t.Errorf("counted: %v", notes)
	}
	if _, notes := runCounted(t, "- group: { by: [k], max_groups: 2 }\n", in.String()); notes["group.groups_over"] != 333 {
		t.Errorf("counted: %v", notes)
	}
	if _, notes := runCounted(t, "- group: { by: [gone], stats: [sum(k)] }\n- group: {}\n", in.String()); notes["group.without_fields"] != 1000 {
		t.Errorf("counted: %v", notes)
	}
}

// TestNearestRank: as the percentiles of Splunk for few values.
func TestNearestRank(t *testing.T) {
	for _, c := range []struct {
		at      float64
		n, want int
	}{{0, 5, 0}, {0.5, 4, 1}, {0.5, 5, 2}, {0.9, 10, 8}, {0.95, 10, 9}, {1, 3, 2}, {0.3, 10, 2}, {0.999, 1, 0}} {
		if got := nearestRank(c.at, c.n); got != c.want {
			t.Errorf("p%v of %d values is the %dth, want the %dth", c.at*100, c.n, got, c.want)
		}
	}
}
