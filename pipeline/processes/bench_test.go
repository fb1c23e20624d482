package processes

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"
)

// day makes the processes of a host: ids of 16 bits, a few hundred programs,
// parents among the recent ones.
func day(n int) []Process {
	r := rand.New(rand.NewPCG(3, 4))
	procs := make([]Process, n)
	for i := range procs {
		parent := &procs[max(0, i-1-r.IntN(200))]
		procs[i] = Process{
			Group: "ws1.example", PID: fmt.Sprintf("0x%x", 4*r.IntN(1<<14)), Name: fmt.Sprintf(`C:\Windows\System32\tool%d.exe`, r.IntN(300)),
			ParentPID: parent.PID, ParentName: parent.Name, HasParentName: true, Time: time.Unix(1767225600, int64(i)*7e6),
		}
	}
	return procs
}

func BenchmarkBuild(b *testing.B) {
	procs := day(100_000)
	b.Run("huntd", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := Build(procs, Limits{})
			w := NewPathWriter(f)
			for i := range f.Nodes {
				_, _, _ = f.Key(i), w.Names(i), w.Indexes(i)
			}
		}
		b.ReportMetric(float64(b.N*len(procs))/b.Elapsed().Seconds(), "processes/s")
	})
	b.Run("naive", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			naivePaths(procs)
		}
		b.ReportMetric(float64(b.N*len(procs))/b.Elapsed().Seconds(), "processes/s")
	})
}

// naivePaths does what comes to mind first: sort, remember the last process of
// each id and name, hang paths on paths.
func naivePaths(procs []Process) (names, indexes, keys []string) {
	order := make([]int, len(procs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return procs[order[a]].Time.Before(procs[order[b]].Time) })
	names, indexes, keys = make([]string, len(procs)), make([]string, len(procs)), make([]string, len(procs))
	last := map[string]int{}
	for at, i := range order {
		p := procs[i]
		base := p.Name[strings.LastIndex(p.Name, `\`)+1:]
		keys[i] = fmt.Sprintf("%s|%s|%s", strings.ToLower(p.Name), p.PID, p.Time.UTC().Format(keyTime))
		names[i], indexes[i] = base, fmt.Sprintf("%05d", at)
		if parent, ok := last[p.Group+"|"+p.ParentPID+"|"+strings.ToLower(p.ParentName)]; ok {
			names[i], indexes[i] = names[parent]+">"+base, indexes[parent]+"/"+indexes[i]
		}
		last[p.Group+"|"+p.PID+"|"+strings.ToLower(p.Name)] = i
	}
	return names, indexes, keys
}
