package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// A table is measurements of one kind.
type table struct {
	title   string
	columns []string
	row     func(workload, []result) []string
	cases   []workload
}

func (t table) heading() string {
	return fmt.Sprintf("\n### %s\n\n| %s | load before |\n|%s\n", t.title, strings.Join(t.columns, " | "), strings.Repeat(" --- |", len(t.columns)+1))
}

// conditions says what was measured on.
func conditions(out io.Writer, o options, server string) {
	if server == "" {
		server = "none"
	}
	fmt.Fprintf(out, "Of the engine, on %s, %d processors, %s/%s, %s; PostgreSQL: %s; %s.\n",
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), server, time.Now().UTC().Format(time.DateOnly))
	if o.short {
		fmt.Fprintln(out, "\nThe short form: its figures mean nothing.")
	}
}

func throughputRow(w workload, results []result) []string {
	runs, perSecond, cpu, percent, rss := 0, 0.0, time.Duration(0), 0.0, int64(0)
	for _, r := range results {
		runs += r.Runs
		perSecond += float64(r.Runs) / r.Wall.Seconds()
		cpu += r.CPU
		percent += share(r)
		rss = max(rss, r.RSS)
	}
	return []string{
		stateName(w), fmt.Sprintf("%d × %d", w.Daemons, w.Workers), fmt.Sprintf("%.0f", perSecond),
		milliseconds(cpu / time.Duration(max(runs, 1))), percentage(percent), megabytes(rss),
	}
}

func latenessRow(w workload, results []result) []string {
	r, due := results[0], "all at once"
	if w.Jitter > 0 {
		due = "spread"
	}
	return []string{
		stateName(w), fmt.Sprintf("%d a %s, %s", w.Hunts, short(w.period()), due), fmt.Sprintf("%d of %d", r.Runs, r.Due),
		r.Planned.String(), r.Searched.String(), percentage(share(r)), megabytes(r.RSS),
	}
}

func idleRow(w workload, results []result) []string {
	r := results[0]
	waits := w.Waits
	if waits == "" {
		waits = "nothing is due"
	}
	written := fmt.Sprintf("%.1f kB/s", float64(r.Written)/1000/r.Wall.Seconds())
	return []string{stateName(w), fmt.Sprint(w.Hunts), waits, percentage(share(r)), written, megabytes(r.RSS)}
}

func stateName(w workload) string {
	if w.postgres {
		return "PostgreSQL"
	}
	return "SQLite, synchronous=FULL"
}

// share is how much of one processor a daemon used, in percent.
func share(r result) float64 { return 100 * r.CPU.Seconds() / r.Wall.Seconds() }

func (s spans) String() string {
	return milliseconds(s.P50) + " / " + milliseconds(s.P99) + " / " + milliseconds(s.Max)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.*f ms", decimals(d), float64(d)/float64(time.Millisecond))
}

func decimals(d time.Duration) int {
	if d < 10*time.Millisecond {
		return 1
	}
	return 0
}

func percentage(p float64) string { return fmt.Sprintf("%.2f %%", p) }

func megabytes(n int64) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}

// short is a duration without its zeros.
func short(d time.Duration) string {
	return strings.TrimSuffix(d.String(), "m0s") + strings.Repeat("m", strings.Count(d.String(), "m0s"))
}

// processor is the machine's, as Linux names it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// loadAverage is how many processes wanted to run in the last minute, as Linux
// tells.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "-"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// resident is how much memory the process has, as Linux tells; 0 elsewhere.
// written is how many bytes the process has made the system write; 0 if that does
// not tell.
func written() int64 {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var n int64
		if _, err := fmt.Sscanf(line, "write_bytes: %d", &n); err == nil {
			return n
		}
	}
	return 0
}

func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
