package processes

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// made returns processes of lines "time pid ppid name [parent name [guid parent-guid]]".
func made(t *testing.T, text string) []Process {
	t.Helper()
	var procs []Process
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		at, err := time.ParseDuration(f[0])
		if err != nil {
			t.Fatal(err)
		}
		p := Process{Group: "h", PID: f[1], ParentPID: strings.Trim(f[2], "-"), Name: f[3], Time: time.Unix(1000, 0).Add(at)}
		if len(f) > 4 && f[4] != "-" {
			p.ParentName, p.HasParentName = f[4], true
		}
		if len(f) > 6 {
			p.GUID, p.ParentGUID = f[5], f[6]
		}
		procs = append(procs, p)
	}
	return procs
}

func paths(f *Forest) []string {
	w := NewPathWriter(f)
	var all []string
	for i := range f.Nodes {
		all = append(all, w.Names(i)+" "+w.Indexes(i))
	}
	return all
}

func TestBuild(t *testing.T) {
	for _, c := range []struct {
		name, in string
		limits   Limits
		want     []string
	}{
		{"a chain, out of order", "3s 30 20 c b\n1s 10 1 a init\n2s 20 10 b a\n", Limits{}, []string{
			"init>a>b>c 00003/00000/00001/00002", "init>a 00003/00000", "init>a>b 00003/00000/00001", "init 00003",
		}},
		{"a pid used again", "1s 10 1 a -\n2s 20 10 x -\n3s 10 1 b -\n4s 30 10 y -\n", Limits{}, []string{
			"unknown>a 00004/00000", "unknown>a>x 00004/00000/00001", "unknown>b 00004/00002", "unknown>b>y 00004/00002/00003", "unknown 00004",
		}},
		{"a pid used again by what was not recorded", "1s 10 1 a init\n4s 30 10 y cmd.exe\n", Limits{}, []string{
			"init>a 00002/00000", "cmd.exe>y 00003/00001", "init 00002", "cmd.exe 00003",
		}},
		{"names in another case, ids in hex", "1s 0x0A 0x1 C:\\A.exe C:\\init\n2s 11 10 y c:\\a.EXE\n", Limits{}, []string{
			"init>a.exe 00002/00000", "init>a.exe>y 00002/00000/00001", "init 00002",
		}},
		{"a parent that comes later", "2s 20 10 b a\n3s 10 1 a init\n", Limits{}, []string{
			"a>b 00002/00000", "init>a 00003/00001", "a 00002", "init 00003",
		}},
		{"a parent that comes later, within the slack", "2s 20 10 b a\n3s 10 1 a init\n", Limits{Slack: time.Second}, []string{
			"init>a>b 00002/00001/00000", "init>a 00002/00001", "init 00002",
		}},
		{"its own parent", "1s 5 5 a a\n2s 5 5 a a\n", Limits{}, []string{
			"a>a 00002/00000", "a>a>a 00002/00000/00001", "a 00002",
		}},
		{"a ring at one time", "1s 5 6 a b\n1s 6 5 b a\n", Limits{}, []string{
			"b>a 00002/00000", "b>a>b 00002/00000/00001", "b 00002",
		}},
		{"no parent at all", "1s 5 - a\n2s 6 5 b\n", Limits{}, []string{"a 00000", "a>b 00000/00001"}},
		{"recorded twice", "1s 5 1 a init\n2s 6 5 b a\n1s 5 1 A init\n", Limits{}, []string{
			"init>a 00002/00000", "init>a>b 00002/00000/00001", "init>a 00002/00000", "init 00002",
		}},
		{"GUIDs before ids", "1s 5 1 a - {A} {0}\n2s 5 1 b - {B} {0}\n3s 6 5 c - {C} {a}\n", Limits{}, []string{
			"unknown>a 00003/00000", "unknown>b 00003/00001", "unknown>a>c 00003/00000/00002", "unknown 00003",
		}},
	} {
		f := Build(made(t, c.in), c.limits)
		if diff := cmp.Diff(c.want, paths(f)); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.name, diff)
		}
	}
}

func TestGroupsAreApart(t *testing.T) {
	procs := made(t, "1s 5 1 a init\n2s 6 5 b a\n")
	procs[1].Group = "other"
	f := Build(procs, Limits{})
	want := []string{"init>a 00001/00000", "a>b 00001/00000", "init 00001", "a 00001"}
	if diff := cmp.Diff(want, paths(f)); diff != "" {
		t.Errorf("- wanted, + got:\n%s", diff)
	}
	if f.ID(2, f.Key(2)) == f.ID(3, f.Key(3)) {
		t.Error("two processes have one id")
	}
}

func TestKey(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 123_455_000, time.UTC)
	long := strings.Repeat("é", 1000)
	procs := []Process{
		{PID: "0x1", Name: "CMD.exe", ParentPID: "7", Time: at},
		{PID: "2", Name: "b", Time: at.Add(10 * time.Microsecond)},
		{PID: "3", Name: long + "1", Time: at},
		{PID: "3", Name: long + "2", Time: at},
	}
	f := Build(procs, Limits{})
	for i, want := range []string{"cmd.exe|0x1|2026-03-04 05:06:07.123460", "b|2|2026-03-04 05:06:07.123460"} {
		if got := f.Key(i); got != want {
			t.Errorf("key %d is %s, want %s", i, got, want)
		}
	}
	if got := f.Key(4); got != "unknown|7|1970-01-01 00:00:00.000000" {
		t.Errorf("an inferred parent has the key %s", got)
	}
	if a, b := f.Key(2), f.Key(3); a == b || len(a) > 600 || f.Cut != 2 {
		t.Errorf("long names: %s, %s, %d cut", a, b, f.Cut)
	}
}

// TestByTime: the order is one of time, and holds every process once.
func TestByTime(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		procs := make([]Process, r.IntN(500))
		none := make([]int32, len(procs))
		for i := range procs {
			procs[i].Time, none[i] = time.Unix(int64(r.IntN(1+r.IntN(300))), 0), None
		}
		order := byTime(procs, none)
		seen := map[int32]bool{}
		for at, i := range order {
			if seen[i] = true; at > 0 && procs[i].Time.Before(procs[order[at-1]].Time) {
				t.Fatalf("%d of %d is out of order", at, len(procs))
			}
		}
		if len(seen) != len(procs) || len(order) != len(procs) {
			t.Fatalf("%d of %d processes", len(seen), len(procs))
		}
	}
}

// naiveParent is what merge_asof does, by looking at every process.
func naiveParent(procs []Process, i int) int {
	best := None
	for j, p := range procs {
		c := procs[i]
		if j == i || p.Group != c.Group || p.PID != c.ParentPID || p.Time.After(c.Time) {
			continue
		}
		if c.HasParentName && !strings.EqualFold(p.Name, c.ParentName) {
			continue
		}
		if best == None || !p.Time.Before(procs[best].Time) {
			best = j
		}
	}
	return best
}

// TestAgainstNaive: random processes of few ids and names at different times
// have the parents that a look at all of them finds.
func TestAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		procs := make([]Process, 1+r.IntN(60))
		for i, at := range r.Perm(len(procs)) {
			procs[i] = Process{
				Group: fmt.Sprint(r.IntN(2)), PID: fmt.Sprint(r.IntN(5)), ParentPID: fmt.Sprint(r.IntN(5)), Time: time.Unix(int64(at), 0),
				Name: string(rune('a' + r.IntN(3))), ParentName: string(rune('A' + r.IntN(3))), HasParentName: r.IntN(2) == 0,
			}
		}
		f := Build(procs, Limits{})
		for i := range procs {
			got := f.Nodes[i].Parent
			if f.Nodes[got].Inferred {
				got = None
			}
			if want := naiveParent(procs, i); got != want {
				t.Fatalf("process %d of %+v: parent %d, want %d", i, procs, got, want)
			}
		}
	}
}

// hostile are inputs that are hard for one way or another to build trees.
var hostile = map[string]func(n int) []Process{
	"one id":     func(n int) []Process { return many(n, func(int) (pid, parent int) { return 1, 1 }) },
	"a chain":    func(n int) []Process { return many(n, func(i int) (pid, parent int) { return i + 1, i }) },
	"a star":     func(n int) []Process { return many(n, func(i int) (pid, parent int) { return i + 1, 1 }) },
	"never seen": func(n int) []Process { return many(n, func(i int) (pid, parent int) { return i, -i - 1 }) },
	"one time":   func(n int) []Process { return sameTime(many(n, func(int) (pid, parent int) { return 1, 1 })) },
	"rings":      func(n int) []Process { return sameTime(many(n, func(i int) (pid, parent int) { return i, i ^ 1 })) },
	"no good pivot": func(n int) []Process {
		procs := many(n, func(i int) (pid, parent int) { return i, i - 1 })
		for i := range n / 2 { // D. Musser, Introspective Sorting, 1997
			procs[i].Time = time.Unix(int64([]int{i + 1, n/2 + i}[i%2]), 0)
			procs[n/2+i].Time = time.Unix(int64(2*i+2), 0)
		}
		return procs
	},
	"one long ring": func(n int) []Process {
		return sameTime(many(n, func(i int) (pid, parent int) { return i, (i + 1) % n }))
	},
}

func many(n int, ids func(i int) (pid, parent int)) []Process {
	procs := make([]Process, n)
	for i := range procs {
		pid, parent := ids(i)
		procs[i] = Process{Group: "h", PID: fmt.Sprint(pid), ParentPID: fmt.Sprint(parent), Name: "a", Time: time.Unix(int64(i), 0)}
	}
	return procs
}

func sameTime(procs []Process) []Process {
	for i := range procs {
		procs[i].Name = fmt.Sprint(i)
		procs[i].Time = time.Unix(0, 0)
	}
	return procs
}

// TestHostile does not end in any time if one of them costs more than linear
// time, but for the sorting; BenchmarkBuild tells how much a process costs.
func TestHostile(t *testing.T) {
	for name, make := range hostile {
		procs := make(100_000)
		f := Build(procs, Limits{Slack: time.Second})
		w := NewPathWriter(f)
		bytes := 0
		for i := range f.Nodes {
			node := &f.Nodes[i]
			if node.Parent == i || node.Root < 0 || f.Nodes[node.Root].Parent != None {
				t.Fatalf("%s: node %d is %+v", name, i, *node)
			}
			bytes += len(w.Names(i)) + len(w.Indexes(i)) + len(f.Key(i))
		}
		if most := 1000 * len(f.Nodes); bytes > most {
			t.Errorf("%s: %d bytes, more than %d", name, bytes, most)
		}
	}
}
